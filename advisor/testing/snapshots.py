"""Hand-made snapshots; a test names only what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from advisor.model.database.workload import Activity, DatabaseState, Index, RedisState, Statement, Table
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.usage import ClusterUsage
from advisor.model.signal import Measured, Reading, SignalKey, signal
from advisor.model.snapshot import Snapshot
from advisor.ports.predicting import AutoscalerModel, LoadClassifier
from advisor.ports.rule import RuleContext
from advisor.settings.applications import ApplicationSettings
from advisor.settings.guide import GuideSettings
from advisor.testing.models import FakeAutoscalerModel, FakeLoadClassifier
from advisor.testing.planner import FakeIndexPlanner
from advisor.testing.words import NOON
from advisor.whatif.cache import ReuseCache
from advisor.whatif.pool import ErlangPool

WINDOW_SECONDS = 300.0
Signals = Mapping[SignalKey, Reading]


def a_context(
    *,
    guide: GuideSettings | None = None,
    planners: Mapping[str, FakeIndexPlanner] | None = None,
    applications: Iterable[ApplicationSettings] = (),
    autoscaler_model: AutoscalerModel | None = None,
    load_classifier: LoadClassifier | None = None,
) -> RuleContext:
    """The guide's thresholds, the real models of pools and caches, no planner and no application configured."""
    return RuleContext(
        guide=guide or GuideSettings(),
        pool_model=ErlangPool(),
        cache_model=ReuseCache(),
        autoscaler_model=autoscaler_model or FakeAutoscalerModel(),
        load_classifier=load_classifier or FakeLoadClassifier(),
        index_planners=planners or {},
        applications={app.name: app for app in applications},
    )


def a_snapshot(
    *parts: Signals,
    databases: Iterable[DatabaseState] = (),
    caches: Iterable[RedisState] = (),
    clusters: Iterable[ClusterState] = (),
    usage: ClusterUsage | None = None,
) -> Snapshot:
    return Snapshot(
        taken_at=NOON,
        window_seconds=WINDOW_SECONDS,
        signals={key: reading for part in parts for key, reading in part.items()},
        databases={look.name: look for look in databases},
        caches={look.name: look for look in caches},
        clusters={state.name: state for state in clusters},
        usage=usage,
    )


def signals(values: Mapping[str, float | Reading | None], **labels: str) -> dict[SignalKey, Reading]:
    """Signals about one thing, by name; None leaves one out."""
    return {
        signal(name, **labels): Measured(value=float(value), at=NOON) if isinstance(value, int | float) else value
        for name, value in values.items()
        if value is not None
    }


def an_exhausted_pool(app: str = "shop", **changes: float | Reading | None) -> dict[SignalKey, Reading]:
    """Two processes, each on a host of its own, with 4 connections for a demand of 5 each.

    90 connections a second are given out and 10 asked for in vain: (90 + 10) / 2 x 0.1 s = 5 busy in each process.
    """
    values: dict[str, float | Reading | None] = {
        "size": 4,
        "max_overflow": 0,
        "timeout_seconds": 1,
        "instances": 2,
        "replicas": 2,
        "in_use": 8,
        "checked_out": 4,
        "waiting": 60,
        "checkouts_per_second": 90,
        "timeouts_per_second": 10,
        "wait_mean_seconds": 0.6,
        "wait_p95_seconds": 1.0,
        "hold_mean_seconds": 0.1,
    }
    return signals({f"pool.{name}": value for name, value in (values | changes).items()}, app=app)


def a_calm_pool(app: str = "shop", **changes: float | Reading | None) -> dict[SignalKey, Reading]:
    """Two processes with 10 connections for a demand of 4 each: 80/s / 2 x 0.1 s. Nobody waits."""
    values: dict[str, float | Reading | None] = {
        "size": 10,
        "in_use": 8,
        "waiting": 0,
        "checkouts_per_second": 80,
        "timeouts_per_second": 0,
        "wait_mean_seconds": 0.0001,
        "wait_p95_seconds": 0.001,
    }
    return an_exhausted_pool(app, **(values | changes))


def a_checkout(seconds: float, site: str = "orders.py:10 in pay", app: str = "shop") -> dict[SignalKey, Reading]:
    """The oldest connection that is out, and who took it."""
    return signals({"pool.longest_checkout_seconds": seconds}, app=app, site=site)


