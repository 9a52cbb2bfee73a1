"""The life of a change as one pure function. Nothing else ever sets a state."""

from dataclasses import replace
from datetime import datetime

from advisor.model.change import ChangeRecord, Event, Phase, State
from advisor.model.errors import IllegalTransitionError

TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.PROPOSED, Event.APPROVED): State.APPROVED,
    (State.PROPOSED, Event.REJECTED): State.REJECTED,
    (State.PROPOSED, Event.EXPIRED): State.EXPIRED,
    (State.APPROVED, Event.REJECTED): State.REJECTED,
    (State.APPROVED, Event.EXPIRED): State.EXPIRED,
    (State.APPROVED, Event.APPLY_BEGUN): State.APPLYING,
    (State.APPLYING, Event.APPLIED): State.TRIAL,
    (State.APPLYING, Event.NOT_APPLIED): State.FAILED,
    (State.APPLYING, Event.ROLL_BACK_BEGUN): State.ROLLING_BACK,
    (State.APPLYING, Event.SUPERSEDED): State.SUPERSEDED,
    (State.TRIAL, Event.PROMOTED): State.APPLYING,
    (State.TRIAL, Event.SWITCHED_BACK): State.SWITCHED_BACK,
    (State.SWITCHED_BACK, Event.APPLY_BEGUN): State.APPLYING,
    (State.SWITCHED_BACK, Event.ROLL_BACK_BEGUN): State.ROLLING_BACK,
    (State.SWITCHED_BACK, Event.SUPERSEDED): State.SUPERSEDED,
    (State.TRIAL, Event.KEPT): State.KEPT,
    (State.TRIAL, Event.ROLL_BACK_BEGUN): State.ROLLING_BACK,
    (State.TRIAL, Event.SUPERSEDED): State.SUPERSEDED,
    (State.ROLLING_BACK, Event.RESTORED): State.ROLLED_BACK,
    (State.ROLLING_BACK, Event.RESTORE_FAILED): State.STUCK,
    (State.ROLLING_BACK, Event.SUPERSEDED): State.SUPERSEDED,
    (State.STUCK, Event.ROLL_BACK_BEGUN): State.ROLLING_BACK,
    (State.STUCK, Event.ROLL_BACK_ASKED): State.ROLLING_BACK,
    (State.KEPT, Event.ROLL_BACK_ASKED): State.ROLLING_BACK,
    (State.KEPT, Event.TAKEN_BACK): State.ROLLING_BACK,
    (State.STUCK, Event.SUPERSEDED): State.SUPERSEDED,
}
"""Every step that exists; all other pairs of state and event are refused.

STUCK is left only on a person's word; KEPT also while it is on probation.
"""


def transition(record: ChangeRecord, event: Event, now: datetime, reason: str) -> ChangeRecord:
    """`record` after `event`, with the step and its reason added to its phases.

    Raises IllegalTransitionError when the state does not know the event.
    """
    target = TRANSITIONS.get((record.state, event))
    if target is None:
        raise IllegalTransitionError(
            f"{event} is not possible while it is {record.state}",
            where=f"change {record.id}",
            fix="read the change again; somebody else may have moved it",
        )
    moved = replace(record, state=target, phases=(*record.phases, Phase(state=target, at=now, reason=reason)))
    if record.is_on_probation and record.probation is not None:
        moved = replace(moved, probation=replace(record.probation, ended_at=now, came_of=reason))
    match target:
        case State.APPLYING if record.is_switching and record.switch_back is not None:
            return replace(moved, applying_since=now, switch_back=record.switch_back.moved(is_on=True, at=now))
        case State.TRIAL if record.is_switching and record.switch_back is not None:
            return replace(moved, switch_back=record.switch_back.in_force(now))  # the trial's clock runs on
        case State.SWITCHED_BACK if record.switch_back is not None:
            return replace(moved, switch_back=record.switch_back.moved(is_on=False, at=now))
        case State.APPLYING:
            return replace(moved, applying_since=now)
        case State.TRIAL:
            return replace(moved, trial_since=now)
        case _:
            return moved


def note(record: ChangeRecord, now: datetime, reason: str) -> ChangeRecord:
    """`record` where it was, with something worth knowing added to its phases."""
    return replace(record, phases=(*record.phases, Phase(state=record.state, at=now, reason=reason)))


def began(record: ChangeRecord) -> datetime:
    """When `record` came to the state it is in; notes do not count."""
    at = record.created_at
    for former, phase in zip((None, *record.phases), record.phases, strict=False):
        if former is None or former.state is not phase.state:
            at = phase.at
    return at


def revalidated(record: ChangeRecord, now: datetime) -> ChangeRecord:
    """`record` with no stored start in the future: where the clock was put back, what it times begins anew."""
    wait, switching = record.baseline_wait, record.switch_back
    return replace(
        record,
        applying_since=record.applying_since and min(record.applying_since, now),
        trial_since=record.trial_since and min(record.trial_since, now),
        switch_back=switching and switching.no_later_than(now),
        baseline_wait=wait
        and replace(wait, since=min(wait.since, now), read_at=wait.read_at and min(wait.read_at, now)),
    )
