"""How a Postgres is reached, read and worked on."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.address import ConnectionString
from advisor.settings.fields.duration import Seconds, SecondsOrZero
from advisor.settings.fields.name import Name


class QuietSettings(BaseModel):
    """When a change may be built on a database: at a quiet moment, and behind nobody's long transaction."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most_active: int = Field(
        10, ge=0, le=100_000, description="other sessions active at the same time above which the moment is not quiet"
    )
    attempts: int = Field(5, ge=1, le=1000, description="tries of work that did not get its lock")
    pause_seconds: SecondsOrZero = Field(2.0, description="from one such try to the next")
    longest_transaction_seconds: Seconds = Field(
        30.0, description="an older transaction would hold up the work, or make it useless: waited for"
    )


class PostgresSettings(BaseModel):
    """One Postgres database. `name` is what findings and knobs call it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dsn: ConnectionString | None = Field(
        None, description="libpq connection string or URI of the reader; needs pg_monitor only"
    )
    builder_dsn: ConnectionString | None = Field(
        None, description="connection of the role that owns the tables; without it indexes are advice only"
    )
    replica_dsns: tuple[ConnectionString, ...] = Field(
        (), description="the reader's connections to its replicas; an index is unused only when none of them reads it"
    )
    name: Name = Field("main", description="what findings and knobs call this database")
    timeout_seconds: Seconds = Field(5.0, description="statement_timeout of every read")
    deadline_seconds: Seconds = Field(20.0, description="for one whole observation")
    lock_timeout_seconds: Seconds = Field(3.0, description="lock_timeout of DDL; short, as waiters queue behind it")
    build_timeout_seconds: Seconds = Field(3600.0, description="longest build of one index")
    quiet: QuietSettings = QuietSettings()
    planning_seconds: SecondsOrZero = Field(5.0, description="spent on EXPLAIN in one cycle at most")
    planner_clone: bool = Field(
        True, description="without HypoPG, price indexes on an embedded PostgreSQL 18 that gets schema and statistics"
    )
    bloat_interval_seconds: Seconds = Field(
        3600.0, description="from one measurement of a relation's bloat to the next"
    )
    bloat_seconds: SecondsOrZero = Field(2.0, description="spent on measuring bloat in one look at most")
    slow_log: str | None = Field(
        None,
        pattern="^(server|file:.+)$",
        description='the slow-query log: "server" through pg_read_file, "file:PATH" where it can be read here',
    )
    cpu_cores: int | None = Field(
        None, ge=1, le=100_000, description="processors of the server; SQL does not tell them"
    )