def a_tier(
    tier: str = "l2", *, app: str = "shop", cache: str = "users", **changes: float | Reading | None
) -> dict[SignalKey, Reading]:
    """A tier that answers 10% of 20 requests a second, with a TTL of 2 s. It is not full."""
    values: dict[str, float | Reading | None] = {
        "hit_ratio": 0.1,
        "ttl_seconds": 2,
        "requests_per_second": 20,
        "evictions_per_second": 0,
    }
    return signals(
        {f"cache.{name}": value for name, value in (values | changes).items()}, app=app, cache=cache, tier=tier
    )


def a_cache(
    within: Mapping[float, float] | None = None, *, app: str = "shop", cache: str = "users", **changes: Any
) -> dict[SignalKey, Reading]:
    """What is measured of all tiers together: 18 loads a second of 0.2 s each, values that never changed.

    within: share of requests by seconds since the same key's former one; by default most come back within a minute.
    """
    values: dict[str, float | Reading | None] = {
        "loads_per_second": 18,
        "load_mean_seconds": 0.2,
        "change_ratio": 0,
    }
    found = signals({f"cache.{name}": value for name, value in (values | changes).items()}, app=app, cache=cache)
    for bound, share in ({2: 0.1, 10: 0.35, 30: 0.7, 60: 0.9, 300: 0.95} if within is None else within).items():
        found |= signals({"cache.reuse_within_ratio": share}, app=app, cache=cache, le=f"{bound:g}")
    return found


def a_database_state(name: str = "main", **changes: Any) -> DatabaseState:
    """A database with nothing in it. 28 connections are open: the shop's 8 and 20 of others."""
    look = DatabaseState(
        name=name,
        taken_at=NOON,
        window_seconds=WINDOW_SECONDS,
        is_first_look=False,
        server_version=180000,
        is_in_recovery=False,
        max_connections=100,
        reserved_connections=3,
        has_statements=True,
        has_hypopg=False,
        statements=(),
        tables=(),
        indexes=(),
        activity=Activity(
            total=28, active=8, idle_in_transaction=0, longest_idle_in_transaction_seconds=0, longest_query_seconds=0
        ),
    )
    return replace(look, **changes)


def a_statement(text: str, *, mean_seconds: float, calls: int = 600, queryid: str = "1") -> Statement:
    """600 calls in the window of 300 s: 2 a second."""
    return Statement(
        queryid=queryid,
        text=text,
        calls=calls,
        total_seconds=calls * mean_seconds,
        mean_seconds=mean_seconds,
        rows=calls,
    )


def a_table(name: str = "messages", **changes: Any) -> Table:
    """400,000 rows, read whole 600 times in the window, hardly written."""
    table = Table(
        schema="public",
        name=name,
        rows=400_000,
        size_bytes=80_000_000,
        sequential_scans=600,
        sequential_rows_read=240_000_000,
        index_scans=0,
        rows_inserted=30,
        rows_updated=0,
        rows_deleted=0,
    )
    return replace(table, **changes)


def an_index(*columns: str, table: str = "messages", where: str = "", **changes: Any) -> Index:
    """A B-tree index on `table`, valid and neither unique nor behind a constraint."""
    name = "_".join([table, *columns, "idx"])
    definition = f"CREATE INDEX {name} ON public.{table} USING btree ({', '.join(columns)})"
    index = Index(
        schema="public",
        table=table,
        name=name,
        definition=definition + (f" WHERE {where}" if where else ""),
        columns=columns,
        size_bytes=8_000_000,
        scans=0,
        is_valid=True,
        is_unique=False,
        backs_constraint=False,
    )
    return replace(index, **changes)


def a_redis(evicted_per_second: float, name: str = "main") -> RedisState:
    return RedisState(
        name=name,
        taken_at=NOON,
        window_seconds=WINDOW_SECONDS,
        version="8.1.0",
        used_memory_bytes=1_000_000,
        max_memory_bytes=1_000_000,
        eviction_policy="allkeys-lru",
        hit_ratio=0.5,
        evicted_per_second=evicted_per_second,
        expired_per_second=0,
        commands_per_second=100,
        connected_clients=5,
        slow_commands=0,
    )
