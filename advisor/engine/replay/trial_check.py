"""The judge put to the test on the user's own history: false verdicts, power, and the windows that would do."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from advisor.engine.judge.history import thinned
from advisor.engine.replay.aa_test import Played, Recording, play
from advisor.engine.replay.faults import Outcome, faults
from advisor.engine.replay.moments import moments, side_by_side
from advisor.model.change import TrialPlan
from advisor.model.proposal import Goal
from advisor.model.signal import Sample, Series, SignalKey
from advisor.model.trial_check import MOST_FALSE, WANTED_GAIN, WANTED_POWER, Power, TrialCheck, WindowCheck
from advisor.model.units import format_duration
from advisor.ports.observing import SampleReader
from advisor.settings.trial import TrialSettings
from advisor.stats.proportion import highest_share

GAINS = (0.05, 0.1, 0.2, 0.5)
_HOUR = 3600.0
_WINDOWS = (1 * _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, 16 * _HOUR, 24 * _HOUR)
_CHUNK = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What to play: `trials` of each window at most, evenly spread between `start` and `end`."""

    goal: Goal
    plan: TrialPlan
    settings: TrialSettings
    start: datetime
    end: datetime
    trials: int

    @property
    def windows(self) -> tuple[float, ...]:
        """The configured longest window first, then others, each no shorter than the first window."""
        configured = self.plan.longest_seconds
        return (configured, *(w for w in _WINDOWS if w != configured and w >= self.plan.trial_seconds))


def check_trials(check: Check, reader: SampleReader, tick: Callable[[], None] | None = None) -> TrialCheck:
    """Play them all. Raises SourceUnavailableError when nothing can be read. tick: called after each trial."""
    recording = record(check, reader)
    empty = [str(signal) for signal, series in recording.series.items() if not series.samples]
    nothing = TrialCheck(
        signal=check.goal.signal,
        start=check.start,
        end=check.end,
        minimum_gain_ratio=check.goal.minimum_gain_ratio,
        configured=None,
        others=(),
        enough=None,
    )
    if empty:
        return replace(nothing, problem=f"nothing was recorded of {', '.join(empty)}")
    nothing = replace(nothing, start=recording.start, end=recording.end)
    played = [_play_window(check, recording, seconds, tick) for seconds in check.windows]
    found = [_summed_up(trials) for trials in played]
    enough = [
        window
        for window in found
        if window.trials and window.false_keep_ratio <= MOST_FALSE and window.power(WANTED_GAIN) >= WANTED_POWER
    ]
    return replace(
        nothing,
        configured=found[0],
        others=tuple(found[1:]),
        enough=min(enough, key=lambda window: window.longest_seconds, default=None),
        problem="" if found[0].trials else _too_short(check, recording),
        faults=faults(recording, check.goal, check.plan, played[0].outcomes),
    )


def _too_short(check: Check, recording: Recording) -> str:
    plan = check.plan
    needed = plan.baseline_seconds + plan.warm_up_seconds + plan.longest_seconds
    there = (recording.end - recording.start).total_seconds()
    return (
        f"no trial of the configured windows finds room: it needs {format_duration(needed)} without long gaps, and "
        f"{format_duration(max(there, 0.0))} are on record"
    )


def record(check: Check, reader: SampleReader) -> Recording:
    """Read everything once, some hours at a time, and thin it as the advisor thins what a trial is compared with.

    The recording begins where the last of the signals begins: before, no trial could have been judged.
    """
    signals = list(dict.fromkeys([check.goal.signal, *(rail.signal for rail in check.plan.guardrails)]))
    samples: dict[SignalKey, list[Sample]] = {signal: [] for signal in signals}
    at = check.start
    while at < check.end:
        until = min(at + _CHUNK, check.end)
        for signal, series in _of_all(reader, signals, at, until).items():
            samples[signal] += series.samples
        at = until
    blocks = {key: thinned(Series(samples=tuple(found)), check.plan, check.end) for key, found in samples.items()}
    known = [found for found in samples.values() if found]
    return Recording(
        series=blocks,
        start=max([check.start, *(found[0].at for found in known)]),
        end=min([check.end, *(found[-1].at for found in known)]),
        block_seconds=check.plan.block_seconds,
    )


def _of_all(
    reader: SampleReader, signals: Sequence[SignalKey], start: datetime, end: datetime
) -> Mapping[SignalKey, Series]:
    found = reader.series(signals, start, end)
    return {signal: found.get(signal, Series()) for signal in signals}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trials:
    """Those of one longest window, by when they began: without a gain, and with each."""

    plan: TrialPlan
    begun: Sequence[datetime]
    null: Sequence[Played]
    gains: Mapping[float, Sequence[Played]]

    @property
    def outcomes(self) -> Sequence[Outcome]:
        pairs = zip(self.begun, self.null, self.gains[WANTED_GAIN], strict=True)
        return [Outcome(at=at, is_kept_without=null.kept, is_kept_with=gain.kept) for at, null, gain in pairs]


def _play_window(
    check: Check, recording: Recording, longest_seconds: float, tick: Callable[[], None] | None
) -> _Trials:
    plan = replace(check.plan, longest_seconds=longest_seconds)
    null: list[Played] = []
    gains: dict[float, list[Played]] = {gain: [] for gain in GAINS}
    begun = moments(plan, recording, check.trials)
    for at in begun:
        null.append(play(recording, check.goal, plan, check.settings, at, 0.0))
        for gain, played in gains.items():
            played.append(play(recording, check.goal, plan, check.settings, at, gain))
        if tick is not None:
            tick()
    return _Trials(plan=plan, begun=begun, null=null, gains=gains)


def _summed_up(trials: _Trials) -> WindowCheck:
    apart = side_by_side(trials.begun, trials.plan)
    kept, harmed = _ratio([one.kept for one in trials.null]), _ratio([one.harmed for one in trials.null])
    return WindowCheck(
        longest_seconds=trials.plan.longest_seconds,
        trials=len(trials.null),
        apart=apart,
        false_keep_ratio=kept,
        false_keep_most=_most(kept, apart),
        false_alarm_ratio=harmed,
        false_alarm_most=_most(harmed, apart),
        powers=tuple(_power(gain, played, apart) for gain, played in trials.gains.items()),
    )


def _power(gain: float, played: Sequence[Played], apart: int) -> Power:
    kept = _ratio([one.kept for one in played])
    return Power(
        gain_ratio=gain,
        kept_ratio=kept,
        kept_least=1 - _most(1 - kept, apart),
        median_seconds=median(one.seconds for one in played) if played else math.nan,
    )


def _ratio(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else math.nan


def _most(ratio: float, apart: int) -> float:
    """What the true share is at most, when so many independent trials had showed this one."""
    return highest_share(math.ceil(ratio * apart - 1e-9), apart) if apart else 1.0
