"""A change on trial: keep the value alive, read the samples, ask the judge."""

from dataclasses import replace
from typing import assert_never

from advisor.engine.judge.judge import current_look, judge
from advisor.engine.judge.restarts import inconclusive
from advisor.engine.judge.switch_back import withheld
from advisor.engine.rollout.baseline import steady_since
from advisor.engine.rollout.canary_sides import guarded
from advisor.engine.rollout.canary_stages import lost_sides, promote
from advisor.engine.rollout.context import RolloutContext
from advisor.engine.rollout.memory import kept
from advisor.engine.rollout.recover import reconcile
from advisor.engine.rollout.settle import begin_roll_back, keep
from advisor.engine.rollout.switching import switch_back_if_due
from advisor.engine.rollout.trial_so_far import read_trial, replaced_since, steady_at
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.knob import KnobStatus
from advisor.model.verdict import Outcome


def watch(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """TRIAL: one look. Hands off a value somebody else moved, whatever the samples say."""
    status = rollout.look(record)
    step = reconcile(State.TRIAL, status, overdue=False)
    if step is not None and step.event is Event.ROLL_BACK_BEGUN:
        fought = step.reason if step.is_fought else ""
        return begin_roll_back(replace(record, fought=fought), rollout, step.reason)
    if step is not None:
        return rollout.move(record, step.event, step.reason)
    decided = record.verdict.outcome if record.verdict is not None else None
    if decided is Outcome.KEEP and not _has_next_stage(record):
        return keep(record, rollout)
    if decided is Outcome.ROLL_BACK and record.verdict is not None:
        return begin_roll_back(record, rollout, record.verdict.explanation)
    if lost := lost_sides(record, rollout):
        return begin_roll_back(record, rollout, f"the canary cannot be judged: {lost}")
    rollout.renew(record)
    return _judge(record, status, rollout)


def _has_next_stage(record: ChangeRecord) -> bool:
    return record.stage is not None and not record.stage.is_last


def _judge(record: ChangeRecord, status: KnobStatus, rollout: RolloutContext) -> ChangeRecord:
    start = steady_at(record)
    if start is None or rollout.clock.now() <= start:
        return rollout.wait(record, "warming up")
    stage = record.stage
    trial, samples = read_trial(record, start, rollout)
    verdict = judge(trial)
    if stage is not None and stage.is_last and stage.proof is not None:
        verdict = guarded(trial, verdict, stage.proof)
    if record.switch_back is not None:
        look = current_look(trial)
        verdict = withheld(verdict, trial, look.seconds if look else 0.0, needed=record.switch_back.periods)
    verdict = inconclusive(verdict, replaced_since(record, rollout), undo_is_dear=trial.undo_is_dear)
    judged = replace(record, trial=tuple(samples), verdict=verdict, marks=trial.marks)
    match verdict.outcome:
        case Outcome.EXTEND:
            waiting = rollout.wait(kept(record, samples, start, rollout), verdict.explanation)
            return switch_back_if_due(waiting, rollout)
        case Outcome.KEEP:
            is_told = record.verdict is not None and record.verdict.outcome is Outcome.KEEP
            return _kept(judged if is_told else rollout.store(judged), status, rollout)
        case Outcome.HOLD:
            return _hold(record, judged, rollout)
        case Outcome.ROLL_BACK:
            return begin_roll_back(judged, rollout, f"{verdict.reason}: {verdict.explanation}")
        case _:
            assert_never(verdict.outcome)


def _kept(record: ChangeRecord, status: KnobStatus, rollout: RolloutContext) -> ChangeRecord:
    """A gain was proven: on to the next stage, or closed when there is none.

    While the next stage must wait, this one is judged on: a later look may no longer rule harm out.
    """
    if _has_next_stage(record):
        return promote(record, status, steady_since(rollout), rollout)
    return keep(record, rollout)


def _hold(record: ChangeRecord, judged: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """The first time the verdict is stored; from then on a person is waited for, and harm still ends it."""
    held = record if record.verdict is not None else rollout.store(judged)
    return rollout.wait(held, f"waits for a person: {held.verdict.explanation if held.verdict else ''}")
