"""Points of a world as the daemon would hand them to the judge, and a trial played to its end."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from worlds.signals import BEGAN_AT, STEP_SECONDS, WARM_UP_SECONDS, Array, Signals, moments

from advisor.engine.judge.judge import judge
from advisor.engine.judge.plan.trial_plan import plan_for
from advisor.engine.judge.probation import looks_made, watched
from advisor.engine.judge.restarts import inconclusive, replaced
from advisor.engine.judge.switch_back import withheld
from advisor.engine.judge.trial import Control, Trial, Windows
from advisor.model.change import TrialPlan
from advisor.model.course import Mark
from advisor.model.proposal import Better, Goal
from advisor.model.signal import WITHIN_SIGNAL, Sample, Series, SignalKey, signal
from advisor.model.verdict import Outcome
from advisor.settings.trial import TrialSettings
from advisor.stats.looks import looks
from judging.switching import periods

SETTINGS = TrialSettings()
GOAL = signal("pool.wait_mean_seconds", app="shop")
LATENCY = signal("http.p95_seconds", app="shop")
LOAD = signal("http.requests_per_second", app="shop")
ERRORS = signal("http.error_ratio", app="shop")
REPLICAS = signal("pool.replicas", app="shop")
KEYS = (GOAL, LATENCY, LOAD, ERRORS)
MOST_MISSING = 0.2

PLAN = replace(plan_for("shop", SETTINGS), warm_up_seconds=WARM_UP_SECONDS)
BLOCK_SECONDS = PLAN.block_seconds
APPLIED_AT = BEGAN_AT - timedelta(seconds=WARM_UP_SECONDS)


def within(bound: float) -> SignalKey:
    """The share of requests that took `bound` seconds at most."""
    return signal(WITHIN_SIGNAL, app="shop", le=f"{bound:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a trial ended: whether the change was kept, after how many seconds, and why; trial: as it stood then."""

    kept: bool
    seconds: float
    reason: str
    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What the trial will show, look by look. lost: which scrapes are missing. ages: of the processes, where known.

    marks: known events of the whole trial and of the past before it. moves: of the knob, in seconds, where it switches
    back.
    """

    points: Windows
    lost: Array
    control: Windows | None = None
    ages: Series | None = None
    marks: tuple[Mark, ...] = ()
    moves: tuple[float, ...] = ()

    def until(self, trial: Trial, seconds: float) -> Trial:
        """`trial` after so many seconds."""
        seen = {key: _until(series, self.lost, trial.began_at, seconds) for key, series in self.points.items()}
        control = trial.control
        if control is not None and self.control is not None:
            beside = {key: _until(series, self.lost, trial.began_at, seconds) for key, series in self.control.items()}
            control = replace(control, trial=beside)
        end = trial.began_at + timedelta(seconds=seconds)
        marks = tuple(mark for mark in self.marks if mark.at < end)
        now = periods(self.moves, trial.plan, trial.began_at, seconds)
        return replace(trial, trial=seen, control=control, elapsed_seconds=seconds, marks=marks, periods=now)


def trial_of(
    baseline: Windows, usual: Windows | None = None, *, goal: SignalKey = GOAL, plan: TrialPlan = PLAN
) -> Trial:
    """One that has just begun."""
    return Trial(
        goal=Goal(signal=goal, better=Better.LOWER, minimum_gain_ratio=0.1),
        plan=plan,
        settings=SETTINGS,
        baseline=baseline,
        trial={},
        usual=usual or {},
        began_at=BEGAN_AT,
        elapsed_seconds=0.0,
    )


def beside(trial: Trial, control: Windows) -> Trial:
    """With the baseline of the instances that keep the old value."""
    return replace(trial, control=Control(baseline=control, trial={}))


def play(trial: Trial, coming: Coming, *, every_cycle: bool = False) -> Ended:
    """The real judge, asked until it ends the trial."""
    for seconds in _times(every_cycle=every_cycle):
        seen = coming.until(trial, seconds)
        verdict = judge(seen)
        if coming.moves:
            verdict = withheld(verdict, seen, seconds, needed=SETTINGS.switch_back.periods)
        if coming.ages is not None:
            ages = _until(coming.ages, np.zeros(0), trial.began_at, seconds)
            verdict = inconclusive(verdict, replaced(ages, APPLIED_AT), undo_is_dear=False)
        if verdict.outcome is not Outcome.EXTEND:
            is_kept = verdict.outcome is Outcome.KEEP
            return Ended(kept=is_kept, seconds=seconds, reason=str(verdict.reason), trial=seen)
    raise AssertionError("the judge did not end the trial at its longest window")


def lasts(ended: Ended, coming: Coming) -> bool:
    """Whether what was kept is still there when the longest window has passed."""
    trial, plan = ended.trial, ended.trial.plan
    count = looks_made(plan, plan.longest_seconds)
    for number in range(looks_made(plan, ended.seconds) + 1, count + 1):
        seconds = min(number * plan.trial_seconds, plan.longest_seconds)
        outcome = watched(coming.until(trial, seconds)).outcome
        if outcome is not Outcome.EXTEND:
            return outcome is not Outcome.ROLL_BACK
    return True


def windows(signals: Signals, start_seconds: float) -> Windows:
    """Block means, as the advisor stores the history; the judge would gather the trial's points into the same."""
    return {key: thinned(points, start_seconds) for key, points in zip(KEYS, signals.each(), strict=True)}


def thinned(points: Array, start_seconds: float) -> Series:
    """The means of whole blocks, counted back from the end of `points`, the first of which is at `start_seconds`."""
    size = int(BLOCK_SECONDS / STEP_SECONDS)
    whole = points[len(points) % size :].reshape(-1, size)
    filled = np.asarray(~np.isnan(whole).all(axis=1))
    means = np.nanmean(whole[filled], axis=1)
    first = start_seconds + (len(points) % size) * STEP_SECONDS + BLOCK_SECONDS / 2
    times = moments(first, len(whole), BLOCK_SECONDS)
    values = iter(means.tolist())
    return Series(
        samples=tuple(Sample(at=at, value=next(values)) for at, ok in zip(times, filled.tolist(), strict=True) if ok)
    )


def _until(series: Series, lost: Array, began_at: datetime, seconds: float) -> Series:
    """What is read of the trial after so many seconds; `lost` says which of its scrapes are missing."""
    end = began_at + timedelta(seconds=seconds)
    due = lost[: math.ceil(seconds / STEP_SECONDS)]
    missing = int(due.sum())
    problem = f"{missing} of {len(due)} points are missing" if missing > MOST_MISSING * len(due) else ""
    count = bisect_left(series.samples, end, key=lambda sample: sample.at)
    return Series(samples=series.samples[:count], problem=problem)


def _times(*, every_cycle: bool) -> Sequence[float]:
    if every_cycle:
        return np.arange(STEP_SECONDS, SETTINGS.longest_seconds + 1, STEP_SECONDS).tolist()
    return [look.seconds for look in looks(SETTINGS.trial_seconds, SETTINGS.longest_seconds)]
