"""What a change did to its goal's metric, and how that compares with what was predicted."""

import math
from dataclasses import dataclass

from advisor.model.change import ChangeRecord, State
from advisor.model.verdict import Outcome, VerdictReason

_NOT_MEASURED = frozenset(
    {
        VerdictReason.NO_DATA,
        VerdictReason.NOT_ENOUGH_DATA,
        VerdictReason.LOAD_SHIFTED,
        VerdictReason.REPLACED,
        VerdictReason.UNTELLABLE,
    }
)

_AT_FLOOR = 0.0101


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The goal's metric before the change and on trial, in its own unit."""

    before: float
    after: float


def measured_effect(record: ChangeRecord) -> Effect | None:
    """What the judge measured of the goal; None while there is no verdict, or none that rests on enough data: what a
    trial shows that was stopped before its end is not yet a measurement.

    The one place that knows where a verdict keeps it.
    """
    verdict, proposal = record.last_verdict, record.proposal
    if verdict is None or verdict.outcome is Outcome.EXTEND or verdict.reason in _NOT_MEASURED:
        return None
    if proposal.prediction.signal != proposal.goal.signal:
        return None
    goal = next((metric for metric in verdict.evidence if metric.role == "goal"), None)
    if goal is None or not math.isfinite(goal.ratio):
        return None
    if goal.is_measured:
        return Effect(before=goal.mean_before, after=goal.mean_after)
    # A former version kept what the judge compared, which is no lower than a hundredth: that is no measurement.
    return Effect(before=goal.before, after=goal.after) if goal.ratio > _AT_FLOOR else None


def came_true(record: ChangeRecord) -> bool | None:
    """Whether the measured value lies in the predicted range, ends included; None when it was not measured."""
    effect = measured_effect(record)
    prediction = record.proposal.prediction
    return None if effect is None else prediction.low <= effect.after <= prediction.high


def prediction_error(record: ChangeRecord) -> float | None:
    """(measured after - before) / (predicted after - before) - 1 of the goal's metric; None when not measured.

    0 is a perfect forecast, -1 an effect that did not come at all.
    """
    effect = measured_effect(record)
    if effect is None:
        return None
    predicted = record.proposal.prediction.expected - effect.before
    return (effect.after - effect.before) / predicted - 1 if predicted else None


def was_judged(record: ChangeRecord) -> bool:
    """Whether it ended as its verdict says: kept, rolled or taken back by the judge, and not by a pause or a crash.

    What was rolled back for want of data, by a release, or on a person's word says nothing of the knob.
    """
    verdict = record.last_verdict
    if verdict is None or verdict.reason in _NOT_MEASURED:
        return False
    if verdict.reason is VerdictReason.UNDECIDED and record.proposal.undo_is_dear:
        return False  # the judge leaves such a trial to a person
    return (record.state, verdict.outcome) in (
        (State.KEPT, Outcome.KEEP),
        (State.ROLLED_BACK, Outcome.ROLL_BACK),
    )
