"""The judge: did the change help, did it harm? Pure; one entry, `judge`.

No data is never a gain, and no gain means back. A change is kept only when the goal's improvement is proven and
every guardrail's harm is ruled out. `judge` may be called as often as one likes: between two looks its answer stays.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.engine.judge.analysis_window import AnalysisWindow
from advisor.engine.judge.contrast import Contrast
from advisor.engine.judge.failures import Failures, count_failures
from advisor.engine.judge.harm import allowed, worst
from advisor.engine.judge.instances import with_load_of_each
from advisor.engine.judge.latency_scale import with_latency_scale
from advisor.engine.judge.mechanism import Mechanism, mechanism
from advisor.engine.judge.placebo import Placebos, placebos
from advisor.engine.judge.rivals import broke_elsewhere
from advisor.engine.judge.slow_requests import SlowRequests, count_slow
from advisor.engine.judge.statements import hanging, regressions
from advisor.engine.judge.switch_back import compared as contrast
from advisor.engine.judge.switch_back import has_been_back
from advisor.engine.judge.trial import ERROR_SIGNAL, Trial
from advisor.model.change import Guardrail
from advisor.model.proposal import Better, Goal
from advisor.model.units import format_duration
from advisor.model.verdict import MetricComparison, Outcome, PredictionCheck, Verdict, VerdictReason
from advisor.stats.looks import LATER, SOONER, Look, looks

Measured = Contrast | Failures
_WOULD_TELL = "without a control nobody can tell, and nothing is kept by itself: a canary or a switch back would tell"
_BLIND = frozenset({VerdictReason.NO_DATA, VerdictReason.NOT_ENOUGH_DATA, VerdictReason.LOAD_SHIFTED})


def judge(trial: Trial) -> Verdict:
    """Keep, roll back, hold or extend, with the reason and the numbers."""
    trial, alpha = with_latency_scale(with_load_of_each(trial)), _one_side(trial.settings.confidence)
    if stopped := (*trial.alarms, *(hanging(*trial.statements, alpha) if trial.statements else ())):
        return Verdict(outcome=Outcome.ROLL_BACK, reason=VerdictReason.STOPPED, explanation="; ".join(stopped))
    counted = _Rails.counted(trial)
    if harm := counted.harm(None):
        evidence = tuple(_evidence(trial, measured, "guardrail", None) for _, measured in counted.pairs)
        return Verdict(
            outcome=Outcome.ROLL_BACK, reason=VerdictReason.GUARDRAIL_HARMED, explanation=harm, evidence=evidence
        )
    look = current_look(trial)
    if look is None:
        return Verdict(outcome=Outcome.EXTEND, reason=VerdictReason.UNDECIDED, explanation=_until_next(trial, None))
    return _judge_look(trial, look, counted)


def current_look(trial: Trial) -> Look | None:
    """The last look that is due; None before the first."""
    plan = trial.plan
    due = [look for look in looks(plan.trial_seconds, plan.longest_seconds) if look.seconds <= trial.elapsed_seconds]
    return due[-1] if due else None


def _judge_look(trial: Trial, look: Look, counted: "_Rails") -> Verdict:
    window = AnalysisWindow(trial=trial, seen_seconds=look.seconds)
    rails = counted.with_contrasts(window)
    goal = contrast(window, trial.goal.signal)
    natural = None if look.early or has_been_back(trial) else placebos(trial, look.seconds, goal)
    works = mechanism(trial, look.alpha(_one_side(trial.settings.confidence), LATER))
    is_alone = natural is not None and trial.control is None
    rival = broke_elsewhere(goal, trial.plan.no_gain_seconds) if is_alone else ""
    proof = _Proof(natural=natural, works=works, rival=rival)
    outcome, reason, explanation = _decide(trial, look, goal, rails, proof)
    return Verdict(
        outcome=outcome,
        reason=reason,
        explanation=explanation,
        evidence=(
            _evidence(trial, goal, "goal", look),
            *(_evidence(trial, measured, "guardrail", look) for _, measured in rails.pairs),
        ),
        prediction=_prediction(trial, goal, look),
        placebo=natural.check if natural is not None else None,
        mechanism=works.check if works is not None else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proof:
    """What speaks for or against a gain beside the goal's own step. natural: what the past did without a change.

    works: what the change works through; None where that is not counted. rival: where the goal broke, if not at the
    change.
    """

    natural: Placebos | None
    works: Mechanism | None
    rival: str = ""

    def objection(self) -> str:
        """Why a gain that was seen is not the change's. Counts that fell do not fall by themselves."""
        if self.works is not None and self.works.is_refuted:
            return f"{self.works.check}: something else made it faster"
        found = (self.natural.objection if self.natural is not None else "") or self.rival
        if found and not (self.works and self.works.is_confirmed):
            return f"{found}; {_WOULD_TELL}"
        return ""

    def counted_gain(self, goal: Goal) -> str:
        """The gain that the counts prove on their own, in words; "" where they do not."""
        works = self.works
        if works is None or not works.is_confirmed or works.least_gain < max(goal.minimum_gain_ratio, 0.0):
            return ""
        return f"{works.check}; a call saves at least {works.least_gain:.0%} of its time"


