"""The points of a trial come from whoever has them; what nobody has carries its problem."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from advisor.model.errors import SourceUnavailableError
from advisor.model.signal import Series, SignalKey, signal
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.source import PostgresSource
from advisor.sources.samples import CombinedSamples
from advisor.testing.clock import FakeClock
from advisor.testing.samples import FakeSamples

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
END = NOON + timedelta(minutes=1)
MEAN = signal("query.mean_seconds", database="main", queryid="7")
WAIT = signal("pool.wait_mean_seconds", app="shop")


class Asked(FakeSamples):
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[SignalKey] = []
        self.functions = {WAIT: lambda at: 0.1}

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        self.keys += signals
        return super().series(signals, start, end)


def database() -> PostgresSource:
    """One that took no look yet; nothing is connected to before the first."""
    return PostgresSource(PostgresSettings(dsn=SecretStr("postgresql://nobody@127.0.0.1:1/x")), FakeClock())


def test_statements_come_from_the_database_and_the_rest_from_prometheus() -> None:
    prometheus = Asked()
    found = CombinedSamples(prometheus, [database()]).series([MEAN, WAIT], NOON, END)
    assert prometheus.keys == [WAIT]
    assert found[WAIT].values == [0.1] * 6
    assert found[MEAN].problem.startswith("fewer than two looks")


def test_without_prometheus_its_signals_have_a_problem_and_are_not_left_out() -> None:
    found = CombinedSamples(None, [database()]).series([MEAN, WAIT], NOON, END)
    assert found[WAIT].problem == "no Prometheus is configured"
    assert set(found) == {MEAN, WAIT}


def test_a_database_nobody_knows_is_asked_of_prometheus() -> None:
    prometheus = Asked()
    other = signal("query.mean_seconds", database="other", queryid="7")
    assert CombinedSamples(prometheus, [database()]).series([other], NOON, END)[other].problem


def test_a_silent_prometheus_is_an_error_unless_nobody_asks_it() -> None:
    prometheus = Asked()
    prometheus.down = True
    combined = CombinedSamples(prometheus, [database()])
    with pytest.raises(SourceUnavailableError):
        combined.series([MEAN, WAIT], NOON, END)
    assert set(combined.series([MEAN], NOON, END)) == {MEAN}
