"""From a choice to a value in force. The intent is journalled first, then written, then read back."""

from dataclasses import replace
from datetime import datetime, timedelta

from advisor.engine.decide.global_gates import frozen
from advisor.engine.decide.proposal_gates import forbidden, outside_windows
from advisor.engine.judge.plan.trial_plan import plan_trial
from advisor.engine.rollout.baseline import read_background, steady_since, unready
from advisor.engine.rollout.canary_stages import Opening, with_first_stage
from advisor.engine.rollout.context import RolloutContext, first_problem
from advisor.engine.rollout.lifecycle import transition
from advisor.engine.rollout.marks import marks_between
from advisor.engine.rollout.periods import planned
from advisor.engine.rollout.recover import reconcile
from advisor.engine.rollout.settle import begin_roll_back
from advisor.model.change import BaselineWait, ChangeRecord, Event, Phase, State
from advisor.model.errors import AdvisorError, StaleEpochError
from advisor.model.knob import KnobState, KnobStatus
from advisor.model.report import Choice
from advisor.model.snapshot import Snapshot
from advisor.model.units import format_duration


def open_change(choice: Choice, rollout: RolloutContext, snapshot: Snapshot | None = None) -> ChangeRecord | None:
    """Journal the chosen proposal as the one open change; approved in the same write where policy allows it.

    In two writes, a process killed between them would leave it waiting for a person whom nobody has asked.
    snapshot: what the choice was made on; it tells how latency can be counted.
    """
    if choice.proposal is None:
        return None
    now = rollout.clock.now()
    record = ChangeRecord(
        id=rollout.new_id(),
        environment=rollout.policy.environment,
        version=0,
        epoch=rollout.epoch,
        state=State.PROPOSED,
        proposal=choice.proposal,
        plan=plan_trial(choice.proposal, rollout.trial, snapshot),
        created_at=now,
        expires_at=now + timedelta(seconds=rollout.policy.approval_expires_seconds),
        phases=(Phase(state=State.PROPOSED, at=now, reason=choice.reason),),
    )
    if not choice.needs_approval:
        record = transition(replace(record, approved_by="policy"), Event.APPROVED, now, "policy: automatic")
    return rollout.transitions.open(record)


