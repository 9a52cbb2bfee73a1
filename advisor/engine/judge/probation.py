"""What was kept is looked at again: is the gain still there, and has no harm come since? Pure; one entry, `watched`.

A whole trial dilutes what faded or came late, so each look compares its latest stretch with the baseline. There are
two kinds of looks. The short ones see one first window each, and find a sudden harm. The long ones see all since the
one before, half as much again each time; they share no point, and only these may say that a gain is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from advisor.engine.judge.analysis_window import AnalysisWindow
from advisor.engine.judge.contrast import Contrast, contrast
from advisor.engine.judge.failures import count_failures
from advisor.engine.judge.harm import allowed
from advisor.engine.judge.instances import with_load_of_each
from advisor.engine.judge.latency_scale import with_latency_scale
from advisor.engine.judge.slow_requests import count_slow
from advisor.engine.judge.switch_back import with_new_value
from advisor.engine.judge.trial import ERROR_SIGNAL, Trial, Windows
from advisor.model.change import Guardrail, TrialPlan
from advisor.model.proposal import Better
from advisor.model.signal import Sample, Series
from advisor.model.units import format_duration
from advisor.model.verdict import MetricComparison, Outcome, Verdict, VerdictReason

_GROWTH = 1.5
_WRONGLY = 0.002
"""The chance that all looks together take a gain back that lasts, and likewise for harm that is none."""
_HARM_OF_SHORT_LOOKS = 0.5
"""Their part of the chance for harm; the long ones have the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What one look sees, in seconds of the trial. chance: of error, for each kind of finding."""

    start: float
    end: float
    gain_chance: float
    harm_chance: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def watched(trial: Trial) -> Verdict:
    """Roll back, hold, or extend; keep once the longest window has passed. `trial` is all since the change."""
    trial = with_latency_scale(with_load_of_each(trial))
    if trial.alarms:
        return Verdict(outcome=Outcome.ROLL_BACK, reason=VerdictReason.STOPPED, explanation="; ".join(trial.alarms))
    found = [_look(trial, stretch) for stretch in stretches_at(trial.plan, trial.elapsed_seconds)]
    if harmed := next((one for one in found if one.reason is VerdictReason.GUARDRAIL_HARMED), None):
        return harmed
    if gone := next((one for one in found if one.reason is VerdictReason.GAIN_GONE), None):
        return gone
    latest = found[-1] if found else None
    is_over = trial.elapsed_seconds >= trial.plan.longest_seconds
    return Verdict(
        outcome=Outcome.KEEP if is_over else Outcome.EXTEND,
        reason=latest.reason if latest else VerdictReason.UNDECIDED,
        explanation=latest.explanation if latest else "too little has passed since it was kept",
        evidence=latest.evidence if latest else (),
    )


def looks_made(plan: TrialPlan, elapsed_seconds: float) -> int:
    """How many looks are due by then; between two of them the answer of `watched` stays."""
    return int(min(elapsed_seconds, plan.longest_seconds) / plan.trial_seconds) + (
        elapsed_seconds >= plan.longest_seconds
    )


def stretches_at(plan: TrialPlan, elapsed_seconds: float) -> Sequence[Stretch]:
    """What the latest short and the latest long look see, the long one last."""
    longs = _long_looks(plan)
    count = len(longs) + int(plan.longest_seconds / plan.trial_seconds)
    number = int(min(elapsed_seconds, plan.longest_seconds) / plan.trial_seconds)
    found = []
    if number >= 1:
        end = number * plan.trial_seconds
        chance = _WRONGLY * _HARM_OF_SHORT_LOOKS / count
        found.append(Stretch(start=end - plan.trial_seconds, end=end, gain_chance=0.0, harm_chance=chance))
    due = [number for number, end in enumerate(longs) if number and end <= elapsed_seconds]
    if due:
        start, end = longs[due[-1] - 1], longs[due[-1]]
        # The later a look, the more it sees: of the chance it has what it adds to the time that was seen.
        share = (end - start) / (longs[-1] - longs[0])
        harm = _WRONGLY * (1 - _HARM_OF_SHORT_LOOKS) * share
        found.append(Stretch(start=start, end=end, gain_chance=_WRONGLY * share, harm_chance=harm))
    return found


def latest(trial: Trial, stretch: Stretch) -> Trial:
    """The trial as if the change had been made at the stretch's beginning: what came before it in the trial is left
    out, and the stretch follows upon the baseline. The usual course is moved alike, so that hours stay together."""
    trial = with_new_value(trial)
    begin, gap = trial.began_at + timedelta(seconds=stretch.start), timedelta(seconds=stretch.start)
    end = trial.began_at + timedelta(seconds=stretch.end)

    def moved(series: Series) -> Series:
        kept = [one for one in series.samples if one.at < trial.began_at]
        late = [Sample(at=one.at - gap, value=one.value) for one in series.samples if begin <= one.at < end]
        return replace(series, samples=(*kept, *late))

    def all_moved(windows: Windows) -> Windows:
        return {signal: moved(series) for signal, series in windows.items()}

    return replace(
        trial, trial=all_moved(trial.trial), usual=all_moved(trial.usual), control=None, elapsed_seconds=stretch.seconds
    )


def _long_looks(plan: TrialPlan) -> Sequence[float]:
    """The ends of the long stretches; the first is where the first of them begins."""
    ends = [plan.trial_seconds]
    while ends[-1] * _GROWTH**2 < plan.longest_seconds:
        ends.append(ends[-1] * _GROWTH)
    return (*ends, plan.longest_seconds)


def _look(trial: Trial, stretch: Stretch) -> Verdict:
    seen = latest(trial, stretch)
    window = AnalysisWindow(trial=seen, seen_seconds=stretch.seconds)
    goal = contrast(window, trial.goal.signal)
    evidence = [_evidence(goal, "goal", stretch.gain_chance)]
    harm = []
    rails = trial.plan.guardrails
    for rail in rails:
        chance = stretch.harm_chance / len(rails)
        if rail.signal.name == ERROR_SIGNAL:
            harm.append(count_failures(seen, rail.signal).harm(rail, chance))
            continue
        if rail.within and (slow := count_slow(seen, rail)) is not None:
            harm.append(slow.harm(rail, chance))
        found = contrast(window, rail.signal, rail.slack, rail.maximum_harm_ratio)
        evidence.append(_evidence(found, "guardrail", stretch.harm_chance))
        harm.append(_harm(rail, found, chance))
    outcome, reason, explanation = _decided(trial, goal, "; ".join(text for text in harm if text), stretch)
    return Verdict(outcome=outcome, reason=reason, explanation=explanation, evidence=tuple(evidence))


def _decided(trial: Trial, goal: Contrast, harm: str, stretch: Stretch) -> tuple[Outcome, VerdictReason, str]:
    ago = f"in the last {format_duration(stretch.seconds)}"
    if harm:
        return Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED, f"{harm} ({ago})"
    if goal.step is None or goal.problem or goal.shortage:
        why = goal.problem or goal.shortage
        return Outcome.EXTEND, VerdictReason.NOT_ENOUGH_DATA, f"not to be told {ago}: {why}"
    told = f"{goal.measured} {ago}"
    if stretch.gain_chance and _most_gained(trial, goal, stretch.gain_chance) < trial.goal.minimum_gain_ratio:
        if trial.undo_is_dear or trial.leaving_is_cheap:
            dear = "going back is dearer than staying, a person decides"
            return Outcome.HOLD, VerdictReason.GAIN_GONE, f"the gain is gone: {told}; {dear}"
        return Outcome.ROLL_BACK, VerdictReason.GAIN_GONE, f"the gain is gone: {told}"
    if _is_gaining(trial, goal):
        return Outcome.EXTEND, VerdictReason.GAIN_PROVEN, f"the gain lasts: {told}"
    return Outcome.EXTEND, VerdictReason.UNDECIDED, f"neither a lasting gain nor its end is proven: {told}"


def _most_gained(trial: Trial, goal: Contrast, chance: float) -> float:
    """The share by which the goal got better at most."""
    if trial.goal.better is Better.HIGHER:
        return goal.ratio_high(chance) - 1
    return 1 - goal.ratio_low(chance)


def _is_gaining(trial: Trial, goal: Contrast) -> bool:
    alpha = (1 - trial.settings.confidence) / 2
    if trial.goal.better is Better.HIGHER:
        return goal.ratio_low(alpha) > 1
    return goal.ratio_high(alpha) < 1


def _harm(rail: Guardrail, found: Contrast, chance: float) -> str:
    """The harm beyond its bound that certainly came; "" when none is proven."""
    if found.step is None or found.problem:
        return ""
    least = found.ratio_low(chance) - 1 if rail.better is Better.LOWER else 1 - found.ratio_high(chance)
    bound = allowed(rail, found)
    return f"{found.measured}; {bound:.0%} worse is the most allowed" if least > bound else ""


def _evidence(found: Contrast, role: str, chance: float) -> MetricComparison:
    alpha = chance or 0.005
    return MetricComparison(
        signal=str(found.signal),
        role=role,
        before=found.level,
        after=found.level * found.ratio,
        ratio=found.ratio,
        ratio_low=found.ratio_low(alpha),
        ratio_high=found.ratio_high(alpha),
        confidence=1 - 2 * alpha,
        samples_before=found.samples_before,
        samples_after=found.samples_after,
        effective_before=found.step.effective_before if found.step else 0.0,
        effective_after=found.step.effective_after if found.step else 0.0,
        mean_before=found.mean_before,
        mean_after=found.mean_after,
        is_at_floor=found.is_at_floor,
    )
