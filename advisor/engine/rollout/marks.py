"""Known events around a trial, of what is read already: they may have moved a metric without the change's doing."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter

from advisor.engine.judge.restarts import age_signal
from advisor.engine.rollout.context import RolloutContext, by_signal
from advisor.model.change import ChangeRecord, State
from advisor.model.course import Mark, MarkKind
from advisor.model.signal import Series, SignalKey, signal
from advisor.model.units import format_duration

_ONE_ROLLOUT = timedelta(minutes=10)
"""A release replaces one process after the other: what follows sooner belongs to the same one."""
_LOOKED_AT = 20
_MOST = 100
_INSTANCES = "pool.instances"


def marks_between(record: ChangeRecord, start: datetime, end: datetime, rollout: RolloutContext) -> tuple[Mark, ...]:
    """In [start, end), the oldest first, a hundred at most; what cannot be read tells nothing. Raises JournalError."""
    found = [*_of_changes(record, rollout)]
    if rollout.known_events is not None:
        found += rollout.known_events.marks(record.proposal.app, start, end)
    if record.proposal.app:
        ages, instances = age_signal(record.proposal.app), _instances(record)
        read = by_signal(rollout.read_signals([ages, instances], start, end))
        found += [*replacements(read[ages]), *scalings(read[instances])]
    return tuple(sorted((mark for mark in found if start <= mark.at < end), key=attrgetter("at"))[-_MOST:])


def before(marks: Sequence[Mark], start: datetime) -> Sequence[Mark]:
    """Those of the baseline."""
    return [mark for mark in marks if mark.at < start]


def replacements(ages: Series) -> Iterator[Mark]:
    """Of the median age of the processes: where it falls, some began anew; where it falls to nothing, half did."""
    last = None
    for before, after in pairwise(ages.samples):
        if after.value >= before.value or (last is not None and after.at - last < _ONE_ROLLOUT):
            continue
        began = after.at - timedelta(seconds=after.value)
        is_new = began >= before.at - (after.at - before.at)
        fell = f"the median age of the processes fell from {_age(before.value)} to {_age(after.value)}"
        last = after.at
        yield Mark(kind=MarkKind.RELEASE if is_new else MarkKind.RESTART, at=began if is_new else after.at, what=fell)


def scalings(counts: Series) -> Iterator[Mark]:
    """Of the number of instances: wherever it changes."""
    for before, after in pairwise(counts.samples):
        if after.value != before.value:
            yield Mark(kind=MarkKind.SCALING, at=after.at, what=f"from {before.value:g} to {after.value:g} instances")


def _of_changes(record: ChangeRecord, rollout: RolloutContext) -> Sequence[Mark]:
    """Where another change of ours came into force, or went back."""
    words = {State.TRIAL: "came into force", State.ROLLED_BACK: "went back"}
    return [
        Mark(
            kind=MarkKind.CHANGE, at=phase.at, what=f"change {other.id} of {other.proposal.target} {words[phase.state]}"
        )
        for other in rollout.journal.history(rollout.policy.environment, _LOOKED_AT)
        for before, phase in pairwise((None, *other.phases))
        if other.id != record.id
        and phase is not None
        and phase.state in words
        and (before is None or before.state is not phase.state)
    ]


def _instances(record: ChangeRecord) -> SignalKey:
    pool = record.proposal.target.get("pool")
    of = {"app": record.proposal.app, "pool": pool} if pool else {"app": record.proposal.app}
    return signal(_INSTANCES, **of)


def _age(seconds: float) -> str:
    return format_duration(round(seconds))
