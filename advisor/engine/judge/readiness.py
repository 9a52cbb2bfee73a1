"""Whether a past is one that the judge can use, asked before anything is changed for it. Pure.

A baseline with a trend, or one that is too short, is otherwise found too poor only after the change was made in vain.
The judge's own comparison is asked: what it would say of a trial that shows the same past again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from advisor.engine.judge.analysis_window import AnalysisWindow
from advisor.engine.judge.contrast import Contrast, foreseen
from advisor.engine.judge.harm import allowed, is_too_uneven
from advisor.engine.judge.latency_scale import with_latency_scale
from advisor.engine.judge.trial import ERROR_SIGNAL, Control, Trial, Windows, read
from advisor.model.change import Guardrail, TrialPlan
from advisor.model.course import Mark
from advisor.model.proposal import Better, Proposal
from advisor.model.signal import LOAD_SIGNAL, Series, SignalKey
from advisor.model.units import format_duration
from advisor.settings.trial import TrialSettings
from advisor.stats.looks import LATER, Look, looks

_MOST_BASELINES = 3
"""A baseline in which a guardrail is uneven is made longer, up to so many times."""
_NEXT_TO_NOTHING = 0.01
"""As a factor: what fell to less is judged as having fallen to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a change would be compared with, as it stands at the moment `at`.

    baseline: of those that would take the value. usual: the same hours of earlier days. older: the days before.
    control: of the instances that would keep the old value; None without a canary. marks: known events in it.
    """

    at: datetime
    baseline: Windows
    usual: Windows
    older: Windows = field(default_factory=dict)
    control: Windows | None = None
    marks: tuple[Mark, ...] = ()


def lacking(past: Past, proposal: Proposal, plan: TrialPlan, settings: TrialSettings) -> str:
    """What `past` lacks for the judge, and about how long until it has it; "" when some look could be decided on it."""
    if few := _too_few_requests(past.baseline, plan, settings):
        return few
    trial, factor = (
        with_latency_scale(_yet_to_come(past, proposal, plan, settings)),
        _least_hoped(proposal, past.baseline),
    )
    found, uneven = [], ""
    for look in looks(plan.trial_seconds, plan.longest_seconds):
        if look.early:
            continue
        window = AnalysisWindow(trial=trial, seen_seconds=look.seconds)
        rails = _foreseen_rails(window)
        if short := _short_at(window, rails, factor):
            found.append(short)
            continue
        uneven = _uneven(window, rails, look)
        if not uneven:
            return ""
    return uneven if uneven or not found else "; ".join(each.text for each in max(found, key=_fewest))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shortage:
    """points: independent ones of the signal; 0 where it cannot be compared at all."""

    points: float
    text: str


def _fewest(shortages: Sequence["_Shortage"]) -> float:
    return min(each.points for each in shortages)


def _foreseen_rails(window: AnalysisWindow) -> Sequence[tuple[Guardrail, Contrast]]:
    """The guardrails whose harm must be ruled out by a comparison."""
    return [
        (rail, foreseen(window, rail.signal, rail.slack, rail.maximum_harm_ratio))
        for rail in window.trial.plan.guardrails
        if rail.signal.name != ERROR_SIGNAL and rail.must_be_proven
    ]


def _short_at(
    window: AnalysisWindow, rails: Sequence[tuple[Guardrail, Contrast]], factor: float
) -> Sequence["_Shortage"]:
    """The goal and the guardrails that this look could not decide on."""
    compared = [foreseen(window, window.trial.goal.signal, factor=factor), *(found for _, found in rails)]
    return [short for each in compared if (short := _shortage(each, window)) is not None]


def _uneven(window: AnalysisWindow, rails: Sequence[tuple[Guardrail, Contrast]], look: Look) -> str:
    """The guardrail of which a longer past would tell more; "" where there is none, or the past is long already.

    Some metrics are never steady, and what a change gains may outweigh that: so it is waited for, but not for ever.
    """
    plan, settings = window.trial.plan, window.trial.settings
    most = min(_MOST_BASELINES * plan.baseline_seconds, max(plan.history_seconds, plan.baseline_seconds))
    for rail, found in rails:
        seconds = -window.before(rail.signal)[0][0]
        if seconds + plan.block_seconds < most and is_too_uneven(
            rail, found, look.alpha(1 - settings.harm_confidence, LATER)
        ):
            return (
                f"{rail.signal}: so uneven in the last {format_duration(seconds)} that harm beyond "
                f"{allowed(rail, found):.0%} may not be ruled out; watched for {format_duration(most - seconds)} more"
            )
    return ""


def _shortage(found: Contrast, window: AnalysisWindow) -> "_Shortage | None":
    if found.problem or found.step is None:
        return _Shortage(points=0.0, text=found.problem or f"{found.signal}: no samples")
    needed, points = window.trial.settings.smallest_effective_samples, found.step.effective_before
    if points >= needed:
        return None
    seconds = -window.before(found.signal)[0][0]
    told = (
        f"{found.signal}: {points:.1f} independent points in the last {format_duration(seconds)}, {needed:g} are needed"
    )
    more = seconds * (needed / points - 1)
    if seconds + more <= max(window.trial.plan.history_seconds, window.trial.plan.baseline_seconds):
        return _Shortage(points=points, text=f"{told}; in about {format_duration(more)} there would be enough")
    return _Shortage(points=points, text=f"{told}; it drifts, and is looked at again until it is steadier")


def _too_few_requests(baseline: Windows, plan: TrialPlan, settings: TrialSettings) -> str:
    """Errors are judged on counts: even the longest window must hold enough requests."""
    for rail in plan.guardrails:
        rates = read(baseline, SignalKey(name=LOAD_SIGNAL, labels=rail.signal.labels)).values
        if rail.signal.name != ERROR_SIGNAL or not rates:
            continue
        expected = fmean(rates) * plan.longest_seconds
        if expected < settings.smallest_requests:
            window = format_duration(plan.longest_seconds)
            return (
                f"{rail.signal}: about {expected:.0f} requests would be served in the longest window of {window}, "
                f"{settings.smallest_requests} are needed"
            )
    return ""


def _yet_to_come(past: Past, proposal: Proposal, plan: TrialPlan, settings: TrialSettings) -> Trial:
    """The trial of which there is only the past."""
    nothing = dict.fromkeys(past.baseline, Series())
    return Trial(
        goal=proposal.goal,
        plan=plan,
        settings=settings,
        baseline=past.baseline,
        trial=nothing,
        began_at=past.at,
        elapsed_seconds=0.0,
        usual=past.usual,
        older=past.older,
        marks=past.marks,
        control=Control(baseline=past.control, trial=nothing) if past.control is not None else None,
    )


def _least_hoped(proposal: Proposal, baseline: Windows) -> float:
    """The factor by which the goal changes if the prediction holds at its worst, and by which it must at least.

    Beside a large step, much noise is of no interest.
    """
    goal, said = proposal.goal, proposal.prediction
    is_lower = goal.better is Better.LOWER
    wanted = 1 - goal.minimum_gain_ratio if is_lower else 1 + goal.minimum_gain_ratio
    values = read(baseline, goal.signal).values
    if said.signal == goal.signal and values and (mean := fmean(values)) > 0:
        wanted = min(wanted, said.high / mean) if is_lower else max(wanted, said.low / mean)
    return max(wanted, _NEXT_TO_NOTHING)
