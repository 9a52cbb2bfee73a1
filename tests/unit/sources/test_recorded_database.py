"""What Prometheus recorded of a Postgres, and nothing that it did not."""

from datetime import UTC, datetime

from advisor.model.signal import Measured, signal
from advisor.sources.prometheus.recorded_database import recorded_database

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_connections_that_were_counted_are_not_taken_for_active_ones() -> None:
    signals = {
        signal("postgres.connections", database="shop"): Measured(value=28.0, at=NOON),
        signal("postgres.max_connections"): Measured(value=100.0, at=NOON),
    }
    activity = recorded_database("main", signals, NOON, 60.0)["main"].activity
    assert activity.total == 28
    assert (activity.active, activity.idle_in_transaction, activity.on_cpu) == (None, None, None)
    assert (activity.longest_query_seconds, activity.longest_idle_in_transaction_seconds) == (None, None)
