"""Which TTL a tier should have: as long as reuse pays, staleness and the guide allow, and one step reaches. Pure."""

from dataclasses import dataclass

from advisor.model.forecast import CacheForecast
from advisor.ports.predicting import CacheModel
from advisor.ports.rule import RuleContext
from advisor.settings.guide import CacheGuide
from advisor_rules.cache.reading import TierReading

SMALLEST_GAIN = 0.1
_SMALLEST_RISE = 0.05
_NEARLY_ALL = 0.95
_FULL_SHARE = 0.5
_FAILING_SHARE = 0.01
"""Of the requests: with more failed calls than this, what is not found may be what could not be stored."""
_TTLS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclass(frozen=True, slots=True, kw_only=True)
class TtlRecommendation:
    """The TTL to set and what the tier would do then; None when none would help, and `text` says why."""

    ttl_seconds: float | None
    forecast: CacheForecast | None
    text: str


def recommended_ttl(tier: TierReading, context: RuleContext) -> TtlRecommendation:
    """The shortest round TTL with nearly the whole gain of the longest one that is allowed."""
    guide, model = context.guide.cache, context.cache_model
    reason = _not_for_time(tier, guide, model)
    if reason:
        return _none(reason)
    fresh = [ttl for ttl in _reachable(tier, guide) if _stale_ratio(tier, ttl, model) <= guide.largest_stale_ratio]
    if not fresh:
        shortest = _reachable(tier, guide)[0]
        return _none(
            f"its values change too often: with a TTL of {shortest:g} s "
            f"{_stale_ratio(tier, shortest, model):.1%} of the answers would be out of date"
        )
    forecasts = {ttl: tier_forecast(tier, ttl, model) for ttl in fresh}
    best = forecasts[fresh[-1]].hit_ratio
    if not _pays(best, tier):
        return _none(f"a TTL that keeps answers fresh, or that one step reaches, would gain little: {best:.0%}")
    ttl = next(ttl for ttl in fresh if forecasts[ttl].hit_ratio >= _NEARLY_ALL * best)
    return TtlRecommendation(
        ttl_seconds=ttl,
        forecast=forecasts[ttl],
        text=f"entries live for {tier.ttl_seconds:g} s, and many keys come back later",
    )


def tier_forecast(tier: TierReading, ttl_seconds: float, model: CacheModel) -> CacheForecast:
    """The tier's own hit ratio. Tier 2 sees only what tier 1 lets through: (both - first) / (1 - first).

    stale_ratio is of all answers, of which the oldest have been through every tier.
    """
    both = model.forecast(tier.reuse, ttl_seconds)
    first = tier.other_hit_ratios.get(tier.asked_first) or 0.0
    left = max(1e-6, 1 - first)

    def own(ratio: float) -> float:
        return min(1.0, max(0.0, (ratio - first) / left))

    return CacheForecast(
        ttl_seconds=ttl_seconds,
        hit_ratio_low=own(both.hit_ratio_low),
        hit_ratio=own(both.hit_ratio),
        hit_ratio_high=own(both.hit_ratio_high),
        stale_ratio=None if tier.reuse.change_ratio is None else _stale_ratio(tier, ttl_seconds, model),
    )


def _not_for_time(tier: TierReading, guide: CacheGuide, model: CacheModel) -> str:
    """Why no TTL would help; "" when one may."""
    errors = tier.errors_per_second or 0.0
    if errors > _FAILING_SHARE * tier.requests_per_second:
        return f"{errors:.3g} of its calls fail every second: what it answers says nothing of its TTL; mend that first"
    misses = tier.requests_per_second * (1 - tier.hit_ratio)
    evictions = tier.evictions_per_second or 0.0
    if evictions > _FULL_SHARE * misses:
        return f"it is full: {evictions:.3g} entries a second are dropped for want of room, which no TTL cures"
    if not tier.reuse.within:
        return "how soon keys come back is not measured"
    if tier.asked_first and tier.other_hit_ratios.get(tier.asked_first) is None:
        return f"what tier {tier.asked_first} lets through is not measured"
    longest = guide.longest_ttl_seconds.get(tier.tier, 0.0)
    if tier.ttl_seconds >= longest:
        return f"its TTL of {tier.ttl_seconds:g} s is the longest that is allowed already ({longest:g} s)"
    if not _pays(tier_forecast(tier, longest, model).hit_ratio, tier):
        return "its keys hardly come back: no TTL would help"
    return ""


def _reachable(tier: TierReading, guide: CacheGuide) -> list[float]:
    """Longer TTLs within the guide's longest and the largest step, ascending; at least one."""
    longest = min(guide.longest_ttl_seconds[tier.tier], tier.ttl_seconds * guide.largest_step_ratio)
    return [float(ttl) for ttl in _TTLS if tier.ttl_seconds < ttl < longest] + [longest]


def _stale_ratio(tier: TierReading, ttl_seconds: float, model: CacheModel) -> float:
    """Share of answers older than the origin's. 0 where change is not measured: then a person decides."""
    oldest = (tier.oldest_seconds or tier.ttl_seconds) - tier.ttl_seconds + ttl_seconds
    return model.forecast(tier.reuse, oldest).stale_ratio or 0.0


def _pays(hit_ratio: float, tier: TierReading) -> bool:
    return hit_ratio >= max(tier.hit_ratio * (1 + SMALLEST_GAIN), tier.hit_ratio + _SMALLEST_RISE)


def _none(text: str) -> TtlRecommendation:
    return TtlRecommendation(ttl_seconds=None, forecast=None, text=text)
