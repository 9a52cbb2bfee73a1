"""A change on trial: keep the value alive, read the samples, ask the judge."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from advisor.engine.judge.judge import judge
from advisor.engine.judge.restarts import age_signal, inconclusive, replaced
from advisor.engine.judge.trial import Control, Trial
from advisor.engine.judge.tripwires import alarms
from advisor.engine.rollout.baseline import steady_since
from advisor.engine.rollout.canary_sides import guarded
from advisor.engine.rollout.canary_stages import lost_sides, promote
from advisor.engine.rollout.context import RolloutContext, by_signal
from advisor.engine.rollout.memory import joined, kept
from advisor.engine.rollout.recover import reconcile
from advisor.engine.rollout.settle import begin_roll_back, keep
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.database.workload import StatementWindow
from advisor.model.knob import KnobStatus
from advisor.model.verdict import Outcome


def watch(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """TRIAL: one look. Hands off a value somebody else moved, whatever the samples say."""
    status = rollout.look(record)
    step = reconcile(State.TRIAL, status, overdue=False)
    if step is not None and step.event is Event.ROLL_BACK_BEGUN:
        return begin_roll_back(record, rollout, step.reason)
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
    elapsed = rollout.seconds_since(record.trial_since) - record.plan.warm_up_seconds
    if elapsed <= 0 or record.trial_since is None:
        return rollout.wait(record, "warming up")
    start = record.trial_since + timedelta(seconds=record.plan.warm_up_seconds)
    stage = record.stage
    fresh = rollout.read(record, start, rollout.clock.now(), stage.taking if stage else ())
    samples = joined(record, fresh)
    trial = Trial(
        goal=record.proposal.goal,
        plan=record.plan,
        settings=rollout.trial,
        baseline=by_signal(record.baseline),
        trial=by_signal(samples),
        began_at=start,
        elapsed_seconds=elapsed,
        usual=by_signal(record.usual),
        control=_control(record, start, rollout),
        statements=_statements(record, start, rollout),
        alarms=_alarms(record, start, rollout),
        prediction=record.proposal.prediction,
        undo_is_dear=record.proposal.undo_is_dear,
        leaving_is_cheap=record.proposal.target.kind.leaving_is_cheap,
    )
    verdict = judge(trial)
    if stage is not None and stage.is_last and stage.proof is not None:
        verdict = guarded(trial, verdict, stage.proof)
    verdict = inconclusive(verdict, _replaced(record, rollout), undo_is_dear=trial.undo_is_dear)
    judged = replace(record, trial=samples, verdict=verdict)
    match verdict.outcome:
        case Outcome.EXTEND:
            return rollout.wait(kept(record, samples, start, rollout), verdict.explanation)
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


def _control(record: ChangeRecord, start: datetime, rollout: RolloutContext) -> Control | None:
    """Those that keep the old value, over both windows."""
    stage = record.stage
    if stage is None or not stage.keeping:
        return None
    beside = rollout.read(record, start, rollout.clock.now(), stage.keeping)
    return Control(baseline=by_signal(stage.control), trial=by_signal(beside))


def _hold(record: ChangeRecord, judged: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """The first time the verdict is stored; from then on a person is waited for, and harm still ends it."""
    held = record if record.verdict is not None else rollout.store(judged)
    return rollout.wait(held, f"waits for a person: {held.verdict.explanation if held.verdict else ''}")


def _alarms(record: ChangeRecord, start: datetime, rollout: RolloutContext) -> tuple[str, ...]:
    wires = record.plan.tripwires
    if not wires:
        return ()
    signals = [wire.signal for wire in wires]
    now, begun = rollout.clock.now(), record.applying_since or start
    before = rollout.read_signals(signals, begun - timedelta(seconds=record.plan.baseline_seconds), begun)
    return alarms(wires, by_signal(before), by_signal(rollout.read_signals(signals, start, now)))


def _replaced(record: ChangeRecord, rollout: RolloutContext) -> str:
    app, since = record.proposal.app, record.applying_since
    if not app or since is None:
        return ""
    now = rollout.clock.now()
    recent = max(since, now - timedelta(seconds=record.plan.baseline_seconds))  # only the latest points count
    (ages,) = rollout.read_signals([age_signal(app)], recent, now)
    return replaced(ages.series, since)


def _statements(
    record: ChangeRecord, start: datetime, rollout: RolloutContext
) -> tuple[StatementWindow, StatementWindow] | None:
    """Before and since; None where the change has no table, or nothing was known of it before."""
    if record.statements is None:
        return None
    after = rollout.read_statements(record, start, rollout.clock.now())
    return (record.statements, after) if after is not None else None
