"""Whether another CPU target is clearly better than today's, by the guide's table and the replay of recorded days."""

from dataclasses import dataclass
from enum import StrEnum

from advisor.model.kubernetes.load_pattern import LoadPattern, PatternGuess
from advisor.model.kubernetes.playing import HpaChoice, HpaForecast
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.kubernetes.scaling import ScalingGuide
from advisor_rules.kubernetes.scaling.case import Case, cases_of


class Importance(StrEnum):
    """As a label of the pods says."""

    USUAL = ""
    CRITICAL = "critical"
    COST_SENSITIVE = "cost-sensitive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """choice: the best target, the guide's and today's, as played. pattern: None where it could not be told."""

    case: Case
    choice: HpaChoice
    pattern: PatternGuess | None
    importance: Importance

    @property
    def percent(self) -> int:
        """The best target."""
        return percent_of(self.choice.best)

    @property
    def row(self) -> str:
        """Of the guide's table, in words."""
        if self.importance is not Importance.USUAL:
            return f"{self.importance} workloads"
        return f"{self.pattern.pattern if self.pattern else LoadPattern.STEADY} loads"


def percent_of(forecast: HpaForecast) -> int:
    return round(forecast.plan.targets[0].value)


def clearly_worse(snapshot: Snapshot, context: RuleContext, *, too_high: bool) -> list[Verdict]:
    """Autoscalers whose target should be lower (too_high), or higher."""
    guide = context.guide.kubernetes.scaling
    found = []
    for case in cases_of(snapshot, guide):
        verdict = verdict_on(case, context) if too_high or case.is_alone else None
        if verdict is not None and verdict.percent != case.percent and (verdict.percent < case.percent) is too_high:
            found.append(verdict)
    return found


def verdict_on(case: Case, context: RuleContext) -> Verdict | None:
    """None where today's target is as good, or where the replay does not tell of what was seen."""
    guide = context.guide.kubernetes.scaling
    importance, pattern = _importance(case, guide), _pattern(case, context)
    table = case.plan(_percent(importance, pattern, guide))
    if _rests(case, max(case.percent, round(table.targets[0].value))):
        return None
    percents = range(guide.smallest_percent, guide.largest_percent + 1, guide.step_percent)
    choice = context.autoscaler_model.choose(
        case.question(guide, table, [case.plan(percent) for percent in percents], _price(importance, guide))
    )
    is_better = choice.gain_ratio >= guide.least_gain_ratio and choice.certainty >= guide.least_certainty
    if not is_better or not resembles(case, choice.today, guide):
        return None
    return Verdict(case=case, choice=choice, pattern=pattern, importance=importance)


def resembles(case: Case, today: HpaForecast, guide: ScalingGuide) -> bool:
    """Whether today's settings, played, have about the pod-hours that were seen: else something else decides too."""
    seen = case.pod_hours
    return abs(today.pod_hours[1] - seen) <= guide.largest_misfit_ratio * seen


def _rests(case: Case, percent: int) -> bool:
    """It never leaves its minimum, whichever of the targets holds: nothing is gained, and nothing is played."""
    most = case.hpa.fewest * float(case.request)
    is_low = all(max(day.cores) <= most * min(percent, case.percent) / 100 for day in case.demand.days)
    return is_low and all(max(day.pods) <= case.hpa.fewest for day in case.demand.days)


def _importance(case: Case, guide: ScalingGuide) -> Importance:
    value = case.workload.template.labels.get(guide.label, "")
    return next((one for one in Importance if one.value == value), Importance.USUAL)


def _pattern(case: Case, context: RuleContext) -> PatternGuess | None:
    try:
        return context.load_classifier.classify([day.cores_by_minute() for day in case.demand.days])
    except ValueError:
        return None


def _percent(importance: Importance, pattern: PatternGuess | None, guide: ScalingGuide) -> int:
    """The guide's table."""
    match importance:
        case Importance.CRITICAL:
            return guide.critical_percent
        case Importance.COST_SENSITIVE:
            return guide.cost_sensitive_percent
        case Importance.USUAL:
            is_bursty = pattern is not None and pattern.pattern in (LoadPattern.BURSTY, LoadPattern.FLASH_CROWD)
            return guide.bursty_percent if is_bursty else guide.steady_percent


def _price(importance: Importance, guide: ScalingGuide) -> float:
    match importance:
        case Importance.CRITICAL:
            return guide.critical_overload_price
        case Importance.COST_SENSITIVE:
            return guide.cost_sensitive_overload_price
        case Importance.USUAL:
            return guide.overload_price
