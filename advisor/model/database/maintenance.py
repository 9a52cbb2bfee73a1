"""The state of repair of a Postgres: dead rows, statistics, bloat, open transactions, ages. Gauges, as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NEVER = "never"
"""When a table was last seen to, as a knob's value carries it, if that was never done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMaintenance:
    """One table as the cumulative statistics see it; counts are the collector's estimates.

    analyzed_at, vacuumed_at: the latest by hand or by autovacuum, None when not known to the statistics.
    options: the table's own storage parameters. transaction_age: of its relfrozenxid.
    """

    schema: str
    table: str
    live_rows: int
    dead_rows: int
    changed_since_analyze: int
    inserted_since_vacuum: int
    analyzed_at: datetime | None
    vacuumed_at: datetime | None
    is_being_vacuumed: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    transaction_age: int = 0

    @property
    def dead_ratio(self) -> float:
        """Dead rows as a share of all row versions, 0 to 1."""
        versions = self.live_rows + self.dead_rows
        return self.dead_rows / versions if versions > 0 else 0.0

    @property
    def changed_ratio(self) -> float:
        """Rows changed since the last ANALYZE as a share of the live ones; over 1 when all changed several times."""
        return self.changed_since_analyze / max(1, self.live_rows)


class BloatMethod(StrEnum):
    MEASURED = "pgstattuple"
    ESTIMATED = "estimate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bloat:
    """Room that a table or an index takes and does not need.

    index: "" for the table itself. wasted_bytes: what a rebuild would give back, dead_bytes included; dead_bytes: of
    dead row versions, which a VACUUM makes free for reuse (0 for an index or where not known). file: it lies in.
    """

    schema: str
    table: str
    index: str
    size_bytes: int
    wasted_bytes: int
    dead_bytes: int
    method: BloatMethod
    measured_at: datetime
    file: int = 0

    @property
    def wasted_ratio(self) -> float:
        return self.wasted_bytes / self.size_bytes if self.size_bytes > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTransaction:
    """A transaction that somebody has open. pid: 0 for a prepared one, whose `statement` is its identifier.

    state_seconds: how long the session has been in `state` ("active", "idle in transaction", "prepared").
    horizon_age: transactions begun since the oldest one it still may see; 0 when it holds nothing back.
    """

    pid: int
    role: str
    application: str
    client: str
    state: str
    open_seconds: float
    state_seconds: float
    statement: str
    horizon_age: int = 0

    @property
    def is_idle(self) -> bool:
        return self.state.startswith("idle in transaction")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """Rows of `table` point at rows of `referenced_table`; the columns pair up in order."""

    schema: str
    table: str
    columns: tuple[str, ...]
    referenced_schema: str
    referenced_table: str
    referenced_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VacuumSettings:
    """The server's settings of autovacuum, with Postgres' own defaults."""

    is_on: bool = True
    scale_factor: float = 0.2
    threshold: int = 50
    analyze_scale_factor: float = 0.1
    analyze_threshold: int = 50
    freeze_max_age: int = 200_000_000

    def vacuum_trigger(self, maintenance: TableMaintenance) -> float:
        """Dead rows from which autovacuum takes the table, its own storage parameters included."""
        factor = float(maintenance.options.get("autovacuum_vacuum_scale_factor", self.scale_factor))
        threshold = float(maintenance.options.get("autovacuum_vacuum_threshold", self.threshold))
        return threshold + factor * maintenance.live_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAge:
    """How far one database of the server is from transaction wraparound, at 2^31 transactions."""

    database: str
    transactions: int
    multixacts: int
