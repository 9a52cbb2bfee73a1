"""Replay recorded history, and read what the metrics did after each change that would have been made."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean

from advisor.engine.judge.plan.trial_plan import plan_trial
from advisor.engine.replay.replay import Script, replay
from advisor.model.errors import AdvisorError
from advisor.model.replay import Backtest, ObservedOutcome, ReplayedChange
from advisor.model.signal import Series, SignalKey
from advisor.model.snapshot import Snapshot
from advisor.ports.observing import History, SampleReader
from advisor.settings.trial import TrialSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is replayed: from `start` to `end`, a snapshot every `step_seconds`, rates over `window_seconds`."""

    start: datetime
    end: datetime
    step_seconds: float
    window_seconds: float

    @property
    def count(self) -> int:
        """Of snapshots."""
        return int((self.end - self.start).total_seconds() // self.step_seconds) + 1


def backtest(
    span: Span, script: Script, history: History, samples: SampleReader, *, tick: Callable[[], None] | None = None
) -> Backtest:
    """tick: called after every snapshot, for a progress bar.

    Raises SourceUnavailableError or BadDataError when the history cannot be read.
    """
    snapshots = history.snapshots(span.start, span.end, span.step_seconds, span.window_seconds)
    played = replay(_ticking(snapshots, tick) if tick is not None else snapshots, script, span.step_seconds)
    return Backtest(
        start=span.start,
        end=span.end,
        step_seconds=span.step_seconds,
        replay=played,
        outcomes=_outcomes(played.changes, samples, script.trial, span.end),
    )


def _ticking(snapshots: Iterable[Snapshot], tick: Callable[[], None]) -> Iterator[Snapshot]:
    for snapshot in snapshots:
        yield snapshot
        tick()


def _outcomes(
    changes: Sequence[ReplayedChange], samples: SampleReader, trial: TrialSettings, end: datetime
) -> tuple[ObservedOutcome, ...]:
    return tuple(_outcome(replayed, samples, trial, end) for replayed in changes)


def _outcome(replayed: ReplayedChange, samples: SampleReader, trial: TrialSettings, end: datetime) -> ObservedOutcome:
    """The same windows and points that a trial would have been judged on."""
    if replayed.until > end:
        return ObservedOutcome(problem="the replay ends before its trial would have")
    signal = replayed.proposal.goal.signal
    plan = plan_trial(replayed.proposal, trial)
    warm = replayed.at + timedelta(seconds=plan.warm_up_seconds)
    try:
        before = _read(samples, signal, replayed.at - timedelta(seconds=plan.baseline_seconds), replayed.at)
        after = _read(samples, signal, warm, replayed.until)
    except AdvisorError as error:
        return ObservedOutcome(problem=str(error))
    counted = ObservedOutcome(
        samples_before=len(before.values), samples_after=len(after.values), problem=before.problem or after.problem
    )
    if not before.values or not after.values:
        return replace(counted, problem=counted.problem or "no samples")
    mean = fmean(after.values)
    return replace(counted, before=fmean(before.values), after=mean, came_true=_came_true(replayed, mean))


def _came_true(replayed: ReplayedChange, mean: float) -> bool | None:
    """Only a knob that was moved for real can make a prediction true, or prove it wrong."""
    prediction = replayed.proposal.prediction
    if not replayed.was_moved or prediction.signal != replayed.proposal.goal.signal:
        return None
    return prediction.low <= mean <= prediction.high


def _read(samples: SampleReader, signal: SignalKey, start: datetime, end: datetime) -> Series:
    return samples.series([signal], start, end).get(signal, Series(problem="not read"))