def begin(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """APPROVED: take the baseline, journal the intent, write. Waits while there is no full baseline, or no window.

    A person may have approved it long after it was proposed, and under another policy.
    """
    now = rollout.clock.now()
    late = "could not be begun in time" if now >= record.expires_at else ""
    if ended := late or _not_as_approved(record) or forbidden(record.proposal, rollout.policy):
        return rollout.move(record, Event.EXPIRED, ended)
    if not_now := frozen(rollout.policy, now) or outside_windows(record.proposal, rollout.policy, now):
        return rollout.wait(_with_wait(record, None, rollout), not_now)
    status = rollout.look(record)
    if status.kind is not KnobState.OLD:
        return _not_as_proposed(record, status, rollout)
    if status.not_now:
        return rollout.wait(record, status.not_now)
    opening = _opening(record, rollout)
    if opening.not_yet:
        return _wait_for_baseline(record, opening, rollout)
    begun, how = _as_begun(opening, rollout)
    record = rollout.move(begun, Event.APPLY_BEGUN, f"baseline complete; {how}")
    try:
        rollout.knob.apply(rollout.order(record))
    except StaleEpochError:
        raise
    except AdvisorError as error:
        return confirm(record, rollout, fault=str(error))
    return confirm(record, rollout)


def _as_begun(opening: Opening, rollout: RolloutContext) -> tuple[ChangeRecord, str]:
    """The record with what shows beside it what time does by itself; that in words.

    It is a canary, or else the old value that comes back for a while.
    """
    record = replace(opening.record, baseline_wait=None)
    if record.stage is not None:
        return record, f"canary: {record.stage}"
    at_once = f"all instances at once: {opening.without}"
    switching, why_not = planned(record, rollout.trial)
    if switching is None:
        return record, f"{at_once}; {why_not}" if why_not else at_once
    told = f"{at_once}; the old value comes back in every second of {switching.periods} periods or more"
    return replace(record, switch_back=switching), told


def _not_as_approved(record: ChangeRecord) -> str:
    """An approval is bound to what was shown; "" where it still is that, or no person was asked."""
    if all(approval.plan == record.plan_hash for approval in record.approvals):
        return ""
    return "it is no longer what was approved"


def _not_as_proposed(record: ChangeRecord, status: KnobStatus, rollout: RolloutContext) -> ChangeRecord:
    if status.kind is KnobState.UNKNOWN:
        return rollout.wait(record, f"the live value cannot be read: {status.detail}")
    reason = f"the knob has moved since this was proposed: {status.kind}, {status.live} {status.detail}"
    return rollout.move(record, Event.EXPIRED, reason)


def _opening(record: ChangeRecord, rollout: RolloutContext) -> Opening:
    """`record` with all that it is to be compared with."""
    now = rollout.clock.now()
    start = now - timedelta(seconds=record.plan.baseline_seconds)
    steady = steady_since(rollout)
    if steady is not None and start < steady:
        shows = f"no baseline, no change: the last one still shows until {steady:%H:%M:%S}Z"
        return Opening(record=record, not_yet=shows)
    baseline = rollout.read(record, start, now)
    if problem := first_problem(baseline, rollout.trial.smallest_effective_samples):
        return Opening(record=record, not_yet=f"no baseline, no change: {problem}")
    if wait := _recently_read(record, now):
        return Opening(record=record, not_yet=wait.lacking)
    record = _with_marks(record, rollout)
    opening = with_first_stage(record, steady, rollout)
    if opening.not_yet or opening.record.stage is not None:
        return opening
    background = read_background(record, baseline, steady, rollout)
    if problem := unready(record, rollout, background):
        return Opening(record=record, not_yet=f"no baseline, no change: {problem}", read_at=now)
    statements = rollout.read_statements(record, start, now)
    return replace(
        opening,
        record=replace(
            record,
            baseline=background.past,
            usual=background.usual,
            older=background.older,
            statements=statements,
        ),
    )


def _with_marks(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """`record` with the known events of its past: what lies before some of them, the judge does not compare with."""
    now, plan = rollout.clock.now(), record.plan
    past = now - timedelta(seconds=max(plan.history_seconds, plan.baseline_seconds))
    return replace(record, marks=marks_between(record, past, now, rollout))


def _recently_read(record: ChangeRecord, now: datetime) -> BaselineWait | None:
    """The wait of a change whose whole past fell short when it was read: grown by a block, it is worth another."""
    wait = record.baseline_wait
    if wait is None or wait.read_at is None:
        return None
    return wait if now < wait.read_at + timedelta(seconds=record.plan.block_seconds) else None


def _wait_for_baseline(record: ChangeRecord, opening: Opening, rollout: RolloutContext) -> ChangeRecord:
    """Wait, and no longer than the settings allow: the one place for a change is for others, too."""
    plan, former, problem = record.plan, record.baseline_wait, opening.not_yet
    since = former.since if former else rollout.clock.now()
    most = plan.warm_up_seconds + plan.baseline_seconds + rollout.trial.baseline_wait_seconds
    if rollout.seconds_since(since) > most:
        return rollout.move(record, Event.EXPIRED, f"not begun within {format_duration(most)}: {problem}")
    read_at = opening.read_at or (former.read_at if former else None)
    wait = BaselineWait(since=since, read_at=read_at, lacking=problem)
    return rollout.wait(_with_wait(record, wait, rollout), problem)


def _with_wait(record: ChangeRecord, wait: BaselineWait | None, rollout: RolloutContext) -> ChangeRecord:
    """`record` with `wait` journalled, so that neither a restart nor a freeze counts the time anew or twice."""
    return record if record.baseline_wait == wait else rollout.store(replace(record, baseline_wait=wait))


def confirm(record: ChangeRecord, rollout: RolloutContext, fault: str = "") -> ChangeRecord:
    """APPLYING: believe only what is live. A write whose fate is not known is never simply repeated."""
    overdue = rollout.seconds_since(record.applying_since) > record.plan.apply_seconds
    status = rollout.look(record)
    was_on_trial = record.stage is not None and record.stage.proof is not None
    step = reconcile(State.APPLYING, status, overdue=overdue, was_on_trial=was_on_trial)
    if step is None:
        rollout.renew(record)
        return rollout.wait(record, fault or f"not in force everywhere yet: {status.kind}, {status.detail}")
    reason = f"{fault}; {step.reason}" if fault else step.reason
    if step.event is Event.ROLL_BACK_BEGUN:
        return begin_roll_back(replace(record, fought=reason if step.is_fought else ""), rollout, reason)
    return rollout.move(record, step.event, reason)