def _decide(
    trial: Trial, look: Look, goal: Contrast, rails: "_Rails", proof: _Proof
) -> tuple[Outcome, VerdictReason, str]:
    if harm := rails.harm(look) or _slower_statements(trial, look):
        return Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED, harm
    if look.early:
        if (gain := proof.counted_gain(trial.goal)) and not rails.open_questions(look):
            return Outcome.KEEP, VerdictReason.GAIN_PROVEN, gain
        return Outcome.EXTEND, VerdictReason.UNDECIDED, _until_next(trial, look)
    reason, explanation = _weigh(trial, look, goal, rails, proof)
    if reason is VerdictReason.GAIN_PROVEN:
        return Outcome.KEEP, reason, explanation
    if reason is not VerdictReason.NO_GAIN and not look.last:
        return Outcome.EXTEND, reason, f"{explanation}; {_until_next(trial, look)}"
    if trial.undo_is_dear:
        return Outcome.HOLD, reason, f"{explanation}; going back is dearer than staying, a person decides"
    if trial.leaving_is_cheap and reason in _BLIND and _is_gain_proven(trial, look, goal):
        return Outcome.HOLD, reason, f"{goal.measured}, but {explanation}; the gain is proven, a person decides"
    return Outcome.ROLL_BACK, reason, explanation


def _weigh(trial: Trial, look: Look, goal: Contrast, rails: "_Rails", proof: _Proof) -> tuple[VerdictReason, str]:
    """What a look proves, without regard to how long the trial may still run."""
    blind = "; ".join(text for text in (goal.problem, goal.shortage, *rails.problems(look)) if text)
    if goal.step is None and not goal.is_shifted:
        return VerdictReason.NO_DATA, blind
    if blind:
        shifted = goal.is_shifted or rails.is_shifted()
        return (VerdictReason.LOAD_SHIFTED if shifted else VerdictReason.NOT_ENOUGH_DATA), blind
    gain = _Gain.of(trial.goal, goal, look.alpha(_one_side(trial.settings.confidence), LATER))
    wanted = trial.goal.minimum_gain_ratio
    summary = goal.measured
    if gain.most < wanted and look.seconds < trial.plan.no_gain_seconds and not look.last:
        return VerdictReason.UNDECIDED, f"{summary}; a gain of {wanted:.0%} may still begin"
    if gain.most < wanted:
        return VerdictReason.NO_GAIN, f"{summary}; a gain of {wanted:.0%} is ruled out"
    if gain.expected < wanted or gain.least <= 0:
        return VerdictReason.UNDECIDED, f"{summary}; neither a gain nor its absence is proven"
    if unproven := rails.unproven_or_hidden(look):
        return VerdictReason.UNDECIDED, f"{summary}, but {unproven}"
    if objection := proof.objection():
        return VerdictReason.UNTELLABLE, f"{summary}, but {objection}"
    return VerdictReason.GAIN_PROVEN, summary


def _is_gain_proven(trial: Trial, look: Look, goal: Contrast) -> bool:
    """Whatever the guardrails say, or fail to say."""
    if goal.step is None or goal.problem or goal.shortage:
        return False
    gain = _Gain.of(trial.goal, goal, look.alpha(_one_side(trial.settings.confidence), LATER))
    return gain.expected >= trial.goal.minimum_gain_ratio and gain.least > 0


