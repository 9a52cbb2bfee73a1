"""Carry a verdict out: confirm the new value for good, or put the old one back."""

from dataclasses import replace
from datetime import timedelta

from advisor.engine.rollout.context import RolloutContext, log
from advisor.engine.rollout.lifecycle import began
from advisor.engine.rollout.recover import reconcile
from advisor.engine.rollout.trial_so_far import steady_at
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.course import Probation
from advisor.model.errors import AdvisorError, StaleEpochError, TransientError
from advisor.model.knob import Carrier, KnobState, KnobStatus
from advisor.model.verdict import VerdictReason


def keep(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """TRIAL with a stored verdict to keep: confirm the value, read it back, close. Repeatable after a crash.

    What some instances do not show gets as long as an application may take, then goes back on all of them. While
    nothing can be read, nothing is written.
    """
    order = replace(rollout.order(record), hold_until=None)
    rollout.check_term()
    try:
        rollout.knob.renew(order)
    except StaleEpochError:
        raise
    except TransientError as error:
        return rollout.wait(record, f"the value could not be confirmed yet: {error}")
    except AdvisorError as error:
        return begin_roll_back(record, rollout, f"the value could not be confirmed: {error}")
    status = rollout.look(record)
    if status.kind is KnobState.NEW:
        record = _on_probation(record, status, rollout)
        return rollout.move(record, Event.KEPT, record.verdict.explanation if record.verdict else "")
    reason = f"confirmed, but not shown everywhere: {status.kind}, {status.detail}"
    if status.kind is KnobState.UNKNOWN:
        return rollout.wait(record, reason)
    if record.unshown_since is None:
        return rollout.mark(replace(record, unshown_since=rollout.clock.now()), reason)
    if rollout.seconds_since(record.unshown_since) > record.plan.apply_seconds:
        return begin_roll_back(record, rollout, reason)
    return rollout.wait(record, reason)


def _on_probation(record: ChangeRecord, status: KnobStatus, rollout: RolloutContext) -> ChangeRecord:
    """What is about to be kept, with its probation; without one where that would have no time left, or no point.

    Nothing can be put back of what was done once, and what a person kept against the judge stays that person's.
    """
    start, verdict = steady_at(record), record.verdict
    is_proven = verdict is not None and verdict.reason is VerdictReason.GAIN_PROVEN
    if start is None or not rollout.trial.probation or status.is_one_way or not is_proven:
        return record
    until = start + timedelta(seconds=record.plan.longest_seconds)
    return replace(record, probation=Probation(until=until)) if until > rollout.clock.now() else record


def begin_roll_back(record: ChangeRecord, rollout: RolloutContext, reason: str) -> ChangeRecord:
    """Journal that the old value is owed, then put it back."""
    return restore(rollout.move(record, Event.ROLL_BACK_BEGUN, reason), rollout)


def restore(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """ROLLING_BACK: compare-and-set the old value, read it back. Repeatable; after too many failures STUCK."""
    rollout.check_term()
    try:
        rollout.knob.restore(rollout.order(record))
    except StaleEpochError:
        raise
    except AdvisorError as error:
        log.warning("restore_failed", change_id=record.id, attempt=record.restore_attempts + 1, error=str(error))
        record = rollout.store(replace(record, restore_attempts=record.restore_attempts + 1))
    is_rolled_out = record.proposal.target.kind.carrier is Carrier.CLUSTER
    patience = rollout.trial.restore_attempts * rollout.trial.apply_seconds
    patience = rollout.trial.rollout_seconds if is_rolled_out else patience
    overdue = (
        record.restore_attempts >= rollout.trial.restore_attempts or rollout.seconds_since(began(record)) > patience
    )
    status = rollout.look(record)
    step = reconcile(State.ROLLING_BACK, status, overdue=overdue)
    if step is None:
        return rollout.wait(record, f"the old value is not live yet: {status.kind}, {status.detail}")
    if record.fought and step.event in (Event.RESTORED, Event.SUPERSEDED):
        return rollout.move(record, Event.SUPERSEDED, f"{record.fought}; {step.reason}")
    return rollout.move(record, step.event, step.reason)
