"""The judge's decision on a trial, with reasons."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    KEEP = "keep"
    ROLL_BACK = "roll_back"
    EXTEND = "extend"
    HOLD = "hold"
    """Neither gain nor harm is proven, and going back costs more than staying: a person decides."""


class VerdictReason(StrEnum):
    GAIN_PROVEN = "gain_proven"
    NO_GAIN = "no_gain"
    GAIN_GONE = "gain_gone"
    """It was proven once, and is there no more."""
    GUARDRAIL_HARMED = "guardrail_harmed"
    NOT_ENOUGH_DATA = "not_enough_data"
    UNDECIDED = "undecided"
    NO_DATA = "no_data"
    LOAD_SHIFTED = "load_shifted"
    REPLACED = "replaced"
    """A new release, or new instances: the application is not the one the trial began with."""
    STOPPED = "stopped"
    """Something happened that needs no statistics: instances ran out of memory, crash or are not ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricComparison:
    """One metric, before and after, at the same load and hour. Ratios are after / before; interval of `confidence`.

    samples are raw points, effective samples what is left of them once autocorrelation is taken off. deviations:
    the effect size, the shift in standard deviations of the metric's own noise. mean_before, mean_after: the plain
    means of what was measured, NaN where a former version did not keep them; before and after are what the judge
    compared, at equal load and without bursts. is_at_floor: after is next to nothing, and the ratio says "at most a
    hundredth".
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
    deviations: float = math.nan
    mean_before: float = math.nan
    mean_after: float = math.nan
    is_at_floor: bool = False

    @property
    def is_measured(self) -> bool:
        """Whether the means are on record."""
        return math.isfinite(self.mean_before) and math.isfinite(self.mean_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionCheck:
    """What a what-if model said the goal's metric would be, and what it was.

    All in the metric's unit; NaN where nothing was measured. The measured interval is the goal's own.
    """

    signal: str
    unit: str
    model: str
    predicted_low: float
    predicted: float
    predicted_high: float
    measured_low: float
    measured: float
    measured_high: float

    @property
    def is_covered(self) -> bool:
        """Whether the measured value lies within the predicted range; False when nothing was measured."""
        return self.predicted_low <= self.measured <= self.predicted_high


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with the value on trial, why, and the numbers behind it."""

    outcome: Outcome
    reason: VerdictReason
    explanation: str
    evidence: tuple[MetricComparison, ...] = ()
    prediction: PredictionCheck | None = None
