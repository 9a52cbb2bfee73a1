"""One Postgres database as a source: takes a look, and gives what changed since an earlier one."""

import threading
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from psycopg import sql

from advisor.model.signal import Series, SignalKey, series_of
from advisor.model.snapshot import Observation, SourceStatus
from advisor.model.workload import Activity, DatabaseLook, Index, Table
from advisor.ports import Clock
from advisor.settings.connections import PostgresSettings
from advisor.sources.postgres.look import (
    LookHistory,
    RawLook,
    RawStatement,
    statement_differences,
    table_differences,
)
from advisor.sources.postgres.privileges import UNUSABLE, hidden_from, unusable
from advisor.sources.postgres.session import Session, read_only_session, shown_dsn

_MEAN, _CALLS = "query.mean_seconds", "query.calls_per_second"
_HIDDEN = "<insufficient privilege>"
_ADD_EXTENSION = "shared_preload_libraries = 'pg_stat_statements', then CREATE EXTENSION pg_stat_statements"


class PostgresSource:
    """Implements Source, and gives the samples of single statements from its own looks."""

    def __init__(self, settings: PostgresSettings, clock: Clock) -> None:
        """Raises ConfigurationError when the connection string cannot be read."""
        if settings.dsn is None:
            raise ValueError("a PostgresSource needs a dsn")
        shown_dsn(settings.dsn)
        self._dsn = settings.dsn
        self._settings = settings
        self._clock = clock
        self._history = LookHistory()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return f"postgres:{self._settings.name}"

    def read(self, window_seconds: float) -> Observation:
        """The database now, with differences over about `window_seconds`. Raises as `read_only_session`."""
        with read_only_session(self._dsn, self._settings.timeout_seconds) as session:
            new = take_look(session, self._clock.now())
        with self._lock:
            old = self._history.before(new, window_seconds)
            self._history.add(new)
        look = self._difference(new, old)
        status = SourceStatus.DEGRADED if new.skipped else SourceStatus.OK
        return Observation(databases={look.name: look}, status=status, detail="; ".join(new.skipped))

    def serves(self, key: SignalKey) -> bool:
        """Whether this source has the samples of `key`."""
        return key.name in (_MEAN, _CALLS) and key.label("database") == self._settings.name

    def series(self, key: SignalKey, start: datetime, end: datetime) -> Series:
        """One point for each pair of neighbouring looks in [start, end), at the later one's time.

        A mean needs a call; a pair in which the statement was not called has no mean.
        """
        with self._lock:
            looks = self._history.between(start, end)
        if len(looks) < 2:
            return Series(problem="fewer than two looks at pg_stat_statements in the window")
        points = []
        for old, new in pairwise(looks):
            found = next((s for s in statement_differences(new, old) if s.queryid == key.label("queryid")), None)
            seconds = (new.at - old.at).total_seconds()
            if key.name == _CALLS:
                points.append((new.at, found.calls / seconds if found else 0.0))
            elif found is not None:
                points.append((new.at, found.mean_seconds))
        return series_of(points) if points else Series(problem="the statement was not called in the window")

    def _difference(self, new: RawLook, old: RawLook | None) -> DatabaseLook:
        window = (new.at - old.at).total_seconds() if old is not None else new.since_reset_seconds
        return DatabaseLook(
            name=self._settings.name,
            taken_at=new.at,
            window_seconds=window,
            is_first_look=old is None,
            server_version=new.server_version,
            is_in_recovery=new.is_in_recovery,
            max_connections=new.max_connections,
            reserved_connections=new.reserved_connections,
            has_statements=new.has_statements,
            has_hypopg=new.has_hypopg,
            statements=statement_differences(new, old),
            tables=table_differences(new, old),
            indexes=new.indexes,
            activity=new.activity,
            skipped=new.skipped,
        )


def take_look(session: Session, at: datetime) -> RawLook:
    """Read everything once."""
    server = session.row("server")
    extensions = {row["name"]: row["schema"] for row in session.rows("extensions")}
    skipped = []
    statements: Mapping[str, RawStatement] = {}
    since_reset = server["since_reset_seconds"] if server["since_reset_seconds"] >= 0 else server["up_seconds"]
    schema = extensions.get("pg_stat_statements")
    if schema is None:
        skipped.append(f"pg_stat_statements is not installed: {_ADD_EXTENSION}")
    else:
        try:
            statements, since_reset = _statements(session, schema, since_reset)
        except UNUSABLE as error:
            skipped.append(unusable(error, schema, server))
            schema = None
    if hidden := hidden_from(server):
        skipped.append(hidden)
    return RawLook(
        at=at,
        since_reset_seconds=since_reset,
        server_version=server["version"],
        is_in_recovery=server["is_in_recovery"],
        max_connections=server["max_connections"],
        reserved_connections=server["reserved_connections"],
        has_statements=schema is not None,
        has_hypopg="hypopg" in extensions,
        statements=statements,
        tables=tuple(Table(**row) for row in session.rows("tables")),
        indexes=tuple(Index(**{**row, "columns": tuple(row["columns"])}) for row in session.rows("indexes")),
        activity=_activity(session),
        skipped=tuple(skipped),
    )


def _statements(session: Session, schema: str, since_start: float) -> tuple[dict[str, RawStatement], float]:
    """The statements by id, less those hidden from this role, and the seconds since their reset."""
    columns = {row["name"] for row in session.rows("columns_of_statements", {"schema": schema})}
    where = sql.Identifier(schema)
    total = sql.Identifier("total_exec_time" if "total_exec_time" in columns else "total_time")
    toplevel: sql.Composable = sql.SQL("toplevel") if "toplevel" in columns else sql.SQL("true")
    rows = session.rows("statements", schema=where, total_time=total, toplevel=toplevel)
    # The view that tells the reset came with the column toplevel, in version 1.9.
    reset = session.rows("statements_reset", schema=where)[0]["seconds"] if "toplevel" in columns else None
    shown = [row for row in rows if row["text"] and row["text"] != _HIDDEN]
    found = {
        row["queryid"]: RawStatement(
            text=row["text"],
            calls=row["calls"],
            total_seconds=row["total_ms"] / 1000,
            rows=row["rows"],
            blocks_hit=row["blocks_hit"],
            blocks_read=row["blocks_read"],
        )
        for row in shown
    }
    return found, reset if reset is not None else since_start


def _activity(session: Session) -> Activity:
    by_application = {row["name"]: row["connections"] for row in session.rows("applications")}
    return Activity(**session.row("activity"), by_application=by_application)
