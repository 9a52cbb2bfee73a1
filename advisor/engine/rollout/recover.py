"""What the live value says about a change that should be under way. Pure.

There is no special start-up path: every cycle compares what the journal says with what is live, so a daemon that was
killed at any point goes on from whatever it finds.
"""

from dataclasses import dataclass

from advisor.model.change import Event, State
from advisor.model.knob import KnobState, KnobStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An event to book, and why. is_fought: whether somebody else has moved a part of the change."""

    event: Event
    reason: str
    is_fought: bool = False


def reconcile(state: State, status: KnobStatus, *, overdue: bool, was_on_trial: bool = False) -> Step | None:
    """The event that the live value forces on a change whose value is ours to move; None to go on as planned.

    overdue: the time that a value may take to be in force everywhere, or back, has passed. was_on_trial: some instances
    have had it already, and more are to follow: the old value everywhere is somebody's doing then.
    """
    if status.kind is KnobState.FOREIGN:
        return Step(event=Event.SUPERSEDED, reason=f"somebody else set the value to {status.live}: {status.detail}")
    match state:
        case State.APPLYING if was_on_trial and status.kind is KnobState.OLD:
            return _trial(status)
        case State.APPLYING:
            return _applying(status, overdue=overdue)
        case State.TRIAL:
            return _trial(status)
        case State.ROLLING_BACK:
            return _rolling_back(status, overdue=overdue)
        case _:
            return None


def _applying(status: KnobStatus, *, overdue: bool) -> Step | None:
    match status.kind:
        case KnobState.NEW:
            return Step(event=Event.APPLIED, reason=f"the new value is in force: {status.detail}")
        case KnobState.OLD:
            return Step(event=Event.NOT_APPLIED, reason=f"the old value is live: {status.detail}")
        case KnobState.LAPSED:
            return Step(event=Event.ROLL_BACK_BEGUN, reason="the value fell back by itself before it was in force")
        case KnobState.REMAINS:
            reason = f"left half done: {status.detail}"
            return Step(event=Event.ROLL_BACK_BEGUN, reason=reason, is_fought=status.is_fought)
        case _ if overdue:
            return Step(event=Event.ROLL_BACK_BEGUN, reason=f"not in force everywhere in time: {status.detail}")
        case _:
            return None


def _trial(status: KnobStatus) -> Step | None:
    match status.kind:
        case KnobState.OLD:
            return Step(event=Event.SUPERSEDED, reason=f"somebody put the old value back: {status.detail}")
        case KnobState.LAPSED:
            return Step(event=Event.ROLL_BACK_BEGUN, reason="nobody renewed the value, and it fell back by itself")
        case KnobState.REMAINS:
            reason = f"no longer whole: {status.detail}"
            return Step(event=Event.ROLL_BACK_BEGUN, reason=reason, is_fought=status.is_fought)
        case _:
            return None


def _rolling_back(status: KnobStatus, *, overdue: bool) -> Step | None:
    match status.kind:
        case KnobState.OLD | KnobState.LAPSED:
            return Step(event=Event.RESTORED, reason=f"the old value is live: {status.detail}")
        case KnobState.NEW if status.is_one_way:
            return Step(event=Event.RESTORED, reason=f"nothing to put back, what was done stays: {status.detail}")
        case _ if overdue:
            return Step(event=Event.RESTORE_FAILED, reason=f"the old value could not be put back: {status.detail}")
        case _:
            return None
