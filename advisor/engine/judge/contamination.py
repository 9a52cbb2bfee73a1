"""Which stretches of the past are no witness of the value now in force. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from advisor.model.change import ChangeRecord, State

_ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """From `start` to `end` another value was in force, or one was just being changed."""

    start: datetime
    end: datetime

    def touches(self, start: datetime, end: datetime) -> bool:
        return self.start < end and start < self.end


def contaminations(record: ChangeRecord, history: Iterable[ChangeRecord]) -> Sequence[Contamination]:
    """What the changes before `record` leave unfit to be its usual day.

    Of the same target all that lies before the last value that stayed, be it ours or somebody else's. Of others their
    trials, and the moment from which a value that stayed is steady: a day with a step in it would show a course that no
    day has, while the days before, each at one level, still show it.
    """
    found = []
    for earlier in history:
        if earlier.id == record.id or earlier.applying_since is None:
            continue
        is_own = earlier.proposal.target.overlaps(record.proposal.target)
        stayed = earlier.state in (State.KEPT, State.SUPERSEDED)
        start = _ALWAYS if is_own and stayed else _first_applied(earlier, earlier.applying_since)
        end = steady_from(earlier)
        if end is not None:
            found.append(Contamination(start=start, end=end))
    return found


def _first_applied(record: ChangeRecord, latest: datetime) -> datetime:
    """When any instance first took the value; `latest` is when the last stage of a canary did."""
    return min([latest, *(phase.at for phase in record.phases if phase.state is State.APPLYING)])


def steady_from(record: ChangeRecord) -> datetime | None:
    """From when on a change no longer disturbs: a kept value is steady since its own warm-up ended.

    None while it is open, and of a change without a time on record.
    """
    since = record.trial_since if record.state is State.KEPT else record.settled_at
    if record.is_open or since is None:
        return None
    return since + timedelta(seconds=record.plan.warm_up_seconds)
