"""Whether the reason that a verdict tells is what its numbers say. Pure."""

import re
from dataclasses import dataclass
from typing import Self

from advisor.model.change import ChangeRecord, State
from advisor.model.proposal import Better
from advisor.model.verdict import MetricComparison, Outcome, VerdictReason

_POINTS = re.compile(r"([\d.]+) independent points \w+ the change, ([\d.]+) are needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gain:
    """The share by which the goal got better: at least, most likely, at most; and by the plain means."""

    least: float
    expected: float
    most: float
    measured: float

    @classmethod
    def of(cls, better: Better, goal: MetricComparison) -> Self:
        measured = goal.mean_after / goal.mean_before
        if better is Better.HIGHER:
            low, middle, high = goal.ratio_low - 1, goal.ratio - 1, goal.ratio_high - 1
            return cls(least=low, expected=middle, most=high, measured=measured - 1)
        low, middle, high = 1 - goal.ratio_high, 1 - goal.ratio, 1 - goal.ratio_low
        return cls(least=low, expected=middle, most=high, measured=1 - measured)


def goal_of(record: ChangeRecord) -> MetricComparison | None:
    """What the goal's metric was before and after."""
    evidence = record.verdict.evidence if record.verdict else ()
    return next((one for one in evidence if one.role == "goal"), None)


def misfit(record: ChangeRecord) -> str:
    """What of the verdict's reason does not fit its numbers, or how the change ended; "" when all does."""
    verdict, goal = record.verdict, goal_of(record)
    if verdict is None or goal is None:
        return "no verdict with numbers"
    stays = verdict.outcome is not Outcome.ROLL_BACK  # a held one was approved
    ended = State.KEPT if stays else State.ROLLED_BACK
    if record.state is not ended:
        return f"{verdict.reason}, and yet {record.state}"
    gain, wanted = _Gain.of(record.proposal.goal.better, goal), record.proposal.goal.minimum_gain_ratio
    is_proven = gain.least > 0 and gain.expected >= wanted
    match verdict.reason:
        case VerdictReason.GAIN_PROVEN:
            fits = is_proven and gain.measured > 0 and f"{goal.mean_after:.4g}" in verdict.explanation
        case VerdictReason.NO_GAIN:
            fits = gain.most < wanted
        case VerdictReason.UNDECIDED:
            fits = gain.most >= wanted and is_proven is ("neither a gain" not in verdict.explanation)
        case VerdictReason.NOT_ENOUGH_DATA:
            counts = [(float(have), float(needed)) for have, needed in _POINTS.findall(verdict.explanation)]
            fits = "were served" in verdict.explanation or any(have < needed for have, needed in counts)
        case VerdictReason.GUARDRAIL_HARMED:
            rails = [one for one in verdict.evidence if one.role == "guardrail"]
            fits = any(str(one.signal) in verdict.explanation for one in rails)
        case VerdictReason.LOAD_SHIFTED:
            fits = "load left the baseline's range" in verdict.explanation
        case _:
            fits = False  # nothing disturbs a trial here, and all is measured
    return "" if fits else f"{verdict.reason} does not fit a gain of {gain}, with {wanted:g} wanted"
