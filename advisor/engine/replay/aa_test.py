"""A/A tests, played over what was recorded: how often the judge would see what is not there. Pure."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from advisor.engine.judge.history import in_blocks, mean_of_days, smooth
from advisor.engine.judge.judge import judge
from advisor.engine.judge.trial import Trial, Windows
from advisor.model.change import TrialPlan
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Sample, Series, SignalKey
from advisor.model.verdict import Outcome, VerdictReason
from advisor.settings.trial import TrialSettings
from advisor.stats.looks import looks

_MOST_MISSING = 0.2
_OLDER_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The goal's and the guardrails' signals from `start` to `end`, thinned to blocks of `block_seconds`."""

    series: Mapping[SignalKey, Series]
    start: datetime
    end: datetime
    block_seconds: float

    def cut(self, signal: SignalKey, start: datetime, end: datetime) -> Series:
        """The blocks in [start, end); a window that lacks more than a fifth of them says so."""
        samples = self.series[signal].samples
        found = samples[bisect_left(samples, start, key=_at) : bisect_left(samples, end, key=_at)]
        expected = int((end - start).total_seconds() / self.block_seconds)
        missing = expected - len(found)
        problem = f"{missing} of {expected} blocks are missing" if missing > _MOST_MISSING * expected else ""
        return Series(samples=found, problem=problem)

    def windows(self, start: datetime, end: datetime) -> Windows:
        return {signal: self.cut(signal, start, end) for signal in self.series}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How one trial ended, and after how many seconds from the end of its warm-up."""

    kept: bool
    reason: VerdictReason
    seconds: float

    @property
    def harmed(self) -> bool:
        return self.reason is VerdictReason.GUARDRAIL_HARMED

    @property
    def is_told(self) -> bool:
        """Whether it ended with an answer: a gain, none, or harm."""
        return self.kept or self.harmed or self.reason is VerdictReason.NO_GAIN


def play(
    recording: Recording, goal: Goal, plan: TrialPlan, settings: TrialSettings, at: datetime, gain_ratio: float
) -> Played:
    """A trial that begins to be applied at `at`. With a gain, the goal's recorded values are that much better in it."""
    began_at = at + timedelta(seconds=plan.warm_up_seconds)
    end = began_at + timedelta(seconds=plan.longest_seconds)
    history = max(plan.history_seconds, plan.baseline_seconds)
    start = max(at - timedelta(seconds=history), recording.start)
    after = dict(recording.windows(began_at, end))
    after[goal.signal] = _better(after[goal.signal], goal, gain_ratio)
    before = {signal: replace(series, problem="") for signal, series in recording.windows(start, at).items()}
    trial = Trial(
        goal=goal,
        plan=plan,
        settings=settings,
        baseline=before,
        trial=after,
        began_at=began_at,
        elapsed_seconds=0.0,
        usual=usual_course(recording, settings, (start, end), at),
        older=older_days(recording, plan, start),
    )
    for look in looks(plan.trial_seconds, plan.longest_seconds):
        until = began_at + timedelta(seconds=look.seconds)
        seen = {signal: _until(series, until) for signal, series in after.items()}
        verdict = judge(replace(trial, trial=seen, elapsed_seconds=look.seconds))
        if verdict.outcome is not Outcome.EXTEND:
            return Played(
                kept=verdict.outcome is Outcome.KEEP,
                reason=verdict.reason,
                seconds=look.seconds,
            )
    raise AssertionError("the last look ends every trial")


def older_days(recording: Recording, plan: TrialPlan, before: datetime) -> Windows:
    """The days before the history that a trial is compared with, as far as they were recorded, in longer blocks."""
    first = before - timedelta(days=_OLDER_DAYS)
    return {
        signal: in_blocks(replace(recording.cut(signal, first, before), problem=""), plan.trial_seconds, before)
        for signal in recording.series
    }


def usual_course(
    recording: Recording, settings: TrialSettings, span: tuple[datetime, datetime], now: datetime
) -> Windows:
    """The same hours of the earlier days that were recorded in full; of what comes after `now` nothing is known."""
    start, end = span
    shifts = [days for days in settings.earlier_days if start - timedelta(days=days) >= recording.start]
    if not shifts:
        return {}
    spans = [(start - timedelta(days=days), min(end - timedelta(days=days), now)) for days in shifts]
    return {
        signal: smooth(
            mean_of_days([recording.cut(signal, *each) for each in spans], shifts),
            settings.trial_seconds,
        )
        for signal in recording.series
    }


def _better(series: Series, goal: Goal, gain_ratio: float) -> Series:
    factor = 1 - gain_ratio if goal.better is Better.LOWER else 1 + gain_ratio
    return replace(series, samples=tuple(Sample(at=s.at, value=s.value * factor) for s in series.samples))


def _until(series: Series, end: datetime) -> Series:
    return replace(series, samples=series.samples[: bisect_left(series.samples, end, key=_at)])


def _at(sample: Sample) -> datetime:
    return sample.at
