"""A change on trial: keep the value alive, read the samples, ask the judge."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from advisor.engine.judge.judge import judge
from advisor.engine.judge.restarts import age_signal, inconclusive, replaced
from advisor.engine.judge.trial import Control, Trial, Windows
from advisor.engine.judge.tripwires import alarms
from advisor.engine.rollout.baseline import steady_since
from advisor.engine.rollout.canary_sides import guarded
from advisor.engine.rollout.canary_stages import lost_sides, promote
from advisor.engine.rollout.context import Desk
from advisor.engine.rollout.recover import reconcile
from advisor.engine.rollout.settle import begin_roll_back, keep
from advisor.model.change import ChangeRecord, Event, NamedSeries, State
from advisor.model.knob import Standing
from advisor.model.verdict import Outcome
from advisor.model.workload import StatementWindow


def watch(record: ChangeRecord, desk: Desk) -> ChangeRecord:
    """TRIAL: one look. Hands off a value somebody else moved, whatever the samples say."""
    standing = desk.look(record)
    step = reconcile(State.TRIAL, standing, overdue=False)
    if step is not None and step.event is Event.ROLL_BACK_BEGUN:
        return begin_roll_back(record, desk, step.reason)
    if step is not None:
        return desk.move(record, step.event, step.reason)
    decided = record.verdict.outcome if record.verdict is not None else None
    if decided is Outcome.KEEP and not _has_next_stage(record):
        return keep(record, desk)
    if decided is Outcome.ROLL_BACK and record.verdict is not None:
        return begin_roll_back(record, desk, record.verdict.explanation)
    if lost := lost_sides(record, desk):
        return begin_roll_back(record, desk, f"the canary cannot be judged: {lost}")
    desk.renew(record)
    return _judge(record, standing, desk)


def _has_next_stage(record: ChangeRecord) -> bool:
    return record.stage is not None and not record.stage.is_last


def _judge(record: ChangeRecord, standing: Standing, desk: Desk) -> ChangeRecord:
    elapsed = desk.seconds_since(record.trial_since) - record.plan.warm_up_seconds
    if elapsed <= 0 or record.trial_since is None:
        return desk.wait(record, "warming up")
    start = record.trial_since + timedelta(seconds=record.plan.warm_up_seconds)
    stage = record.stage
    samples = desk.read(record, start, desk.clock.now(), stage.taking if stage else ())
    trial = Trial(
        goal=record.proposal.goal,
        plan=record.plan,
        settings=desk.trial,
        baseline=_by_signal(record.baseline),
        trial=_by_signal(samples),
        began_at=start,
        elapsed_seconds=elapsed,
        usual=_by_signal(record.usual),
        control=_control(record, start, desk),
        statements=_statements(record, start, desk),
        alarms=_alarms(record, start, desk),
        prediction=record.proposal.prediction,
        undo_is_dear=record.proposal.undo_is_dear,
    )
    verdict = judge(trial)
    if stage is not None and stage.is_last and stage.proof is not None:
        verdict = guarded(trial, verdict, stage.proof)
    verdict = inconclusive(verdict, _replaced(record, desk), undo_is_dear=trial.undo_is_dear)
    judged = replace(record, trial=samples, verdict=verdict)
    match verdict.outcome:
        case Outcome.EXTEND:
            return desk.wait(record, verdict.explanation)
        case Outcome.KEEP:
            is_told = record.verdict is not None and record.verdict.outcome is Outcome.KEEP
            return _kept(judged if is_told else desk.store(judged), standing, desk)
        case Outcome.HOLD:
            return _hold(record, judged, desk)
        case Outcome.ROLL_BACK:
            return begin_roll_back(judged, desk, f"{verdict.reason}: {verdict.explanation}")
        case _:
            assert_never(verdict.outcome)


def _kept(record: ChangeRecord, standing: Standing, desk: Desk) -> ChangeRecord:
    """A gain was proven: on to the next stage, or closed when there is none.

    While the next stage must wait, this one is judged on: a later look may no longer rule harm out.
    """
    if _has_next_stage(record):
        return promote(record, standing, steady_since(desk), desk)
    return keep(record, desk)


def _control(record: ChangeRecord, start: datetime, desk: Desk) -> Control | None:
    """Those that keep the old value, over both windows."""
    stage = record.stage
    if stage is None or not stage.keeping:
        return None
    beside = desk.read(record, start, desk.clock.now(), stage.keeping)
    return Control(baseline=_by_signal(stage.control), trial=_by_signal(beside))


def _hold(record: ChangeRecord, judged: ChangeRecord, desk: Desk) -> ChangeRecord:
    """The first time the verdict is stored; from then on a person is waited for, and harm still ends it."""
    held = record if record.verdict is not None else desk.store(judged)
    return desk.wait(held, f"waits for a person: {held.verdict.explanation if held.verdict else ''}")


def _alarms(record: ChangeRecord, start: datetime, desk: Desk) -> tuple[str, ...]:
    wires = record.plan.tripwires
    if not wires:
        return ()
    signals = [wire.signal for wire in wires]
    now, begun = desk.clock.now(), record.applying_since or start
    before = desk.read_signals(signals, begun - timedelta(seconds=record.plan.baseline_seconds), begun)
    return alarms(wires, _by_signal(before), _by_signal(desk.read_signals(signals, start, now)))


def _replaced(record: ChangeRecord, desk: Desk) -> str:
    app, since = record.proposal.app, record.applying_since
    if not app or since is None:
        return ""
    now = desk.clock.now()
    recent = max(since, now - timedelta(seconds=record.plan.baseline_seconds))  # only the latest points count
    (ages,) = desk.read_signals([age_signal(app)], recent, now)
    return replaced(ages.series, since)


def _statements(record: ChangeRecord, start: datetime, desk: Desk) -> tuple[StatementWindow, StatementWindow] | None:
    """Before and since; None where the change has no table, or nothing was known of it before."""
    if record.statements is None:
        return None
    after = desk.read_statements(record, start, desk.clock.now())
    return (record.statements, after) if after is not None else None


def _by_signal(windows: Sequence[NamedSeries]) -> Windows:
    return {window.signal: window.series for window in windows}
