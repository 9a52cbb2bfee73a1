"""A cache tier answers too few requests: guide, "Caching Strategy" and bottleneck 4."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.forecast import CacheForecast, Reuse
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.rules.rule import Rule, RuleContext, needs
from advisor.settings.guide import CacheGuide

_ID = "low-cache-hit-rate"
_GUIDE = "Caching Strategy; Common Bottlenecks 4"
_SMALLEST_GAIN = 0.1
_NEARLY_ALL = 0.95
_TTLS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tier:
    """One tier of one cache as it is measured."""

    app: str
    cache: str
    tier: str
    hit_ratio: float
    requests_per_second: float
    ttl_seconds: float
    evictions_per_second: float
    loads_per_second: float
    load_seconds: float
    reuse: Reuse

    @property
    def loading_seconds_per_second(self) -> float:
        """What all loads from the origin cost the callers."""
        return self.loads_per_second * self.load_seconds


def _tiers(snapshot: Snapshot) -> list[_Tier]:
    found = []
    for key in snapshot.keys("cache.hit_ratio"):
        labels = dict(key.labels)
        app, cache = labels["app"], labels["cache"]
        hit_ratio, ttl = snapshot.value("cache.hit_ratio", **labels), snapshot.value("cache.ttl_seconds", **labels)
        rate = snapshot.value("cache.requests_per_second", **labels)
        load = snapshot.value("cache.load_mean_seconds", app=app, cache=cache)
        if hit_ratio is None or ttl is None or rate is None or load is None:
            continue
        found.append(
            _Tier(
                **labels,
                hit_ratio=hit_ratio,
                requests_per_second=rate,
                ttl_seconds=ttl,
                evictions_per_second=snapshot.value("cache.evictions_per_second", **labels) or 0.0,
                loads_per_second=snapshot.value("cache.loads_per_second", app=app, cache=cache) or 0.0,
                load_seconds=load,
                reuse=Reuse(
                    requests_per_second=rate,
                    within=_within(snapshot, app, cache),
                    change_ratio=snapshot.value("cache.change_ratio", app=app, cache=cache),
                    load_seconds=load,
                ),
            )
        )
    return found


def _within(snapshot: Snapshot, app: str, cache: str) -> Mapping[float, float]:
    """The cumulative share of requests by the seconds since the same key's former one."""
    shares = {}
    for key in snapshot.keys("cache.reuse_within_ratio", app=app, cache=cache):
        share = snapshot.value(key.name, **dict(key.labels))
        if share is not None:
            shares[float(key.label("le"))] = min(1.0, share)
    return shares


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.cache
    return [
        _finding(tier, guide, context)
        for tier in _tiers(snapshot)
        if tier.requests_per_second >= guide.smallest_requests_per_second
        and tier.hit_ratio < guide.low_hit_ratio.get(tier.tier, 0.0)
    ]


def _finding(tier: _Tier, guide: CacheGuide, context: RuleContext) -> Finding:
    return Finding(
        rule=_ID,
        key=f"{tier.app}/{tier.cache}/{tier.tier}",
        severity=Severity.WARNING,
        subject=Subject(kind="cache", name=f"{tier.cache} {tier.tier}", namespace=tier.app),
        summary=f"tier {tier.tier} of cache {tier.cache} answers {tier.hit_ratio:.0%} of its requests",
        cause=_cause(tier, guide, context),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="cache.hit_ratio", value=tier.hit_ratio, unit="ratio", threshold=guide.low_hit_ratio[tier.tier]
            ),
            Evidence(signal="cache.ttl_seconds", value=tier.ttl_seconds, unit="s"),
            Evidence(signal="cache.requests_per_second", value=tier.requests_per_second, unit="1/s"),
            Evidence(signal="cache.evictions_per_second", value=tier.evictions_per_second, unit="1/s"),
            Evidence(signal="cache.load_mean_seconds", value=tier.load_seconds, unit="s"),
        ),
        waste_seconds_per_second=tier.loading_seconds_per_second,
    )


def _cause(tier: _Tier, guide: CacheGuide, context: RuleContext) -> str:
    if _is_too_small(tier):
        return f"it is full: {tier.evictions_per_second:.3g} entries a second are dropped for want of room"
    if not tier.reuse.within:
        return "how soon keys come back is not measured"
    longest = guide.longest_ttl_seconds.get(tier.tier, tier.ttl_seconds)
    if context.cache_model.forecast(tier.reuse, longest).hit_ratio < tier.hit_ratio + _SMALLEST_GAIN:
        return "its keys hardly come back: no TTL would help"
    return f"entries live for {tier.ttl_seconds:g} s, and most keys come back later"


