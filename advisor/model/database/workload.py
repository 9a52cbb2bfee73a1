"""What a look at a Postgres or a Redis shows. Counters are differences over `window_seconds`, never raw totals."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.database.maintenance import (
    Bloat,
    DatabaseAge,
    ForeignKey,
    OpenTransaction,
    TableMaintenance,
    VacuumSettings,
)
from advisor.model.database.writes import WriteRates

_LATER = 1.1
"""Counters that began so much earlier than others do not speak of the same time."""
_SHORTEST_SECONDS = 60.0
"""Totals of less hold what sessions did before and told late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One normalised statement of pg_stat_statements over a window.

    squared_seconds: sum of the squares of the calls' times, None where it is not known. temp_blocks: read and written.
    seen_text: with the constants that its expressions of columns had in one call, "" when none was seen.
    search_paths: of the roles that ran it, as their settings have them; a session may have set another.
    """

    queryid: str
    text: str
    calls: int
    total_seconds: float
    mean_seconds: float
    rows: int
    shared_blocks_hit: int = 0
    shared_blocks_read: int = 0
    squared_seconds: float | None = None
    plan_seconds: float = 0.0
    temp_blocks: int = 0
    search_paths: tuple[tuple[str, ...], ...] = ()
    seen_text: str = ""

    @property
    def stddev_seconds(self) -> float | None:
        """Standard deviation of the window's calls (population); None where squares are not known."""
        if self.squared_seconds is None or self.calls <= 0:
            return None
        return math.sqrt(max(0.0, self.squared_seconds / self.calls - self.mean_seconds**2))

    @property
    def rows_per_call(self) -> float:
        return self.rows / self.calls if self.calls > 0 else 0.0

    def calls_per_second(self, window_seconds: float) -> float:
        return self.calls / window_seconds if window_seconds > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWindow:
    """What statements did over `seconds`. longest_running_seconds: the longest that any of them was seen to run.

    index_scans: by name, schema included, how often an index was read; none of what the looks do not know.
    """

    seconds: float
    statements: tuple[Statement, ...]
    longest_running_seconds: float = 0.0
    index_scans: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedStatement:
    """A statement that no rule can judge, and why: cut short, a utility command, hidden, not readable."""

    queryid: str
    text: str
    calls: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedStatement:
    """Executions of one shape in the slow-query log over a window. text: of the slowest one, constants included."""

    fingerprint: str
    text: str
    count: int
    total_seconds: float
    longest_seconds: float
    last_at: datetime
    application: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One ordinary table. `rows` is the planner's estimate, -1 when the table was never analysed.

    rows_hot_updated: of the updated rows those whose update touched no index.
    """

    schema: str
    name: str
    rows: float
    size_bytes: int
    sequential_scans: int
    sequential_rows_read: int
    index_scans: int
    rows_inserted: int
    rows_updated: int
    rows_deleted: int
    rows_hot_updated: int = 0

    @property
    def writes(self) -> int:
        return self.rows_inserted + self.rows_updated + self.rows_deleted

    def rates(self, seconds: float) -> WriteRates:
        """seconds: over which its counters counted."""
        return WriteRates(
            inserted=self.rows_inserted / seconds,
            updated=self.rows_updated / seconds,
            hot=self.rows_hot_updated / seconds,
            deleted=self.rows_deleted / seconds,
            scans=(self.sequential_scans + self.index_scans) / seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index as it stands in the catalogue; `columns` are names, or expressions in parentheses.

    is_replica_identity: logical replication finds rows by it. is_part: it belongs to a partitioned one.
    is_being_built: at this moment, and so not valid yet. is_ours: it bears the mark of the knob that built it.
    idle_seconds: for how long it is known that nobody has read it, on any server; None where that cannot be told, as
    on a replica, or where one streams from here that nobody has named.
    """

    schema: str
    table: str
    name: str
    definition: str
    columns: tuple[str, ...]
    size_bytes: int
    scans: int
    is_valid: bool
    is_unique: bool
    backs_constraint: bool
    is_replica_identity: bool = False
    is_part: bool = False
    is_being_built: bool = False
    is_ours: bool = False
    idle_seconds: float | None = None

    @property
    def may_go(self) -> bool:
        """Whether anything but speed would be lost with it."""
        return not (self.is_unique or self.backs_constraint or self.is_replica_identity or self.is_part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Client connections as pg_stat_activity shows them at one moment; None for what a recording does not tell.

    on_cpu: active and waiting for nothing, so on a processor or queued for one.
    """

    total: int
    active: int | None = None
    idle_in_transaction: int | None = None
    longest_idle_in_transaction_seconds: float | None = None
    longest_query_seconds: float | None = None
    on_cpu: int | None = None
    by_application: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """One database, looked at once. Statements and table counters are differences over `window_seconds`.

    `is_first_look` says that there was no earlier look: the differences then run since the statistics' own
    reset, and `window_seconds` is the time since then. cpu_cores: of the server, where the settings say so;
    other_relations: what holds rows and is not among the tables, with its kind: partitioned, materialised, foreign.
    current_writes: measured by a second look, where this one's counters are totals.
    sees_everybody: sessions of other roles are shown. hidden_statements: entries of other roles without their text.
    on_cpu_mean: sessions on a processor, mean over the `activity_looks` of the window.
    tables_window_seconds: of the table counters, where they began at another time than the statements'; infinite where
    nobody knows when they did.
    """

    name: str
    taken_at: datetime
    window_seconds: float
    is_first_look: bool
    server_version: int
    is_in_recovery: bool
    max_connections: int
    reserved_connections: int
    has_statements: bool
    has_hypopg: bool
    statements: tuple[Statement, ...]
    tables: tuple[Table, ...]
    indexes: tuple[Index, ...]
    activity: Activity
    skipped: tuple[str, ...] = ()
    skipped_statements: tuple[SkippedStatement, ...] = ()
    logged: tuple[LoggedStatement, ...] = ()
    maintenance: tuple[TableMaintenance, ...] = ()
    bloat: tuple[Bloat, ...] = ()
    transactions: tuple[OpenTransaction, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    ages: tuple[DatabaseAge, ...] = ()
    vacuum: VacuumSettings = field(default_factory=VacuumSettings)
    cpu_cores: int | None = None
    on_cpu_mean: float | None = None
    activity_looks: int = 1
    tables_window_seconds: float | None = None
    current_writes: Mapping[tuple[str, str], WriteRates] | None = None
    other_relations: tuple[str, ...] = ()
    sees_everybody: bool = True
    hidden_statements: int = 0

    @property
    def write_rates(self) -> Mapping[tuple[str, str], WriteRates] | None:
        """How much is written while the statements run, by schema and table: what every price of an index goes by.

        None where nobody knows: the tables' counters began before the statements' did, a moment ago, or at no known
        time, so that what they hold may be of before, such as what the tables were filled with.
        """
        if self.current_writes is not None:
            return self.current_writes
        seconds = self.window_seconds if self.tables_window_seconds is None else self.tables_window_seconds
        if self.is_first_look and not _SHORTEST_SECONDS <= seconds <= _LATER * self.window_seconds:
            return None
        return {(table.schema, table.name): table.rates(seconds) for table in self.tables if seconds > 0}

    def table(self, schema: str, name: str) -> Table | None:
        return next((table for table in self.tables if (table.schema, table.name) == (schema, name)), None)

    def maintenance_of(self, schema: str, table: str) -> TableMaintenance | None:
        return next((found for found in self.maintenance if (found.schema, found.table) == (schema, table)), None)

    def indexes_of(self, schema: str, table: str) -> tuple[Index, ...]:
        return tuple(index for index in self.indexes if (index.schema, index.table) == (schema, table))


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisState:
    """One Redis-compatible server, looked at once; rates are differences over `window_seconds`.

    slow_commands: how many came to its slow log in that window.
    """

    name: str
    taken_at: datetime
    window_seconds: float
    version: str
    used_memory_bytes: int
    max_memory_bytes: int
    eviction_policy: str
    hit_ratio: float | None
    evicted_per_second: float
    expired_per_second: float
    commands_per_second: float
    connected_clients: int
    slow_commands: int
    command_mean_seconds: Mapping[str, float] = field(default_factory=dict)
