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
    UNTELLABLE = "untellable"
    """A gain was seen, and the past took such steps by itself: without a control nobody can tell them apart."""


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
class PlaceboCheck:
    """The judge's own contrast at dates at which nothing was changed.

    dates: how many are on record. as_large: at how many the goal's metric took a step as large as the one judged, up or
    down. largest: the largest of them, as a share of the level before it.
    """

    dates: int
    as_large: int
    largest: float

    @property
    def rate(self) -> float:
        """The share of the dates with a step as large; NaN without a date."""
        return self.as_large / self.dates if self.dates else math.nan

    def __str__(self) -> str:
        """Such as "a step as large came by itself at 3 of 88 dates (3.4%), the largest of 41%"."""
        if not self.dates:
            return "too little is on record to tell which steps come by themselves"
        largest = f", the largest of {self.largest:.0%}" if self.largest > 0 else ""
        return f"a step as large came by itself at {self.as_large} of {self.dates} dates ({self.rate:.1%}){largest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanismCheck:
    """What an index works through: the blocks that its statement reads a call, of so many calls before and since.

    others: statements on the same table that read as many as before, which the change cannot have touched.
    others_ratio: the time of their calls, after / before; NaN without any. scans: how often the index was read since;
    None where that is not known.
    """

    blocks_before: float
    blocks_after: float
    calls_before: int
    calls_after: int
    others: int
    others_ratio: float
    scans: int | None = None

    @property
    def ratio(self) -> float:
        """after / before."""
        return self.blocks_after / self.blocks_before

    def __str__(self) -> str:
        """As "a call reads 12 blocks, before 5,120 (812 and 430 calls); 1 other statement takes x1.02 the time"."""
        told = (
            f"a call reads {_whole(self.blocks_after)} blocks, before {_whole(self.blocks_before)} "
            f"({self.calls_after:,} and {self.calls_before:,} calls)"
        )
        if self.scans is not None:
            told += f"; the index was read {self.scans:,} times"
        if not self.others:
            return told
        named = "1 other statement takes" if self.others == 1 else f"{self.others} other statements take"
        return f"{told}; {named} x{self.others_ratio:.2f} the time"


def _whole(blocks: float) -> str:
    return f"{blocks:,.0f}" if blocks >= 10 else f"{blocks:.2g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with the value on trial, why, and the numbers behind it."""

    outcome: Outcome
    reason: VerdictReason
    explanation: str
    evidence: tuple[MetricComparison, ...] = ()
    prediction: PredictionCheck | None = None
    placebo: PlaceboCheck | None = None
    """None where no step was judged, or a control or the old value's return shows what comes by itself."""
    mechanism: MechanismCheck | None = None
    """None where the change has none that is counted."""
