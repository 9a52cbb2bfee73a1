"""The judge: did the change help, did it harm? Pure; one entry, `judge`.

No data is never a gain, and no gain means back. A change is kept only when the goal's improvement is proven and
every guardrail has data and stays within its bound.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.model.change import Guardrail, TrialPlan
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Series, SignalKey
from advisor.model.units import format_duration
from advisor.model.verdict import MetricComparison, Outcome, Verdict, VerdictReason
from advisor.stats.compare import Comparison, compare

LOAD_SIGNAL = "http.requests_per_second"
_NO_SERIES = Series(problem="not read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """All that is judged. elapsed_seconds runs from the end of the warm-up.

    confidence: of the two-sided intervals. smallest_effective: independent points needed in each window.
    load_shift: share by which the load may move before the windows are incomparable.
    """

    goal: Goal
    plan: TrialPlan
    baseline: Mapping[SignalKey, Series]
    trial: Mapping[SignalKey, Series]
    elapsed_seconds: float
    confidence: float
    smallest_effective: float
    load_shift: float


def judge(trial: Trial) -> Verdict:
    """Keep, roll back or extend, with the reason and the numbers."""
    goal = _Metric.of(trial, trial.goal.signal, "goal")
    rails = [(rail, _Metric.of(trial, rail.signal, "guardrail")) for rail in trial.plan.guardrails]
    evidence = tuple(metric.evidence(trial.confidence) for metric in [goal, *(metric for _, metric in rails)])

    harmed = [text for rail, metric in rails if (text := _harm(rail, metric, proven=True))]
    if harmed:
        return _verdict(Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED, "; ".join(harmed), evidence)
    if trial.elapsed_seconds < trial.plan.trial_seconds:
        left = format_duration(trial.plan.trial_seconds - trial.elapsed_seconds)
        return _verdict(Outcome.EXTEND, VerdictReason.UNDECIDED, f"the trial runs for another {left}", evidence)

    reason, explanation = _weigh(trial, goal, rails)
    if reason is VerdictReason.GAIN_PROVEN:
        return _verdict(Outcome.KEEP, reason, explanation, evidence)
    if reason is VerdictReason.NO_GAIN or trial.elapsed_seconds >= trial.plan.longest_seconds:
        return _verdict(Outcome.ROLL_BACK, reason, explanation, evidence)
    return _verdict(Outcome.EXTEND, reason, explanation, evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metric:
    """One signal in both windows; `problem` says why there is no comparison."""

    signal: SignalKey
    role: str
    samples_before: int
    samples_after: int
    comparison: Comparison | None
    problem: str

    @classmethod
    def of(cls, trial: Trial, signal: SignalKey, role: str) -> "_Metric":
        before, after = trial.baseline.get(signal, _NO_SERIES), trial.trial.get(signal, _NO_SERIES)
        values = (before.values, after.values)
        problem, comparison = "", None
        if not all(values) or before.problem or after.problem:
            problem = f"{signal}: " + (before.problem or after.problem or "no samples")
        if all(values):
            comparison = compare(*values, confidence=trial.confidence)
            fewest = min(comparison.effective_before, comparison.effective_after)
            if not problem and fewest < trial.smallest_effective:
                problem = f"{signal}: {fewest:.1f} independent points, {trial.smallest_effective:g} are needed"
        return cls(
            signal=signal,
            role=role,
            samples_before=len(values[0]),
            samples_after=len(values[1]),
            comparison=comparison,
            problem=problem,
        )

    def evidence(self, confidence: float) -> MetricComparison:
        found = self.comparison
        nan = math.nan
        return MetricComparison(
            signal=str(self.signal),
            role=self.role,
            before=found.before if found else nan,
            after=found.after if found else nan,
            ratio=found.ratio_of(found.shift) if found else nan,
            ratio_low=found.ratio_of(found.shift_low) if found else nan,
            ratio_high=found.ratio_of(found.shift_high) if found else nan,
            confidence=confidence,
            samples_before=self.samples_before,
            samples_after=self.samples_after,
            effective_before=found.effective_before if found else 0.0,
            effective_after=found.effective_after if found else 0.0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gain:
    """How much better a metric got, in its own unit; negative when it got worse."""

    least: float
    expected: float
    most: float

    @classmethod
    def of(cls, better: Better, found: Comparison) -> "_Gain":
        if better is Better.HIGHER:
            return cls(least=found.shift_low, expected=found.shift, most=found.shift_high)
        return cls(least=-found.shift_high, expected=-found.shift, most=-found.shift_low)


def _harm(rail: Guardrail, metric: _Metric, *, proven: bool) -> str:
    """The harm a guardrail took beyond its bound, proven or only expected; "" when there is none."""
    found = metric.comparison
    if found is None or (proven and metric.problem):
        return ""
    gain = _Gain.of(rail.better, found)
    allowed = max(rail.maximum_harm_ratio * abs(found.before), rail.slack)
    if -(gain.most if proven else gain.expected) <= allowed:
        return ""
    return f"{metric.signal} went from {found.before:.4g} to {found.after:.4g}; {allowed:.4g} worse is the most allowed"


def _weigh(trial: Trial, goal: _Metric, rails: Sequence[tuple[Guardrail, _Metric]]) -> tuple[VerdictReason, str]:
    """The reason a full window gives, without regard to how long it may still be extended."""
    blind = "; ".join(metric.problem for metric in [goal, *(metric for _, metric in rails)] if metric.problem)
    if goal.comparison is None:
        return VerdictReason.NO_DATA, blind
    if blind:
        return VerdictReason.NOT_ENOUGH_DATA, blind
    shifted = _load_shift(trial, rails)
    if shifted:
        return VerdictReason.LOAD_SHIFTED, shifted
    found = goal.comparison
    gain = _Gain.of(trial.goal.better, found)
    wanted = trial.goal.minimum_gain_ratio * abs(found.before)
    summary = f"{goal.signal} went from {found.before:.4g} to {found.after:.4g}"
    if gain.most < wanted:
        return VerdictReason.NO_GAIN, f"{summary}; a gain of {trial.goal.minimum_gain_ratio:.0%} is ruled out"
    if gain.expected < wanted or gain.least <= 0:
        return VerdictReason.UNDECIDED, f"{summary}; neither a gain nor its absence is proven"
    suspected = "; ".join(text for rail, metric in rails if (text := _harm(rail, metric, proven=False)))
    if suspected:
        return VerdictReason.UNDECIDED, f"{summary}, but {suspected}"
    return VerdictReason.GAIN_PROVEN, summary


def _load_shift(trial: Trial, rails: Sequence[tuple[Guardrail, _Metric]]) -> str:
    """Why the two windows saw different loads; "" when they are comparable or no load is known."""
    for _, metric in rails:
        found = metric.comparison
        if metric.signal.name != LOAD_SIGNAL or found is None:
            continue
        if abs(found.shift) > trial.load_shift * abs(found.before):
            return (
                f"the load went from {found.before:.4g} to {found.after:.4g} per second; the windows are not comparable"
            )
    return ""


def _verdict(
    outcome: Outcome, reason: VerdictReason, explanation: str, evidence: tuple[MetricComparison, ...]
) -> Verdict:
    return Verdict(outcome=outcome, reason=reason, explanation=explanation, evidence=evidence)
