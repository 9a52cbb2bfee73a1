"""What a change on trial, or on probation, has shown until now, as the judge takes it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from advisor.engine.judge.restarts import age_signal, replaced
from advisor.engine.judge.trial import Control, Trial
from advisor.engine.judge.tripwires import alarms
from advisor.engine.rollout.context import RolloutContext, by_signal
from advisor.engine.rollout.marks import before, marks_between
from advisor.engine.rollout.memory import joined
from advisor.engine.rollout.periods import periods
from advisor.model.change import ChangeRecord, NamedSeries, State
from advisor.model.database.workload import StatementWindow


def steady_at(record: ChangeRecord) -> datetime | None:
    """When its warm-up ends; None before it is on trial."""
    began = record.trial_since
    return began + timedelta(seconds=record.plan.warm_up_seconds) if began is not None else None


def read_trial(record: ChangeRecord, start: datetime, rollout: RolloutContext) -> tuple[Trial, Sequence[NamedSeries]]:
    """The trial since `start`, the end of its warm-up, and the points of the goal and the guardrails in it."""
    stage = record.stage
    has_begun = stage is not None and stage.proof is not None  # what some instances gained, the others gain at once
    fresh = rollout.read(record, start, rollout.clock.now(), stage.taking if stage else ())
    samples = joined(record, fresh)
    trial = Trial(
        goal=record.proposal.goal,
        plan=replace(record.plan, no_gain_seconds=0.0) if has_begun else record.plan,
        settings=rollout.trial,
        baseline=by_signal(record.baseline),
        trial=by_signal(samples),
        began_at=start,
        elapsed_seconds=rollout.seconds_since(start),
        usual=by_signal(record.usual),
        older=by_signal(record.older),
        control=_control(record, start, rollout),
        statements=_statements(record, start, rollout),
        alarms=_alarms(record, start, rollout),
        prediction=record.proposal.prediction,
        undo_is_dear=record.proposal.undo_is_dear,
        leaving_is_cheap=record.proposal.target.kind.leaving_is_cheap,
        marks=(*before(record.marks, start), *marks_between(record, start, rollout.clock.now(), rollout)),
        periods=periods(record, rollout.clock.now()),
    )
    return trial, samples


def replaced_since(record: ChangeRecord, rollout: RolloutContext) -> str:
    """Why its application is no longer the one that it began with; "" where it is, or where that is not known."""
    app, kind = record.proposal.app, record.proposal.target.kind
    # Where applying makes new instances, only those that are younger than the trial itself are news.
    since = record.trial_since if kind.replaces_instances else _begun(record)
    if not app or since is None:
        return ""
    now = rollout.clock.now()
    recent = max(since, now - timedelta(seconds=record.plan.baseline_seconds))  # only the latest points count
    (ages,) = rollout.read_signals([age_signal(app)], recent, now)
    return replaced(ages.series, since)


def _begun(record: ChangeRecord) -> datetime | None:
    """When it was applied; of a trial that switches back, for the first time."""
    if record.switch_back is None:
        return record.applying_since
    return next((phase.at for phase in record.phases if phase.state is State.APPLYING), None)


def _control(record: ChangeRecord, start: datetime, rollout: RolloutContext) -> Control | None:
    """Those that keep the old value, over both windows."""
    stage = record.stage
    if stage is None or not stage.keeping:
        return None
    beside = rollout.read(record, start, rollout.clock.now(), stage.keeping)
    return Control(baseline=by_signal(stage.control), trial=by_signal(beside))


def _alarms(record: ChangeRecord, start: datetime, rollout: RolloutContext) -> tuple[str, ...]:
    wires = record.plan.tripwires
    if not wires:
        return ()
    signals = [wire.signal for wire in wires]
    now, begun = rollout.clock.now(), _begun(record) or start
    before = rollout.read_signals(signals, begun - timedelta(seconds=record.plan.baseline_seconds), begun)
    return alarms(wires, by_signal(before), by_signal(rollout.read_signals(signals, start, now)))


def _statements(
    record: ChangeRecord, start: datetime, rollout: RolloutContext
) -> tuple[StatementWindow, StatementWindow] | None:
    """Before and since; None where the change has no table, or nothing was known of it before."""
    if record.statements is None:
        return None
    after = rollout.read_statements(record, start, rollout.clock.now())
    return (record.statements, after) if after is not None else None
