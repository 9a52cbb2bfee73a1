"""Points of a trial that only this process has seen, kept in the journal: a restart loses no evidence.

A metrics store is asked again for the whole trial in every cycle. A database's own looks are gone with the process.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from advisor.engine.judge.history import thinned
from advisor.engine.rollout.context import RolloutContext, by_signal
from advisor.model.change import ChangeRecord, NamedSeries, TrialPlan
from advisor.model.signal import Series


def joined(record: ChangeRecord, fresh: Sequence[NamedSeries]) -> tuple[NamedSeries, ...]:
    """`fresh` with what is kept of the time before its first points."""
    kept = by_signal(record.trial)
    return tuple(
        replace(window, series=_joined(kept[window.signal], window.series)) if window.signal in kept else window
        for window in fresh
    )


def _joined(kept: Series, fresh: Series) -> Series:
    if not fresh.samples:
        return replace(fresh, samples=kept.samples)
    first = fresh.samples[0].at
    return replace(fresh, samples=(*(sample for sample in kept.samples if sample.at < first), *fresh.samples))


def kept(
    record: ChangeRecord, samples: Sequence[NamedSeries], start: datetime, rollout: RolloutContext
) -> ChangeRecord:
    """`record` with the whole blocks of what only this process has seen since `start`; written once a block."""
    blocks = tuple(
        replace(window, series=_whole_blocks(window.series, record.plan, start, rollout.clock.now()))
        for window in samples
        if window.series.is_passing
    )
    known = by_signal(record.trial)
    is_news = any(
        block.series.samples
        and (block.signal not in known or known[block.signal].samples[-1:] != block.series.samples[-1:])
        for block in blocks
    )
    return rollout.store(replace(record, trial=blocks)) if is_news else record


def _whole_blocks(series: Series, plan: TrialPlan, start: datetime, now: datetime) -> Series:
    """The means of the blocks that have ended, on the judge's own grid."""
    count = int((now - start).total_seconds() // plan.block_seconds)
    end = start + timedelta(seconds=count * plan.block_seconds)
    return thinned(replace(series, samples=tuple(one for one in series.samples if one.at < end)), plan, end)
