"""A trial that switches back: the old value for a drawn while, then the new one again, until the judge can tell.

Each move is journalled before it is made, and repeatable: killed before the write, the next start finds the value as it
was and writes again; killed after it, the value as ordered, and goes on. While the old value is back nothing of ours
is on trial, and a daemon that never comes again leaves it so.
"""

from dataclasses import replace

from advisor.engine.decide.global_gates import frozen
from advisor.engine.decide.proposal_gates import forbidden, outside_windows
from advisor.engine.rollout.apply import confirm
from advisor.engine.rollout.context import RolloutContext, log
from advisor.engine.rollout.periods import period_end
from advisor.engine.rollout.recover import reconcile
from advisor.engine.rollout.settle import begin_roll_back
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.errors import AdvisorError, StaleEpochError
from advisor.model.knob import KnobState
from advisor.model.units import format_duration


def switch_back_if_due(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """TRIAL, undecided: bring the old value back once the period is over, if there is time for the new one again."""
    plan, switching = record.plan, record.switch_back
    end = period_end(record)
    if switching is None or end is None or rollout.clock.now() < end:
        return record
    both = 2 * (plan.apply_seconds + plan.warm_up_seconds + switching.longest_seconds)
    if rollout.seconds_since(record.trial_since) + both > plan.warm_up_seconds + plan.longest_seconds:
        return record
    seconds = switching.drawn_seconds(record.id, len(switching.moves) + 1)
    reason = f"the old value comes back for {format_duration(seconds)}: the effect must follow the knob"
    return stay_back(rollout.move(record, Event.SWITCHED_BACK, reason), rollout)


def stay_back(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """SWITCHED_BACK: see that the old value is live, and stay with it until its period is over."""
    switching = record.switch_back
    if switching is None:
        raise ValueError(f"change {record.id} does not switch back")
    status = rollout.look(record)
    step = reconcile(State.SWITCHED_BACK, status, overdue=False)
    if step is not None:
        return rollout.move(record, step.event, step.reason)
    if status.kind is KnobState.UNKNOWN:
        return _patient(record, f"the live value cannot be read: {status.detail}", rollout)
    if status.kind is not KnobState.OLD:
        return _put_back(record, rollout)
    if switching.moves[-1].in_force_at is None:
        now = rollout.clock.now()
        return rollout.mark(
            replace(record, switch_back=switching.in_force(now)), f"the old value is back: {status.detail}"
        )
    end = period_end(record)
    if end is not None and rollout.clock.now() < end:
        return rollout.wait(record, f"the old value is back until {end:%H:%M:%S}Z")
    return _switch_on(record, rollout)


def go_on(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """APPLYING, after the old value was back: write the new one where the last process did not come to it, and confirm.

    It was put back by ourselves, so that an old value that is live is nobody's word against the new one.
    """
    if rollout.look(record).kind is not KnobState.OLD:
        return confirm(record, rollout)
    if rollout.seconds_since(record.applying_since) > record.plan.apply_seconds:
        return begin_roll_back(record, rollout, "the new value could not be brought back in time")
    rollout.check_term()
    try:
        rollout.knob.apply(rollout.order(record))
    except StaleEpochError:
        raise
    except AdvisorError as error:
        return rollout.wait(record, f"the new value could not be brought back yet: {error}")
    return confirm(record, rollout)


def _switch_on(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """A new write: it asks for the permission that there is now."""
    if refused := forbidden(record.proposal, rollout.policy):
        return begin_roll_back(record, rollout, refused)
    now = rollout.clock.now()
    if not_now := frozen(rollout.policy, now) or outside_windows(record.proposal, rollout.policy, now):
        return _patient(record, f"the new value waits: {not_now}", rollout)
    return go_on(
        rollout.move(record, Event.APPLY_BEGUN, "the new value again: the effect must follow the knob"), rollout
    )


def _put_back(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """Compare-and-set the old value; what does not come in time is rolled back, which calls a person in the end."""
    rollout.check_term()
    try:
        rollout.knob.restore(rollout.order(record))
    except StaleEpochError:
        raise
    except AdvisorError as error:
        log.warning("restore_failed", change_id=record.id, error=str(error))
    ordered = record.switch_back.moves[-1].ordered_at if record.switch_back is not None else None
    if rollout.seconds_since(ordered) > record.plan.apply_seconds and rollout.look(record).kind is not KnobState.OLD:
        return begin_roll_back(record, rollout, "the old value could not be brought back in time")
    return rollout.wait(record, "the old value is not live yet")


def _patient(record: ChangeRecord, why: str, rollout: RolloutContext) -> ChangeRecord:
    """Wait with the old value, for as long as a trial may take at most."""
    most = record.plan.warm_up_seconds + record.plan.longest_seconds
    if rollout.seconds_since(record.trial_since) > most:
        return begin_roll_back(record, rollout, f"not switched on again within {format_duration(most)}: {why}")
    return rollout.wait(record, why)
