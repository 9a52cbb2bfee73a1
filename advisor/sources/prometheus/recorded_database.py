"""The little that Prometheus recorded of a Postgres: how many connections there were, and how many there may be."""

from collections.abc import Mapping
from datetime import datetime

from advisor.model.database.workload import Activity, DatabaseState
from advisor.model.signal import Measured, Reading, SignalKey, signal

_MAX_CONNECTIONS = signal("postgres.max_connections")
_RESERVED = 3
"""superuser_reserved_connections, as Postgres sets it when nobody else does; exporters do not show it."""


def recorded_database(
    name: str, signals: Mapping[SignalKey, Reading], at: datetime, window_seconds: float
) -> Mapping[str, DatabaseState]:
    """One look by its name, without statements, tables and indexes; empty where connections were not recorded."""
    most = signals.get(_MAX_CONNECTIONS)
    used = [
        one.value for key, one in signals.items() if key.name == "postgres.connections" and isinstance(one, Measured)
    ]
    if not isinstance(most, Measured) or not used:
        return {}
    look = DatabaseState(
        name=name,
        taken_at=at,
        window_seconds=window_seconds,
        is_first_look=False,
        server_version=0,
        is_in_recovery=False,
        max_connections=round(most.value),
        reserved_connections=_RESERVED,
        has_statements=False,
        has_hypopg=False,
        statements=(),
        tables=(),
        indexes=(),
        activity=Activity(total=round(sum(used))),
        skipped=("all but the connections: Prometheus does not record it",),
    )
    return {name: look}
