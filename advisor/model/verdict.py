"""The judge's decision on a trial, with reasons."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    KEEP = "keep"
    ROLL_BACK = "roll_back"
    EXTEND = "extend"


class VerdictReason(StrEnum):
    GAIN_PROVEN = "gain_proven"
    NO_GAIN = "no_gain"
    GUARDRAIL_HARMED = "guardrail_harmed"
    NOT_ENOUGH_DATA = "not_enough_data"
    UNDECIDED = "undecided"
    NO_DATA = "no_data"
    LOAD_SHIFTED = "load_shifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricComparison:
    """One metric, before and after. Ratios are after / before; the interval covers `confidence` (0 to 1).

    samples are raw points, effective samples what is left of them once autocorrelation is taken off.
    """

    signal: str
    role: str
    before: float
    after: float
    ratio: float
    ratio_low: float
    ratio_high: float
    confidence: float
    samples_before: int
    samples_after: int
    effective_before: float
    effective_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with the value on trial, why, and the numbers behind it."""

    outcome: Outcome
    reason: VerdictReason
    explanation: str
    evidence: tuple[MetricComparison, ...] = ()
