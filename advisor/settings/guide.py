"""Thresholds of the performance guide. The defaults are the guide's; the comment names the section."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds, SecondsOrZero
from advisor.settings.kubernetes.guide import KubernetesGuide

Tier = Annotated[str, Field(pattern="^l[123]$")]
"""A tier of a cache: l1, l2 or l3."""
Ratio = Annotated[float, Field(ge=0, le=1)]
Lifetime = Annotated[float, Field(gt=0, le=315_360_000.0)]
"""A TTL in seconds."""


class PoolTier(BaseModel):
    """One row of the guide's table of pool sizes (section 4, "Connection Pool Tuning")."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    users: float = Field(
        gt=0, le=1e12, description="upper end of the tier, users at the same time; the last row has no end"
    )
    pool_size: int = Field(ge=1, le=100_000, description="connections kept open")
    max_overflow: int = Field(ge=0, le=100_000, description="connections above that, opened under load")


class PoolGuide(BaseModel):
    """Connection pool, section 4 of the guide."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exhausted_ratio: float = Field(
        0.9, gt=0, le=1, description="checked out / capacity from which connections are all but used up"
    )
    wait_p95_seconds: SecondsOrZero = Field(0.1, description="p95 wait for a connection that is too long")
    idle_ratio: float = Field(0.2, ge=0, lt=1, description="checked out / capacity below which a pool is oversized")
    smallest_size: int = Field(5, ge=1, le=100_000, description="a pool is never made smaller than this")
    target_utilisation: float = Field(
        0.7, gt=0, lt=1, description="busy share of the capacity to size for; the rest is for bursts"
    )
    leak_seconds: Seconds = Field(60.0, description="a check-out held longer is taken for a leak")
    slow_query_share: float = Field(
        0.5, gt=0, le=1, description="share of the hold time spent in slow statements that makes the query the cause"
    )
    connection_reserve: int = Field(
        10, ge=0, le=100_000, description="connections of max_connections left to people and tools"
    )
    release_surge_ratio: float = Field(
        0.25, ge=0, le=10, description="instances that a rolling release adds for a while (Kubernetes' maxSurge)"
    )
    largest_step_ratio: float = Field(
        4.0, gt=1, le=1000, description="new capacity at most this many times the old one in one change"
    )
    requests_per_user_per_second: float = Field(
        1.0,
        gt=0,
        le=1e6,
        description="turns a request rate into the users of the guide's table where users are not counted",
    )
    tiers: tuple[PoolTier, ...] = Field(
        (
            PoolTier(users=50, pool_size=10, max_overflow=5),
            PoolTier(users=100, pool_size=20, max_overflow=10),
            PoolTier(users=200, pool_size=30, max_overflow=20),
            PoolTier(users=1_000_000_000, pool_size=40, max_overflow=30),
        ),
        description="the prior: light, normal, heavy and peak load; used alone where hold times are not measured",
    )


class QueryGuide(BaseModel):
    """Slow queries and missing indexes, sections 1 and 2 of the guide."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slow_mean_seconds: SecondsOrZero = Field(0.1, description="a statement with a longer mean is slow")
    smallest_table_rows: int = Field(
        10_000, ge=0, le=10**12, description="smaller tables are read whole quickly enough"
    )
    smallest_gain_ratio: float = Field(
        0.3, gt=0, lt=1, description="an index must cut the planner's cost by this share"
    )
    smallest_load_ratio: float = Field(
        0.01, ge=0, le=1e6, description="seconds per second a statement must cost the server to matter"
    )
    heaviest_write_ratio: float = Field(
        0.5, gt=0, le=1e9, description="row writes per read of the table above which an index waits for a person"
    )
    unused_after_seconds: SecondsOrZero = Field(
        2_592_000.0, description="an index is unused when nobody has read it for so long, and its reads were counted"
    )
    smallest_unused_bytes: int = Field(
        1_000_000, ge=0, le=10**15, description="a smaller unused index is not worth a word"
    )
    n_plus_one_ratio: float = Field(
        5.0, gt=1, le=1e6, description="calls of a child statement for each call of its parent that make it a loop"
    )
    unbounded_rows: int = Field(
        1000, ge=1, le=10**9, description="rows per call without a LIMIT that are too many for one page"
    )
    deep_offset_blocks: int = Field(
        500, ge=1, le=10**9, description="blocks (8 kB) a page reached by OFFSET reads per call that make it a deep one"
    )
    cacheable_calls_per_second: float = Field(
        1.0, gt=0, le=1e6, description="a statement called more seldom is not worth a cache"
    )
    cacheable_after_seconds: SecondsOrZero = Field(
        60.0, description="a look over less time does not tell how seldom an answer changes"
    )


