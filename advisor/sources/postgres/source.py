"""One Postgres database as a source: takes a look, and gives what changed since an earlier one."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from statistics import fmean

from advisor.clients.postgres import shown_dsn
from advisor.model.database.maintenance import TableMaintenance
from advisor.model.database.workload import DatabaseState, LoggedStatement, Statement, StatementWindow
from advisor.model.signal import Series, SignalKey, series_of
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.clock import Clock
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.bloat import BloatReader
from advisor.sources.postgres.look import (
    LookHistory,
    RawLook,
    index_scan_differences,
    statement_differences,
    table_differences,
)
from advisor.sources.postgres.reading import take_look
from advisor.sources.postgres.replicas import ReplicaReader
from advisor.sources.postgres.seen_constants import SeenConstants
from advisor.sources.postgres.session import read_only_session
from advisor.sources.postgres.skipped import SkippedReader
from advisor.sources.postgres.slow_log import SlowLogReader

_MEAN, _CALLS = "query.mean_seconds", "query.calls_per_second"


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
        self._bloat = BloatReader(settings.bloat_interval_seconds, settings.bloat_seconds, clock)
        self._slow_log = SlowLogReader(settings.slow_log) if settings.slow_log else None
        self._replicas = ReplicaReader(settings.replica_dsns, settings.timeout_seconds, clock)
        self._unreadable = SkippedReader()
        self._constants = SeenConstants()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return f"postgres:{self._settings.name}"

    def read(self, window_seconds: float) -> Observation:
        """The database now, with differences over about `window_seconds`. Raises as `read_only_session`."""
        return self._read(window_seconds, is_kept=True)

    def glance(self, window_seconds: float) -> Observation:
        """As `read`; the looks that others are compared with, and that a trial is judged on, stay as they are."""
        return self._read(window_seconds, is_kept=False)

    def _read(self, window_seconds: float, *, is_kept: bool) -> Observation:
        at = self._clock.now()
        logged: tuple[LoggedStatement, ...] = ()
        log_problem = ""
        with read_only_session(self._dsn, self._settings.timeout_seconds) as session:
            new = take_look(session, at, self._bloat)
            running = [row["text"] for row in session.rows("running_texts")]
            if self._slow_log is not None:
                logged, log_problem = self._slow_log.read(session, new.server_version, at, window_seconds)
        new, replica_problem = self._replicas.joined(new)
        with self._lock:
            old = self._history.before(new, window_seconds)
            if is_kept:
                self._history.add(new)
            look = self._difference(new, old, logged)
            statements = self._constants.completed(look.statements, (*running, *(one.text for one in logged)))
        look = replace(look, statements=statements)
        skipped = (*new.skipped, *new.unseen, *(problem for problem in (log_problem, replica_problem) if problem))
        status = SourceStatus.DEGRADED if skipped else SourceStatus.OK
        return Observation(databases={look.name: look}, status=status, detail="; ".join(skipped))

    def with_seen_constants(self, statements: Sequence[Statement]) -> tuple[Statement, ...]:
        """Statements of an earlier look, with what was seen of them since."""
        with self._lock:
            return self._constants.completed(statements)

    def serves(self, key: SignalKey) -> bool:
        """Whether this source has the samples of `key`."""
        known = key.name in (_MEAN, _CALLS) or key.name in _GAUGES
        return known and key.label("database") == self._settings.name

    def series(self, key: SignalKey, start: datetime, end: datetime) -> Series:
        """One point for each look in [start, end); for a statement one for each pair of neighbours.

        A mean needs a call; a pair in which the statement was not called has no mean. The looks are this process's own.
        """
        return replace(self._series(key, start, end), is_passing=True)

    def _series(self, key: SignalKey, start: datetime, end: datetime) -> Series:
        with self._lock:
            looks = self._history.between(start, end)
        if key.name in _GAUGES:
            points = [(look.at, value) for look in looks if (value := _GAUGES[key.name](look, key)) is not None]
            return series_of(points) if points else Series(problem=f"no look in the window shows {key}")
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

    def statements(self, database: str, start: datetime, end: datetime) -> StatementWindow | None:
        """Implements StatementReader for this database."""
        if database != self._settings.name:
            return None
        with self._lock:
            looks = self._history.between(start, end)
        if len(looks) < 2:
            return None
        return StatementWindow(
            seconds=(looks[-1].at - looks[0].at).total_seconds(),
            statements=statement_differences(looks[-1], looks[0]),
            longest_running_seconds=max(look.activity.longest_query_seconds or 0.0 for look in looks),
            index_scans=index_scan_differences(looks[-1], looks[0]),
        )

    def _difference(self, new: RawLook, old: RawLook | None, logged: tuple[LoggedStatement, ...]) -> DatabaseState:
        looks = [*self._history.between(old.at, new.at), new] if old is not None else [new]
        statements = statement_differences(new, old)
        window = (new.at - old.at).total_seconds() if old is not None else new.since_reset_seconds
        return DatabaseState(
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
            statements=statements,
            tables=table_differences(new, old),
            other_relations=new.other_relations,
            indexes=new.indexes,
            activity=new.activity,
            skipped=new.skipped,
            sees_everybody=new.sees_everybody,
            hidden_statements=new.hidden_statements,
            skipped_statements=self._unreadable.among(statements),
            logged=logged,
            maintenance=new.maintenance,
            bloat=new.bloat,
            transactions=new.transactions,
            foreign_keys=new.foreign_keys,
            ages=new.ages,
            vacuum=new.vacuum,
            cpu_cores=self._settings.cpu_cores,
            on_cpu_mean=fmean(look.activity.on_cpu or 0 for look in looks),
            activity_looks=len(looks),
            tables_window_seconds=new.tables_since_seconds if old is None else None,
        )


def _dead_ratio(look: RawLook, key: SignalKey) -> float | None:
    found = _maintenance(look, key)
    return found.dead_ratio if found else None


def _changed_ratio(look: RawLook, key: SignalKey) -> float | None:
    found = _maintenance(look, key)
    return found.changed_ratio if found else None


def _maintenance(look: RawLook, key: SignalKey) -> TableMaintenance | None:
    wanted = (key.label("schema"), key.label("table"))
    return next((found for found in look.maintenance if (found.schema, found.table) == wanted), None)


def _index_size(look: RawLook, key: SignalKey) -> float | None:
    wanted = (key.label("schema"), key.label("index"))
    return next((float(found.size_bytes) for found in look.indexes if (found.schema, found.name) == wanted), None)


_GAUGES: Mapping[str, Callable[[RawLook, SignalKey], float | None]] = {
    "table.dead_ratio": _dead_ratio,
    "table.changed_ratio": _changed_ratio,
    "index.size_bytes": _index_size,
}
"""Signals that a single look shows. Labels: database, schema, and table or index."""
