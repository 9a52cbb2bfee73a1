"""A change on trial: keep the value alive, read the samples, ask the judge."""

from dataclasses import replace
from datetime import timedelta

from advisor.engine.desk import Desk
from advisor.engine.recover import reconcile
from advisor.engine.settle import begin_roll_back, keep
from advisor.engine.validate import Trial, judge
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.verdict import Outcome


def watch(record: ChangeRecord, desk: Desk) -> ChangeRecord:
    """TRIAL: one look. Hands off a value somebody else moved, whatever the samples say."""
    step = reconcile(State.TRIAL, desk.look(record), overdue=False)
    if step is not None and step.event is Event.ROLL_BACK_BEGUN:
        return begin_roll_back(record, desk, step.reason)
    if step is not None:
        return desk.move(record, step.event, step.reason)
    if record.verdict is not None and record.verdict.outcome is Outcome.KEEP:
        return keep(record, desk)
    desk.renew(record)
    return _judge(record, desk)


def _judge(record: ChangeRecord, desk: Desk) -> ChangeRecord:
    elapsed = desk.seconds_since(record.trial_since) - record.plan.warm_up_seconds
    if elapsed <= 0 or record.trial_since is None:
        return desk.wait(record, "warming up")
    start = record.trial_since + timedelta(seconds=record.plan.warm_up_seconds)
    samples = desk.read(record, start, desk.clock.now())
    verdict = judge(
        Trial(
            goal=record.proposal.goal,
            plan=record.plan,
            baseline={window.signal: window.series for window in record.baseline},
            trial={window.signal: window.series for window in samples},
            elapsed_seconds=elapsed,
            confidence=desk.trial.confidence,
            smallest_effective=desk.trial.smallest_effective_samples,
            load_shift=desk.trial.load_shift,
        )
    )
    if verdict.outcome is Outcome.EXTEND:
        return desk.wait(record, verdict.explanation)
    judged = replace(record, trial=samples, verdict=verdict)
    if verdict.outcome is Outcome.KEEP:
        return keep(desk.store(judged), desk)
    return begin_roll_back(judged, desk, f"{verdict.reason}: {verdict.explanation}")
