"""Where the observed systems are. Secrets are SecretStr: they never show in a log, a report or an error."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from advisor.settings.duration import Seconds

LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
"""A label's name goes into queries as it is."""


class PrometheusSettings(BaseModel):
    """One Prometheus, or anything that answers its HTTP API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(None, description="http(s) address; not given: the source is off")
    bearer_token: SecretStr | None = Field(None, description="sent as Authorization header")
    ca_file: str | None = Field(None, description="CA bundle that the server's certificate is checked against")
    timeout_seconds: Seconds = Field(10.0, description="for one query")
    deadline_seconds: Seconds = Field(20.0, description="for one whole observation")
    stale_after_seconds: Seconds = Field(60.0, description="a last sample older than this is no evidence")
    step_seconds: Seconds = Field(
        15.0, description="distance of the points a trial is judged on; no less than the scrape interval"
    )
    rate_window_seconds: Seconds = Field(
        60.0, description="window of rate() for the points a trial is judged on; at least four scrapes"
    )
    presets: tuple[str, ...] = Field(
        ("agents", "guide"),
        description="names of metric presets, or files of one's own that end in .yaml; the first that has data wins",
    )
    matchers: dict[LabelName, str] = Field(
        {}, description="label = value pairs added to every selector, such as namespace"
    )


class QuietSettings(BaseModel):
    """When a change may be built on a database: at a quiet moment, and behind nobody's long transaction."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most_active: int = Field(
        10, ge=0, description="other sessions active at the same time above which the moment is not quiet"
    )
    attempts: int = Field(5, ge=1, description="tries of work that did not get its lock")
    pause_seconds: Seconds = Field(2.0, description="from one such try to the next")
    longest_transaction_seconds: Seconds = Field(
        30.0, description="an older transaction would hold up the work, or make it useless: waited for"
    )


class PostgresSettings(BaseModel):
    """One Postgres database. `name` is what findings and knobs call it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dsn: SecretStr | None = Field(
        None, description="libpq connection string or URI of the reader; needs pg_monitor only"
    )
    builder_dsn: SecretStr | None = Field(
        None, description="connection of the role that owns the tables; without it indexes are advice only"
    )
    replica_dsns: tuple[SecretStr, ...] = Field(
        (), description="the reader's connections to its replicas; an index is unused only when none of them reads it"
    )
    name: str = Field("main", description="what findings and knobs call this database")
    timeout_seconds: Seconds = Field(5.0, description="statement_timeout of every read")
    deadline_seconds: Seconds = Field(20.0, description="for one whole observation")
    lock_timeout_seconds: Seconds = Field(3.0, description="lock_timeout of DDL; short, as waiters queue behind it")
    build_timeout_seconds: Seconds = Field(3600.0, description="longest build of one index")
    quiet: QuietSettings = QuietSettings()
    planning_seconds: Seconds = Field(5.0, description="spent on EXPLAIN in one cycle at most")
    planner_clone: bool = Field(
        True, description="without HypoPG, price indexes on an embedded PostgreSQL 18 that gets schema and statistics"
    )
    bloat_interval_seconds: Seconds = Field(
        3600.0, description="from one measurement of a relation's bloat to the next"
    )
    bloat_seconds: Seconds = Field(2.0, description="spent on measuring bloat in one look at most")
    slow_log: str | None = Field(
        None,
        pattern="^(server|file:.+)$",
        description='the slow-query log: "server" through pg_read_file, "file:PATH" where it can be read here',
    )
    cpu_cores: int | None = Field(None, ge=1, description="processors of the server; SQL does not tell them")


class RedisSettings(BaseModel):
    """One Redis-compatible server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr | None = Field(None, description="redis:// or rediss:// address")
    name: str = Field("main", description="what findings call this server")
    timeout_seconds: Seconds = Field(2.0, description="for one command")
    deadline_seconds: Seconds = Field(10.0, description="for one whole observation")


class BreakerSettings(BaseModel):
    """When a source that does not answer is left alone, instead of being waited for in every cycle."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failures: int = Field(3, ge=1, le=100, description="calls in a row without an answer, after which it is left alone")
    pause_seconds: Seconds = Field(60.0, description="from then to the one call that tries it again")


class ApplicationSettings(BaseModel):
    """One application with agents inside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="the `app` label of its agents' metrics")
    database: str = Field("main", description="name of the database its pool connects to")
    board: str = Field(
        "redis", pattern="^(redis|file:.+)$", description='where its agents read knobs: "redis" or "file:PATH"'
    )
    replicas: int | None = Field(
        None, ge=1, description="pods or hosts there are; not given, or more are seen: counted from the agents' metrics"
    )
    max_replicas: int | None = Field(
        None, ge=1, description="most instances an autoscaler makes; not given: read from kube-state-metrics if there"
    )