def _slower_statements(trial: Trial, look: Look) -> str:
    if trial.statements is None:
        return ""
    alpha = look.alpha(_one_side(trial.settings.confidence), SOONER)
    return "; ".join(regressions(*trial.statements, trial.settings, alpha))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rails:
    """The guardrails with what was measured of each."""

    trial: Trial
    pairs: tuple[tuple[Guardrail, Measured], ...]
    slow: tuple[tuple[Guardrail, SlowRequests], ...] = ()

    @classmethod
    def counted(cls, trial: Trial) -> "_Rails":
        """What is judged on counts: errors on these only, latency also."""
        rails = trial.plan.guardrails
        slow = ((rail, count_slow(trial, rail)) for rail in rails if rail.within)
        return cls(
            trial=trial,
            pairs=tuple(
                (rail, count_failures(trial, rail.signal)) for rail in rails if rail.signal.name == ERROR_SIGNAL
            ),
            slow=tuple((rail, found) for rail, found in slow if found is not None),
        )

    def with_contrasts(self, window: AnalysisWindow) -> "_Rails":
        """All, in the order of the plan."""
        counts: dict[Guardrail, Measured] = dict(self.pairs)
        pairs = [
            (rail, counts.get(rail) or contrast(window, rail.signal, rail.slack, rail.maximum_harm_ratio))
            for rail in self.trial.plan.guardrails
        ]
        return replace(self, pairs=tuple(pairs))

    def harm(self, look: Look | None) -> str:
        """The harm that is proven; all guardrails share the chance of error. Without a look, that on counts only."""
        alpha = _one_side(self.trial.settings.confidence) / max(len(self.trial.plan.guardrails), 1)
        found = [slow.harm(rail, alpha) for rail, slow in self.slow]
        for rail, measured in self.pairs:
            if isinstance(measured, Failures):
                found.append(measured.harm(rail, alpha))
            elif look is not None and measured.step is not None and not measured.problem:
                found.append(_harm(rail, measured, look.alpha(alpha, SOONER)))
        return "; ".join(text for text in found if text)

    def unproven(self, look: Look) -> str:
        """The guardrails whose harm is not ruled out. All must be, so each may use the whole chance of error."""
        alpha = 1 - self.trial.settings.harm_confidence
        found = []
        for rail, measured in self.pairs:
            if isinstance(measured, Failures):
                harmless = measured.is_harmless(rail, alpha / 2) or self._fails_less(rail, measured, look, alpha / 2)
            else:
                harmless = worst(rail, measured, look.alpha(alpha, LATER)) < allowed(rail, measured)
                harmless = harmless and not any(slow.is_suspicious for other, slow in self.slow if other is rail)
            if rail.must_be_proven and not harmless:
                found.append(str(measured.signal))
        return f"harm to {', '.join(found)} is not ruled out" if found else ""

    def unproven_or_hidden(self, look: Look) -> str:
        """Why no gain counts yet, whatever it is."""
        plain = AnalysisWindow(trial=self.trial, seen_seconds=look.seconds, robust=False)
        return self.unproven(look) or self.hidden(plain)

    def open_questions(self, look: Look) -> str:
        """The same where a look is early: data may be missing, too."""
        return "; ".join(filter(None, self.problems(look))) or self.unproven_or_hidden(look)

    def _fails_less(self, rail: Guardrail, measured: Failures, look: Look, alpha: float) -> bool:
        """Whether the share that fails has certainly fallen, judged as a metric like any other.

        Where many failed all the time before, and hardly any do now, that says more than counts can: failures that rose
        and fell over the whole baseline count as a few clumps, and a few clumps may be missing by chance.
        Logarithms make little of a burst, so that of all requests half as many must fail as well.
        """
        if not measured.after <= measured.before / 2:
            return False
        plain = AnalysisWindow(trial=self.trial, seen_seconds=look.seconds, robust=False)
        found = contrast(plain, rail.signal, rail.slack, rail.maximum_harm_ratio)
        return found.step is not None and not found.problem and worst(rail, found, look.alpha(alpha, LATER)) <= 0

    def hidden(self, plain: AnalysisWindow) -> str:
        """The guardrails that look harmed once bursts count in full: a robust mean must not hide what callers felt."""
        found = []
        for rail, measured in self.pairs:
            if rail.must_be_proven and isinstance(measured, Contrast):
                whole = contrast(plain, rail.signal, rail.slack)
                harm = whole.ratio - 1 if rail.better is Better.LOWER else 1 - whole.ratio
                if not harm <= allowed(rail, whole):
                    found.append(f"{rail.signal} has bursts that make it {harm:.0%} worse on the whole")
        return "; ".join(found)

    def problems(self, look: Look) -> Sequence[str]:
        """Why a guardrail is no evidence. One that certainly got better says enough with few points, too."""
        alpha = look.alpha(1 - self.trial.settings.harm_confidence, LATER)
        short = [
            measured.shortage
            for rail, measured in self.pairs
            if isinstance(measured, Contrast) and rail.must_be_proven and not worst(rail, measured, alpha) <= 0
        ]
        return [*(measured.problem for _, measured in self.pairs), *short]

    def is_shifted(self) -> bool:
        return any(isinstance(measured, Contrast) and measured.is_shifted for _, measured in self.pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gain:
    """By which share of the baseline the goal got better; negative when it got worse."""

    least: float
    expected: float
    most: float

    @classmethod
    def of(cls, goal: Goal, found: Contrast, alpha: float) -> "_Gain":
        low, high = found.ratio_low(alpha), found.ratio_high(alpha)
        if goal.better is Better.HIGHER:
            return cls(least=low - 1, expected=found.ratio - 1, most=high - 1)
        return cls(least=1 - high, expected=1 - found.ratio, most=1 - low)


def _harm(rail: Guardrail, found: Contrast, alpha: float) -> str:
    """The harm beyond its bound that a guardrail certainly took; "" when none is proven."""
    least = found.ratio_low(alpha) - 1 if rail.better is Better.LOWER else 1 - found.ratio_high(alpha)
    most = allowed(rail, found)
    if least <= most:
        return ""
    return f"{found.measured}; {most:.0%} worse is the most allowed"


def _one_side(confidence: float) -> float:
    return (1 - confidence) / 2


def _until_next(trial: Trial, look: Look | None) -> str:
    seen = look.seconds if look else 0.0
    plan = trial.plan
    following = next(one.seconds for one in looks(plan.trial_seconds, plan.longest_seconds) if one.seconds > seen)
    return f"the next look is in {format_duration(max(following - trial.elapsed_seconds, 0.0))}"


def _evidence(trial: Trial, found: Measured, role: str, look: Look | None) -> MetricComparison:
    """The numbers of one metric, for the record. Of counts, each one that does not come in a clump is independent."""
    alpha = _one_side(trial.settings.confidence)
    alpha = look.alpha(alpha, LATER) if look else alpha
    if isinstance(found, Failures):
        before, after = found.before, found.after
        means, is_at_floor = (before, after), False
        ratio = after / before if before > 0 else math.nan
        low, high = math.nan, math.nan
        effective = (found.requests_before / found.clumping, found.requests_after / found.clumping)
        deviations = math.nan
    else:
        before, after, ratio = found.level, found.level * found.ratio, found.ratio
        means, is_at_floor = (found.mean_before, found.mean_after), found.is_at_floor
        low, high = found.ratio_low(alpha), found.ratio_high(alpha)
        effective = (found.step.effective_before, found.step.effective_after) if found.step else (0.0, 0.0)
        deviations = found.step.shift / found.step.deviation if found.step and found.step.deviation > 0 else math.nan
    return MetricComparison(
        signal=str(found.signal),
        role=role,
        before=before,
        after=after,
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        confidence=1 - 2 * alpha,
        samples_before=found.samples_before,
        samples_after=found.samples_after,
        effective_before=effective[0],
        effective_after=effective[1],
        deviations=deviations,
        mean_before=means[0],
        mean_after=means[1],
        is_at_floor=is_at_floor,
    )


def _prediction(trial: Trial, goal: Contrast, look: Look) -> PredictionCheck | None:
    """The prediction beside the measurement; None when another metric was predicted than the goal's."""
    said = trial.prediction
    if said is None or said.signal != trial.goal.signal:
        return None
    alpha = look.alpha(_one_side(trial.settings.confidence), LATER)
    return PredictionCheck(
        signal=str(said.signal),
        unit=said.unit,
        model=said.model,
        predicted_low=said.low,
        predicted=said.expected,
        predicted_high=said.high,
        measured_low=0.0 if goal.is_at_floor else min(goal.mean_before * goal.ratio_low(alpha), goal.mean_after),
        measured=goal.mean_after,
        measured_high=max(goal.mean_before * goal.ratio_high(alpha), goal.mean_after),
    )
