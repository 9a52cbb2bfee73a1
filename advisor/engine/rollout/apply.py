"""From a choice to a value in force. The intent is journalled first, then written, then read back."""

import secrets
from dataclasses import replace
from datetime import timedelta

from advisor.engine.decide.global_gates import frozen
from advisor.engine.decide.proposal_gates import forbidden, outside_windows
from advisor.engine.judge.trial_plan import plan_trial
from advisor.engine.rollout.baseline import read_past, steady_since
from advisor.engine.rollout.canary_stages import Opening, with_first_stage
from advisor.engine.rollout.context import Desk, first_problem, log
from advisor.engine.rollout.lifecycle import transition
from advisor.engine.rollout.recover import reconcile
from advisor.engine.rollout.settle import begin_roll_back
from advisor.model.change import ChangeRecord, Event, Phase, State
from advisor.model.errors import AdvisorError, StaleEpochError
from advisor.model.knob import StandingKind
from advisor.model.report import Choice


def open_change(choice: Choice, desk: Desk) -> ChangeRecord | None:
    """Journal the chosen proposal as the one open change; approved in the same write where policy allows it.

    In two writes, a process killed between them would leave it waiting for a person whom nobody has asked.
    """
    if choice.proposal is None:
        return None
    now = desk.clock.now()
    record = ChangeRecord(
        id="chg_" + secrets.token_hex(6),
        environment=desk.policy.environment,
        version=0,
        epoch=desk.epoch,
        state=State.PROPOSED,
        proposal=choice.proposal,
        plan=plan_trial(choice.proposal, desk.trial),
        created_at=now,
        expires_at=now + timedelta(seconds=desk.policy.approval_expires_seconds),
        phases=(Phase(state=State.PROPOSED, at=now, reason=choice.reason),),
    )
    if not choice.needs_approval:
        record = transition(replace(record, approved_by="policy"), Event.APPROVED, now, "policy: automatic")
    stored = desk.journal.add(record)
    desk.meter.change_moved(stored)
    log.info(
        f"change_{stored.state}", change_id=stored.id, rule_id=stored.proposal.rule, target=str(stored.proposal.target)
    )
    return stored


def begin(record: ChangeRecord, desk: Desk) -> ChangeRecord:
    """APPROVED: take the baseline, journal the intent, write. Waits while there is no full baseline, or no window.

    A person may have approved it long after it was proposed, and under another policy.
    """
    now = desk.clock.now()
    late = "could not be begun in time" if now >= record.expires_at else ""
    if ended := late or forbidden(record.proposal, desk.policy):
        return desk.move(record, Event.EXPIRED, ended)
    if not_now := frozen(desk.policy, now) or outside_windows(record.proposal, desk.policy, now):
        return desk.wait(record, not_now)
    standing = desk.look(record)
    if standing.kind is StandingKind.UNKNOWN:
        return desk.wait(record, f"the live value cannot be read: {standing.detail}")
    if standing.kind is not StandingKind.OLD:
        reason = f"the knob has moved since this was proposed: {standing.kind}, {standing.live} {standing.detail}"
        return desk.move(record, Event.EXPIRED, reason)
    if standing.not_now:
        return desk.wait(record, standing.not_now)
    opening = _opening(record, desk)
    if opening.not_yet:
        return desk.wait(record, opening.not_yet)
    stage = opening.record.stage
    how = f"canary: {stage}" if stage else f"all instances at once: {opening.without}"
    record = desk.move(opening.record, Event.APPLY_BEGUN, f"baseline complete; {how}")
    try:
        desk.knob.apply(desk.order(record))
    except StaleEpochError:
        raise
    except AdvisorError as error:
        return confirm(record, desk, fault=str(error))
    return confirm(record, desk)


def _opening(record: ChangeRecord, desk: Desk) -> Opening:
    """`record` with all that it is to be compared with."""
    now = desk.clock.now()
    start = now - timedelta(seconds=record.plan.baseline_seconds)
    steady = steady_since(desk)
    if steady is not None and start < steady:
        shows = f"no baseline, no change: the last one still shows until {steady:%H:%M:%S}Z"
        return Opening(record=record, not_yet=shows)
    baseline = desk.read(record, start, now)
    if problem := first_problem(baseline, desk.trial.smallest_effective_samples):
        return Opening(record=record, not_yet=f"no baseline, no change: {problem}")
    opening = with_first_stage(record, steady, desk)
    if opening.not_yet or opening.record.stage is not None:
        return opening
    past, usual = read_past(record, baseline, steady, desk)
    statements = desk.read_statements(record, start, now)
    return replace(opening, record=replace(record, baseline=past, usual=usual, statements=statements))


def confirm(record: ChangeRecord, desk: Desk, fault: str = "") -> ChangeRecord:
    """APPLYING: believe only what is live. A write whose fate is not known is never simply repeated."""
    overdue = desk.seconds_since(record.applying_since) > record.plan.apply_seconds
    standing = desk.look(record)
    was_on_trial = record.stage is not None and record.stage.proof is not None
    step = reconcile(State.APPLYING, standing, overdue=overdue, was_on_trial=was_on_trial)
    if step is None:
        desk.renew(record)
        return desk.wait(record, fault or f"not in force everywhere yet: {standing.kind}, {standing.detail}")
    reason = f"{fault}; {step.reason}" if fault else step.reason
    if step.event is Event.ROLL_BACK_BEGUN:
        return begin_roll_back(record, desk, reason)
    return desk.move(record, step.event, reason)
