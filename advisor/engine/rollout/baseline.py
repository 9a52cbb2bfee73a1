"""What a change is compared with: the window before it, as much of the past as is on record, and earlier days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from advisor.engine.judge.contamination import contaminations, steady_from
from advisor.engine.judge.history import mean_of_days, smooth, thinned
from advisor.engine.judge.readiness import Past, lacking
from advisor.engine.rollout.context import RolloutContext, by_signal
from advisor.model.change import ChangeRecord, NamedSeries, State


def read_baseline(
    record: ChangeRecord,
    baseline: Sequence[NamedSeries],
    steady: datetime | None,
    rollout: RolloutContext,
    instances: Sequence[str] = (),
) -> tuple[tuple[NamedSeries, ...], tuple[NamedSeries, ...]]:
    """The baseline with the time before it, back to where the change before was steady; and the usual course of a day.

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
    return past, _usual(record, start, now, rollout, instances)


def _usual(
    record: ChangeRecord, start: datetime, now: datetime, rollout: RolloutContext, instances: Sequence[str]
) -> tuple[NamedSeries, ...]:
    """The mean of the same hours on the earlier days that are on record, smoothed; signals without any are left out.

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
    found = []
    for signal in dict.fromkeys(window.signal for windows in days.values() for window in windows):
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


def unready(
    record: ChangeRecord,
    rollout: RolloutContext,
    baseline: Sequence[NamedSeries],
    usual: Sequence[NamedSeries],
    control: Sequence[NamedSeries] = (),
) -> str:
    """Why the judge could not use this past; "" when he could."""
    past = Past(
        at=rollout.clock.now(),
        baseline=by_signal(baseline),
        usual=by_signal(usual),
        control=by_signal(control) if control else None,
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