def _is_too_small(tier: _Tier) -> bool:
    misses = tier.requests_per_second * (1 - tier.hit_ratio)
    return misses > 0 and tier.evictions_per_second > 0.5 * misses


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """A longer TTL, no longer than staleness and the guide allow; nothing where time is not the cause."""
    tier = next(found for found in _tiers(snapshot) if f"{found.app}/{found.cache}/{found.tier}" == finding.key)
    if _is_too_small(tier) or not tier.reuse.within:
        return ()
    ttl = _best_ttl(tier, context)
    if ttl is None:
        return ()
    forecast = _tier_forecast(tier, ttl, snapshot, context)
    if forecast.hit_ratio < tier.hit_ratio * (1 + _SMALLEST_GAIN):
        return ()
    return (_proposal(finding, tier, ttl, forecast),)


def _best_ttl(tier: _Tier, context: RuleContext) -> float | None:
    """The shortest round TTL with nearly the whole gain of the longest one allowed; None when none is longer."""
    guide = context.guide.cache
    longest = min(
        guide.longest_ttl_seconds.get(tier.tier, tier.ttl_seconds), tier.ttl_seconds * guide.largest_step_ratio
    )
    allowed = [
        ttl
        for ttl in _TTLS
        if tier.ttl_seconds < ttl <= longest and _stale_ratio(tier, ttl) <= guide.largest_stale_ratio
    ]
    if not allowed:
        return None
    best = context.cache_model.forecast(tier.reuse, allowed[-1]).hit_ratio
    return next(ttl for ttl in allowed if context.cache_model.forecast(tier.reuse, ttl).hit_ratio >= _NEARLY_ALL * best)


def _stale_ratio(tier: _Tier, ttl: float) -> float:
    """Share of answers older than the origin's: a value that changes at a rate r is stale for r ttl / 2 of its life.

    The rate follows from how often a reload after the present TTL finds another value. Not known: nothing is stale that
    was not measured to change, which is why the step is bounded too.
    """
    change = tier.reuse.change_ratio
    if change is None or tier.ttl_seconds <= 0:
        return 0.0
    rate = math.log(1 / max(1e-9, 1 - min(change, 1.0))) / tier.ttl_seconds
    return min(1.0, rate * ttl / 2)


def _tier_forecast(tier: _Tier, ttl: float, snapshot: Snapshot, context: RuleContext) -> CacheForecast:
    """The tier's own hit ratio. Tier 2 sees only what tier 1 lets through: (both - first) / (1 - first)."""
    both = context.cache_model.forecast(tier.reuse, ttl)
    if tier.tier != "l2":
        return both
    first_ratio = snapshot.value("cache.hit_ratio", app=tier.app, cache=tier.cache, tier="l1") or 0.0
    left = max(1e-6, 1 - first_ratio)

    def own(ratio: float) -> float:
        return min(1.0, max(0.0, (ratio - first_ratio) / left))

    return CacheForecast(
        ttl_seconds=ttl,
        hit_ratio_low=own(both.hit_ratio_low),
        hit_ratio=own(both.hit_ratio),
        hit_ratio_high=own(both.hit_ratio_high),
        stale_ratio=both.stale_ratio,
    )


def _proposal(finding: Finding, tier: _Tier, ttl: float, forecast: CacheForecast) -> Proposal:
    ratio = signal("cache.hit_ratio", app=tier.app, cache=tier.cache, tier=tier.tier)
    fewer = (forecast.hit_ratio - tier.hit_ratio) / max(1e-6, 1 - tier.hit_ratio)
    changes = tier.reuse.change_ratio
    stale = (
        f"{_stale_ratio(tier, ttl):.1%} of the answers may be out of date"
        if changes is not None
        else "how often values change is not measured yet"
    )
    return Proposal(
        finding=finding.id,
        rule=_ID,
        target=knob_target(f"cache.{tier.tier}.ttl", app=tier.app, cache=tier.cache),
        current=tier.ttl_seconds,
        proposed=float(ttl),
        unit="s",
        rationale=(
            f"at {ttl:g} s the reuse of keys allows {forecast.hit_ratio:.0%} of the tier's requests to be answered, "
            f"instead of {tier.hit_ratio:.0%}; {stale}"
        ),
        risk=Risk.LOW if changes is not None else Risk.MEDIUM,
        prediction=Prediction(
            signal=ratio,
            unit="ratio",
            low=min(forecast.hit_ratio_low, forecast.hit_ratio),
            expected=forecast.hit_ratio,
            high=max(forecast.hit_ratio_high, forecast.hit_ratio),
            model="reuse-time",
        ),
        goal=Goal(signal=ratio, better=Better.HIGHER, minimum_gain_ratio=_SMALLEST_GAIN),
        gain_seconds_per_second=tier.loading_seconds_per_second * fewer,
        app=tier.app,
        apply=f"agent.cache({tier.cache!r}, ...) with a TTL of {ttl:g} s in tier {tier.tier}",
        undo=f"agent.cache({tier.cache!r}, ...) with a TTL of {tier.ttl_seconds:g} s in tier {tier.tier}",
        alternatives=("drop keys when their data changes, and use a long TTL",),
    )


LOW_CACHE_HIT_RATE = Rule(
    id=_ID,
    title="A cache tier answers too few requests",
    guide=_GUIDE,
    needs=needs("cache.hit_ratio", "cache.ttl_seconds"),
    diagnose=_diagnose,
    propose=_propose,
)
