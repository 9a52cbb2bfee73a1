"""Carry a verdict out: confirm the new value for good, or put the old one back."""

from dataclasses import replace

from advisor.engine.rollout.context import Desk, log
from advisor.engine.rollout.lifecycle import began
from advisor.engine.rollout.recover import reconcile
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.errors import AdvisorError, StaleEpochError, TransientError
from advisor.model.knob import StandingKind

_UNSHOWN = "confirmed, but not shown everywhere"
"""Begins the note from which on a confirmed value has to show; the note outlives the process."""


def keep(record: ChangeRecord, desk: Desk) -> ChangeRecord:
    """TRIAL with a stored verdict to keep: confirm the value, read it back, close. Repeatable after a crash.

    What some instances do not show gets as long as an application may take, then goes back on all of them. While
    nothing can be read, nothing is written.
    """
    order = replace(desk.order(record), hold_until=None)
    desk.check_office()
    try:
        desk.knob.hold(order)
    except StaleEpochError:
        raise
    except TransientError as error:
        return desk.wait(record, f"the value could not be confirmed yet: {error}")
    except AdvisorError as error:
        return begin_roll_back(record, desk, f"the value could not be confirmed: {error}")
    standing = desk.look(record)
    if standing.kind is StandingKind.NEW:
        return desk.move(record, Event.KEPT, record.verdict.explanation if record.verdict else "")
    reason = f"{_UNSHOWN}: {standing.kind}, {standing.detail}"
    if standing.kind is StandingKind.UNKNOWN:
        return desk.wait(record, reason)
    since = next((phase.at for phase in record.phases if phase.reason.startswith(_UNSHOWN)), None)
    if since is None:
        return desk.mark(record, reason)
    if desk.seconds_since(since) > record.plan.apply_seconds:
        return begin_roll_back(record, desk, reason)
    return desk.wait(record, reason)


def begin_roll_back(record: ChangeRecord, desk: Desk, reason: str) -> ChangeRecord:
    """Journal that the old value is owed, then put it back."""
    return restore(desk.move(record, Event.ROLL_BACK_BEGUN, reason), desk)


def restore(record: ChangeRecord, desk: Desk) -> ChangeRecord:
    """ROLLING_BACK: compare-and-set the old value, read it back. Repeatable; after too many failures STUCK."""
    desk.check_office()
    try:
        desk.knob.restore(desk.order(record))
    except StaleEpochError:
        raise
    except AdvisorError as error:
        log.warning("restore_failed", change_id=record.id, attempt=record.restore_attempts + 1, error=str(error))
        record = desk.store(replace(record, restore_attempts=record.restore_attempts + 1))
    patience = desk.trial.restore_attempts * desk.trial.apply_seconds
    overdue = record.restore_attempts >= desk.trial.restore_attempts or desk.seconds_since(began(record)) > patience
    standing = desk.look(record)
    step = reconcile(State.ROLLING_BACK, standing, overdue=overdue)
    if step is None:
        return desk.wait(record, f"the old value is not live yet: {standing.kind}, {standing.detail}")
    return desk.move(record, step.event, step.reason)
