"""What a snapshot says about one tier of one cache. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.model.forecast import Reuse
from advisor.model.snapshot import Snapshot

_INNERMOST = "l1"
_SHARED = "l2"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierReading:
    """One tier as it is measured. None: not measured.

    other_ttls, other_hit_ratios: of the cache's other tiers, by tier. reuse: of the whole cache's requests.
    """

    app: str
    cache: str
    tier: str
    hit_ratio: float
    requests_per_second: float
    ttl_seconds: float
    evictions_per_second: float | None
    errors_per_second: float | None
    loads_per_second: float | None
    load_seconds: float | None
    other_ttls: Mapping[str, float | None]
    other_hit_ratios: Mapping[str, float | None]
    reuse: Reuse

    @property
    def key(self) -> str:
        return f"{self.app}/{self.cache}/{self.tier}"

    @property
    def loading_seconds_per_second(self) -> float:
        """What all loads from the origin cost the callers; 0 where loads are not measured."""
        return (self.loads_per_second or 0.0) * (self.load_seconds or 0.0)

    @property
    def oldest_seconds(self) -> float | None:
        """The greatest age of an answer: an entry may reach this tier, or leave it for the next, just before its end.

        None when another tier's TTL is not measured.
        """
        others = list(self.other_ttls.values())
        return None if None in others else self.ttl_seconds + sum(ttl or 0.0 for ttl in others)

    @property
    def asked_first(self) -> str:
        """The tier asked before this one, whose misses are all that this one sees; "" for the first."""
        return _INNERMOST if self.tier != _INNERMOST and _INNERMOST in self.other_ttls else ""

    @property
    def asked_next(self) -> str:
        """The tier asked after this one; "" for the last."""
        return _SHARED if self.tier == _INNERMOST and _SHARED in self.other_ttls else ""


def tier_readings(snapshot: Snapshot) -> list[TierReading]:
    """One for each tier whose hit ratio, TTL and load are measured."""
    found = []
    for key in snapshot.keys("cache.hit_ratio"):
        labels = dict(key.labels)
        hit_ratio, ttl = snapshot.value("cache.hit_ratio", **labels), snapshot.value("cache.ttl_seconds", **labels)
        rate = snapshot.value("cache.requests_per_second", **labels)
        if hit_ratio is not None and ttl is not None and ttl > 0 and rate is not None:
            found.append(_reading(snapshot, labels, hit_ratio, ttl, rate))
    return found


def _reading(snapshot: Snapshot, labels: Mapping[str, str], hit_ratio: float, ttl: float, rate: float) -> TierReading:
    app, cache, tier = labels["app"], labels["cache"], labels["tier"]

    def of_others(name: str) -> dict[str, float | None]:
        keys = snapshot.keys(name, app=app, cache=cache)
        return {
            key.label("tier"): snapshot.value(name, **dict(key.labels)) for key in keys if key.label("tier") != tier
        }

    other_ttls = of_others("cache.ttl_seconds")
    return TierReading(
        app=app,
        cache=cache,
        tier=tier,
        hit_ratio=hit_ratio,
        requests_per_second=rate,
        ttl_seconds=ttl,
        evictions_per_second=_evictions(snapshot, app, cache, tier),
        errors_per_second=snapshot.value("cache.errors_per_second", **labels),
        loads_per_second=snapshot.value("cache.loads_per_second", app=app, cache=cache),
        load_seconds=snapshot.value("cache.load_mean_seconds", app=app, cache=cache),
        other_ttls=other_ttls,
        other_hit_ratios=of_others("cache.hit_ratio"),
        reuse=Reuse(
            requests_per_second=rate,
            within=_within(snapshot, app, cache),
            change_ratio=snapshot.value("cache.change_ratio", app=app, cache=cache),
            reload_seconds=max([ttl, *(other for other in other_ttls.values() if other is not None)]),
        ),
    )


def _evictions(snapshot: Snapshot, app: str, cache: str, tier: str) -> float | None:
    """Entries dropped for want of room. The shared tier's are the server's, when only one server is known."""
    own = snapshot.value("cache.evictions_per_second", app=app, cache=cache, tier=tier)
    if own is not None or tier != _SHARED:
        return own
    if len(snapshot.caches) == 1:
        return next(iter(snapshot.caches.values())).evicted_per_second
    return snapshot.value("redis.evictions_per_second")


def _within(snapshot: Snapshot, app: str, cache: str) -> Mapping[float, float]:
    """The cumulative share of requests by the seconds since the same key's former one."""
    shares = {}
    for key in snapshot.keys("cache.reuse_within_ratio", app=app, cache=cache):
        share = snapshot.value(key.name, **dict(key.labels))
        seconds = _seconds(key.label("le"))
        if share is not None and seconds is not None:
            shares[seconds] = min(1.0, share)
    return shares


def _seconds(bound: str) -> float | None:
    """None for a bound of a histogram that is missing, or is no number."""
    try:
        return float(bound)
    except ValueError:
        return None
