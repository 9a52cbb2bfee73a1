"""What a change is compared with: the window before it, as much of the past as is on record, and earlier days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from advisor.engine.judge.contamination import contaminations, steady_from
from advisor.engine.judge.history import in_blocks, mean_of_days, smooth, thinned
from advisor.engine.judge.readiness import Past, lacking
from advisor.engine.rollout.context import RolloutContext, by_signal
from advisor.model.change import ChangeRecord, NamedSeries, State, TrialPlan
from advisor.model.signal import INSTANCES_SIGNAL, LOAD_SIGNAL, WITHIN_SIGNAL, Sample, Series, SignalKey

_WITHOUT_COURSE = frozenset({WITHIN_SIGNAL, INSTANCES_SIGNAL})
_DRIVERS = frozenset({LOAD_SIGNAL, INSTANCES_SIGNAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What a change is compared with. past: the baseline and as much before it as is on record. usual: what the same
    hours of earlier days were like. older: the days before the past, of the goal and its load, in blocks.
    """

    past: tuple[NamedSeries, ...]
    usual: tuple[NamedSeries, ...]
    older: tuple[NamedSeries, ...]


def read_background(
    record: ChangeRecord,
    baseline: Sequence[NamedSeries],
    steady: datetime | None,
    rollout: RolloutContext,
    instances: Sequence[str] = (),
) -> Background:
    """The baseline with the time before it, back to where the change before was steady; and the days before that.

    `baseline` must be whole. Of the rest, gaps are gaps, and a source without a memory is no obstacle.
    """
    now, plan = rollout.clock.now(), record.plan
    start = now - timedelta(seconds=max(plan.history_seconds, plan.baseline_seconds))
    earliest = max(start, steady) if steady is not None else start
    edge = now - timedelta(seconds=plan.baseline_seconds)
    older = rollout.read(record, earliest, edge, instances) if earliest < edge else ()
    before = {window.signal: window.series.samples for window in older}
    past = tuple(
        NamedSeries(
            signal=window.signal,
            series=thinned(
                replace(window.series, samples=before.get(window.signal, ()) + window.series.samples),
                plan,
                now,
            ),
        )
        for window in baseline
    )
    days = _days(record, start, now, rollout, instances)
    return Background(past=past, usual=_usual(days, plan, now), older=_older(days, record, start))


def _days(
    record: ChangeRecord, start: datetime, now: datetime, rollout: RolloutContext, instances: Sequence[str]
) -> Mapping[int, Sequence[NamedSeries]]:
    """The same hours on the earlier days that are on record, by how many days ago.

    A day counts as a whole or not at all: of one that counts in part, its level would come and go in the mean.
    """
    plan = record.plan
    disturbed = contaminations(record, rollout.journal.history(rollout.policy.environment))
    end = now + timedelta(seconds=plan.apply_seconds + plan.warm_up_seconds + plan.longest_seconds)
    days: dict[int, Sequence[NamedSeries]] = {}
    for shift in rollout.trial.earlier_days:
        first, last = start - timedelta(days=shift), min(end - timedelta(days=shift), now)
        if not any(one.touches(first, last) for one in disturbed):
            days[shift] = rollout.read(record, first, last, instances)
    return days


def _usual(days: Mapping[int, Sequence[NamedSeries]], plan: TrialPlan, now: datetime) -> tuple[NamedSeries, ...]:
    """Their mean, smoothed; signals without any are left out."""
    found = []
    for signal in dict.fromkeys(window.signal for windows in days.values() for window in windows):
        if signal.name in _WITHOUT_COURSE:
            continue
        known = {
            shift: thinned(window.series, plan, now - timedelta(days=shift))
            for shift, windows in days.items()
            for window in windows
            if window.signal == signal and window.series.samples
        }
        if known:
            mean = mean_of_days(list(known.values()), list(known))
            found.append(NamedSeries(signal=signal, series=smooth(mean, plan.trial_seconds)))
    return tuple(found)


def _older(days: Mapping[int, Sequence[NamedSeries]], record: ChangeRecord, start: datetime) -> tuple[NamedSeries, ...]:
    """Each day up to the next one's beginning, one after another."""
    found: dict[SignalKey, list[Sample]] = {}
    for shift in sorted(days, reverse=True):
        first = start - timedelta(days=shift)
        for window in days[shift]:
            if window.signal == record.proposal.goal.signal or window.signal.name in _DRIVERS:
                of_day = (one for one in window.series.samples if first <= one.at < first + timedelta(days=1))
                found.setdefault(window.signal, []).extend(of_day)
    return tuple(
        NamedSeries(signal=key, series=in_blocks(Series(samples=tuple(samples)), record.plan.trial_seconds, start))
        for key, samples in found.items()
        if samples
    )


def unready(
    record: ChangeRecord, rollout: RolloutContext, background: Background, control: Sequence[NamedSeries] = ()
) -> str:
    """Why the judge could not use this past; "" when he could."""
    past = Past(
        at=rollout.clock.now(),
        baseline=by_signal(background.past),
        usual=by_signal(background.usual),
        older=by_signal(background.older),
        control=by_signal(control) if control else None,
        marks=record.marks,
    )
    return lacking(past, record.proposal, record.plan, rollout.trial)


def steady_since(rollout: RolloutContext) -> datetime | None:
    """From when on no change before disturbs: a kept value is steady since its own warm-up ended.

    The one that settled last need not be the newest: a person may have an older one put back.
    """
    settled = (
        steady_from(earlier)
        for earlier in rollout.journal.history(rollout.policy.environment)
        if earlier.state in (State.KEPT, State.ROLLED_BACK, State.SUPERSEDED)
    )
    return max((steady for steady in settled if steady is not None), default=None)
