"""What the live value says about a change that should be under way. Pure.

There is no special start-up path: every cycle compares what the journal says with what is live, so a daemon that was
killed at any point goes on from whatever it finds.
"""

from dataclasses import dataclass

from advisor.model.change import Event, State
from advisor.model.knob import Standing, StandingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An event to book, and why."""

    event: Event
    reason: str


def reconcile(state: State, standing: Standing, *, overdue: bool, was_on_trial: bool = False) -> Step | None:
    """The event that the live value forces on a change in APPLYING, TRIAL or ROLLING_BACK; None to go on as planned.

    overdue: the time that a value may take to be in force everywhere, or back, has passed. was_on_trial: some instances
    have had it already, and more are to follow: the old value everywhere is somebody's doing then.
    """
    if standing.kind is StandingKind.FOREIGN:
        return Step(event=Event.SUPERSEDED, reason=f"somebody else set the value to {standing.live}: {standing.detail}")
    match state:
        case State.APPLYING if was_on_trial and standing.kind is StandingKind.OLD:
            return _trial(standing)
        case State.APPLYING:
            return _applying(standing, overdue=overdue)
        case State.TRIAL:
            return _trial(standing)
        case State.ROLLING_BACK:
            return _rolling_back(standing, overdue=overdue)
        case _:
            return None


def _applying(standing: Standing, *, overdue: bool) -> Step | None:
    match standing.kind:
        case StandingKind.NEW:
            return Step(event=Event.APPLIED, reason=f"the new value is in force: {standing.detail}")
        case StandingKind.OLD:
            return Step(event=Event.NOT_APPLIED, reason=f"the old value is live: {standing.detail}")
        case StandingKind.LAPSED:
            return Step(event=Event.ROLL_BACK_BEGUN, reason="the value fell back by itself before it was in force")
        case StandingKind.REMAINS:
            return Step(event=Event.ROLL_BACK_BEGUN, reason=f"left half done: {standing.detail}")
        case _ if overdue:
            return Step(event=Event.ROLL_BACK_BEGUN, reason=f"not in force everywhere in time: {standing.detail}")
        case _:
            return None


def _trial(standing: Standing) -> Step | None:
    match standing.kind:
        case StandingKind.OLD:
            return Step(event=Event.SUPERSEDED, reason=f"somebody put the old value back: {standing.detail}")
        case StandingKind.LAPSED:
            return Step(event=Event.ROLL_BACK_BEGUN, reason="nobody renewed the value, and it fell back by itself")
        case StandingKind.REMAINS:
            return Step(event=Event.ROLL_BACK_BEGUN, reason=f"no longer whole: {standing.detail}")
        case _:
            return None


def _rolling_back(standing: Standing, *, overdue: bool) -> Step | None:
    match standing.kind:
        case StandingKind.OLD | StandingKind.LAPSED:
            return Step(event=Event.RESTORED, reason=f"the old value is live: {standing.detail}")
        case StandingKind.NEW if standing.is_one_way:
            return Step(event=Event.RESTORED, reason=f"nothing to put back, what was done stays: {standing.detail}")
        case _ if overdue:
            return Step(event=Event.RESTORE_FAILED, reason=f"the old value could not be put back: {standing.detail}")
        case _:
            return None
