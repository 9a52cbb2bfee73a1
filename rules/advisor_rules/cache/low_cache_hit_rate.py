"""A cache tier answers too few requests: guide, "Caching Strategy" and bottleneck 4."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.forecast import CacheForecast
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, NoProposal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import RuleAlert
from advisor.settings.guide import CacheGuide, GuideSettings
from advisor_rules.cache.reading import TierReading, tier_readings
from advisor_rules.cache.ttl import SMALLEST_GAIN, recommended_ttl

_ID = "low-cache-hit-rate"
_GUIDE = "Caching Strategy; Common Bottlenecks 4"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.cache
    return [
        _finding(tier, guide, context)
        for tier in tier_readings(snapshot)
        if tier.requests_per_second >= guide.smallest_requests_per_second
        and tier.hit_ratio < guide.low_hit_ratio.get(tier.tier, 0.0)
    ]


def _finding(tier: TierReading, guide: CacheGuide, context: RuleContext) -> Finding:
    def one(name: str, value: float | None, unit: str, threshold: float | None = None) -> Evidence:
        return Evidence(signal=name, value="not known" if value is None else value, unit=unit, threshold=threshold)

    return Finding(
        rule=_ID,
        key=tier.key,
        severity=Severity.WARNING,
        subject=Subject(kind="cache", name=f"{tier.cache} {tier.tier}", namespace=tier.app),
        summary=f"tier {tier.tier} of cache {tier.cache} answers {tier.hit_ratio:.0%} of its requests",
        cause=recommended_ttl(tier, context).text,
        guide=_GUIDE,
        evidence=(
            one("cache.hit_ratio", tier.hit_ratio, "ratio", guide.low_hit_ratio[tier.tier]),
            one("cache.ttl_seconds", tier.ttl_seconds, "s", guide.longest_ttl_seconds.get(tier.tier)),
            one("cache.requests_per_second", tier.requests_per_second, "1/s"),
            one("cache.evictions_per_second", tier.evictions_per_second, "1/s"),
            one("cache.change_ratio", tier.reuse.change_ratio, "ratio"),
            one("cache.load_mean_seconds", tier.load_seconds, "s"),
        ),
        waste_seconds_per_second=tier.loading_seconds_per_second,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """A longer TTL, no longer than staleness and the guide allow; nothing where time is not the cause."""
    tier = next(found for found in tier_readings(snapshot) if found.key == finding.key)
    found = recommended_ttl(tier, context)
    if found.ttl_seconds is None or found.forecast is None:
        return NoProposal(found.text)
    return (_proposal(finding, tier, found.ttl_seconds, found.forecast),)


def _proposal(finding: Finding, tier: TierReading, ttl: float, forecast: CacheForecast) -> Proposal:
    ratio = signal("cache.hit_ratio", app=tier.app, cache=tier.cache, tier=tier.tier)
    doubts = _doubts(tier)
    freshness = (
        [] if forecast.stale_ratio is None else [f"{forecast.stale_ratio:.1%} of the answers may be out of date"]
    )
    reuse = (
        f"at {ttl:g} s the reuse of keys allows {forecast.hit_ratio:.0%} of the tier's requests to be answered, "
        f"instead of {tier.hit_ratio:.0%}"
    )
    return Proposal(
        finding=finding.id,
        rule=_ID,
        target=knob_target(f"cache.{tier.tier}.ttl", app=tier.app, cache=tier.cache),
        current=tier.ttl_seconds,
        proposed=ttl,
        unit="s",
        rationale="; ".join([reuse, *freshness, *doubts]),
        risk=Risk.MEDIUM if doubts else Risk.LOW,
        prediction=Prediction(
            signal=ratio,
            unit="ratio",
            low=min(forecast.hit_ratio_low, forecast.hit_ratio),
            expected=forecast.hit_ratio,
            high=max(forecast.hit_ratio_high, forecast.hit_ratio),
            model="reuse-time",
        ),
        goal=Goal(signal=ratio, better=Better.HIGHER, minimum_gain_ratio=SMALLEST_GAIN),
        gain_seconds_per_second=tier.loading_seconds_per_second * _loads_saved(tier, forecast.hit_ratio),
        app=tier.app,
        apply=f"agent.cache({tier.cache!r}, ...) with a TTL of {ttl:g} s in tier {tier.tier}",
        undo=f"agent.cache({tier.cache!r}, ...) with a TTL of {tier.ttl_seconds:g} s in tier {tier.tier}",
        alternatives=("drop keys when their data changes, and use a long TTL",),
        doubts=doubts,
    )


def _doubts(tier: TierReading) -> tuple[str, ...]:
    """What could not be ruled out."""
    doubts = []
    if tier.reuse.change_ratio is None or tier.oldest_seconds is None:
        doubts.append("how old answers may get is not known: how often values change, or another TTL, is not measured")
    if tier.evictions_per_second is None:
        doubts.append("that it is full is not ruled out: evictions are not measured")
    return tuple(doubts)


def _loads_saved(tier: TierReading, hit_ratio: float) -> float:
    """The share of loads from the origin (0 to 1) that fall away. What the next tier answers anyhow saves none."""
    now = tier.hit_ratio
    if tier.asked_next:
        behind = tier.other_hit_ratios.get(tier.asked_next)
        now = 1.0 if behind is None else now + (1 - now) * behind
    return max(0.0, hit_ratio - now) / max(1e-6, 1 - now)


def _expressions(guide: GuideSettings) -> Sequence[str]:
    """By tier; of all tiers together where that is all there is. The quarter of an hour is the guide's."""
    tiers = guide.cache.low_hit_ratio
    low = " or ".join(
        f'(%cache.hit_ratio% < {ratio:g} and on (tier) label_replace(vector(1), "tier", "{tier}", "", ""))'
        for tier, ratio in sorted(tiers.items())
    )
    busy = f"%cache.requests_per_second% >= {guide.cache.smallest_requests_per_second:g}"
    if not tiers:
        return ()
    told_apart = f"(({low}) and ({busy}))"
    together = f"%cache.overall_hit_ratio% < {max(tiers.values()):g}"
    return (f"{told_apart} or ({together} unless on (app) %cache.hit_ratio%)", told_apart, together)


LOW_CACHE_HIT_RATE = Rule(
    id=_ID,
    title="A cache tier answers too few requests",
    guide=_GUIDE,
    needs=needs("cache.hit_ratio", "cache.ttl_seconds", "cache.requests_per_second"),
    uses=(
        "cache.evictions_per_second",
        "cache.errors_per_second",
        "cache.load_mean_seconds",
        "cache.loads_per_second",
        "cache.change_ratio",
        "cache.reuse_within_ratio",
    ),
    diagnose=_diagnose,
    propose=_propose,
    alert=RuleAlert(
        expressions=_expressions,
        summary="a cache of {{ $labels.app }} answers {{ $value | humanizePercentage }} of its requests",
        for_seconds=900.0,
    ),
)