class MaintenanceGuide(BaseModel):
    """Statistics, dead rows and bloat, section 5 of the guide. It names the tasks; the numbers are the field's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    changed_ratio: float = Field(
        0.2,
        gt=0,
        le=1000,
        description="rows changed since ANALYZE / live rows: twice what autovacuum waits for by default",
    )
    dead_ratio: float = Field(
        0.1, gt=0, lt=1, description="dead / all row versions: half of what autovacuum waits for by default"
    )
    large_table_rows: int = Field(
        1_000_000, ge=1, le=10**12, description="from here on autovacuum's default share of the table is too many rows"
    )
    overdue_ratio: float = Field(
        2.0, gt=1, le=1000, description="dead rows / autovacuum's own trigger from which it is behind"
    )
    bloat_ratio: float = Field(
        0.4, gt=0, lt=1, description="wasted / size of a table or index; a fresh B-tree has 0.1 free, a used one 0.3"
    )
    smallest_bloat_bytes: int = Field(
        10_000_000, ge=0, le=10**15, description="less waste than this is not worth a rebuild"
    )
    expected_gain_ratio: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="share of the load on a table that maintenance is taken to save; ranks it, no more",
    )


class TransactionGuide(BaseModel):
    """Open transactions, ages and processors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    idle_seconds: Seconds = Field(60.0, description="idle in transaction for longer is a connection not given back")
    long_seconds: Seconds = Field(300.0, description="a transaction open for longer holds back VACUUM")
    age_ratio: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="age / 2^31 that is a risk: about 1,000 million, the usual alarm of hosted Postgres",
    )
    critical_age_ratio: float = Field(
        0.75,
        gt=0,
        lt=1,
        description="age / 2^31 that is an emergency: Postgres' own vacuum_failsafe_age, 1,600 million",
    )
    freeze_overdue_ratio: float = Field(
        2.0,
        gt=1,
        le=1000,
        description="age / autovacuum_freeze_max_age from which freezing plainly does not get through",
    )
    cpu_ratio: float = Field(
        0.9,
        gt=0,
        le=1000,
        description="sessions on a processor / processors, mean of the window, from which CPU is the limit",
    )


class CacheGuide(BaseModel):
    """Cache tiers, the guide's three-tier cache."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low_hit_ratio: dict[Tier, Ratio] = Field(
        default={"l1": 0.7, "l2": 0.7}, description="hit ratio by tier below which it is low (the guide's alert: 0.7)"
    )
    smallest_requests_per_second: float = Field(0.5, ge=0, le=1e6, description="a quieter cache is not judged")
    longest_ttl_seconds: dict[Tier, Lifetime] = Field(
        default={"l1": 300.0, "l2": 3600.0}, description="a TTL is never made longer than this, by tier"
    )
    largest_stale_ratio: float = Field(
        0.05, ge=0, le=1, description="share of answers that may be older than the origin's"
    )
    largest_step_ratio: float = Field(
        30.0, gt=1, le=1000, description="new TTL at most this many times the old one in one change"
    )


class AlertGuide(BaseModel):
    """What callers feel, "Monitoring and Alerting" of the guide."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    response_p95_seconds: Seconds = Field(1.0, description="p95 latency that is alerted, after five minutes")
    error_ratio: float = Field(
        0.05, gt=0, lt=1, description="failed / all requests that are alerted, after five minutes"
    )


class GuideSettings(BaseModel):
    """All thresholds of the guide."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pool: PoolGuide = PoolGuide()
    query: QueryGuide = QueryGuide()
    maintenance: MaintenanceGuide = MaintenanceGuide()
    transaction: TransactionGuide = TransactionGuide()
    cache: CacheGuide = CacheGuide()
    alerts: AlertGuide = AlertGuide()
    kubernetes: KubernetesGuide = KubernetesGuide()
