"""One metric of a trial against its baseline, at the same load and the same hour. Pure.

Points become blocks of logarithms, so effects are ratios and a constant factor changes nothing. What drives the
metric by itself is taken out: a concurrent control where there is one, else the load and the usual course of the
day. Blocks whose load the baseline never saw do not count. Gaps stay gaps.

Everything grows with the trial: a look at its first hours is by longer blocks, and against a longer past, than one at
its first minutes. So noise is measured on the scale on which it disturbs, and a sudden harm against what just was.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from advisor.engine.trial import Trial, Windows, read
from advisor.model.signal import Sample, Series, SignalKey
from advisor.stats.blocks import floor_of, log_blocks
from advisor.stats.step import Step, step

BLOCKS_A_WINDOW = 6
_BLOCKS_A_LOOK = 12
_BASELINE_LOOKS = 8
_FEWEST_FOR_DRIVERS = 24
_MOST_DROPPED = 0.5

Blocks = Mapping[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One signal in both windows. `problem` says why it is no evidence; is_shifted, that the load is the reason.

    step: of the logarithm. level: of the metric before, in its unit. shortage: why the points are too few to keep
    anything on; proven harm may rest on few.
    """

    signal: SignalKey
    samples_before: int
    samples_after: int
    step: Step | None = None
    level: float = math.nan
    problem: str = ""
    shortage: str = ""
    is_shifted: bool = False

    @property
    def ratio(self) -> float:
        """after / before; NaN when they could not be compared."""
        return math.exp(self.step.shift) if self.step else math.nan

    def ratio_low(self, alpha: float) -> float:
        """The truth is lower with a chance of at most `alpha`."""
        return math.exp(max(self.step.shift - self.step.bound(alpha), -700)) if self.step else math.nan

    def ratio_high(self, alpha: float) -> float:
        """The truth is higher with a chance of at most `alpha`."""
        return math.exp(min(self.step.shift + self.step.bound(alpha), 700)) if self.step else math.nan


def contrast(trial: Trial, signal: SignalKey, seen_seconds: float, slack: float = 0.0) -> Contrast:
    """The change of `signal` over the first `seen_seconds` of the trial. slack: unit of a metric that is mostly 0."""
    before, after = read(trial.baseline, signal), read(trial.trial, signal)
    start = -max(_BASELINE_LOOKS * seen_seconds, trial.plan.baseline_seconds + trial.plan.warm_up_seconds)
    late = points_of(after, trial.began_at, 0.0, seen_seconds)
    early = points_of(before, trial.began_at, start, 0.0)
    counted = Contrast(signal=signal, samples_before=len(early), samples_after=len(late))
    problem = _absent(signal, before, after, early, late)
    floor = floor_of((value for _, value in early), slack)
    if not early or not late:
        return _failed(counted, problem)
    if floor <= 0.0:
        return _failed(counted, f"{signal}: the baseline is zero, and nothing can be compared with that")
    shortest = max(trial.plan.trial_seconds / BLOCKS_A_WINDOW, _distance(early), _distance(late))
    grid = _Grid(
        trial=trial, seconds=max(shortest, seen_seconds / _BLOCKS_A_LOOK), start=start, seen_seconds=seen_seconds
    )
    blocks = log_blocks([*early, *late], grid.seconds, floor)
    return _fit(counted, problem, grid, blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """The blocks' length, and the blocks of whatever else is read."""

    trial: Trial
    seconds: float
    start: float
    seen_seconds: float

    def joined(self, before: Windows, after: Windows, signal: SignalKey | None) -> Blocks:
        """The blocks of one signal over both windows; none when it is not there."""
        if signal is None:
            return {}
        early = points_of(read(before, signal), self.trial.began_at, self.start, 0.0)
        late = points_of(read(after, signal), self.trial.began_at, 0.0, self.seen_seconds)
        floor = floor_of(value for _, value in early)
        return log_blocks([*early, *late], self.seconds, floor) if floor > 0 else {}


def _fit(counted: Contrast, problem: str, grid: _Grid, blocks: Blocks) -> Contrast:
    trial, signal = grid.trial, counted.signal
    kept, drivers, shifted = blocks, [], False
    if trial.control is not None:
        control = grid.joined(trial.control.baseline, trial.control.trial, signal)
        kept = {block: value - control[block] for block, value in blocks.items() if block in control}
        problem = problem or ("" if kept else f"{signal}: the control shows nothing")
    else:
        load = grid.joined(trial.baseline, trial.trial, trial.load_of(signal))
        usual = grid.joined(trial.usual, trial.usual, signal) if signal in trial.usual else {}
        known = [driver for driver in (load, usual) if _covers(driver, blocks)]
        kept = {block: value for block, value in blocks.items() if all(block in driver for driver in known)}
        if load in known:
            usual_load = trial.load_of(signal)
            same_hours = grid.joined(trial.usual, trial.usual, usual_load) if usual_load in trial.usual else {}
            kept, shifted = _in_range(kept, load, same_hours, trial.settings.load_shift)
        if len(kept) >= _FEWEST_FOR_DRIVERS:
            drivers = [[driver[block] for block in kept] for driver in known]
    after = [block >= 0 for block in kept]
    if all(after) or not any(after):
        return _failed(counted, problem or _nothing_left(signal, shifted), shifted=shifted)
    order = list(kept)
    adjacent = [i > 0 and order[i] - order[i - 1] == 1 for i in range(len(order))]
    found = step(list(kept.values()), after, adjacent, drivers)
    fewest = min(found.effective_before, found.effective_after)
    needed = trial.settings.smallest_effective_samples
    if not problem and shifted:
        problem = _nothing_left(signal, shifted)
    shortage = f"{signal}: {fewest:.1f} independent points, {needed:g} are needed" if fewest < needed else ""
    level = math.exp(math.fsum(value for block, value in blocks.items() if block < 0) / sum(b < 0 for b in blocks))
    return Contrast(
        signal=signal,
        samples_before=counted.samples_before,
        samples_after=counted.samples_after,
        step=found,
        level=level,
        problem=problem,
        shortage=shortage,
        is_shifted=shifted,
    )


def _failed(counted: Contrast, problem: str, *, shifted: bool = False) -> Contrast:
    return Contrast(
        signal=counted.signal,
        samples_before=counted.samples_before,
        samples_after=counted.samples_after,
        problem=problem,
        is_shifted=shifted,
    )


def _absent(
    signal: SignalKey,
    before: Series,
    after: Series,
    early: Sequence[tuple[float, float]],
    late: Sequence[tuple[float, float]],
) -> str:
    problem = before.problem or after.problem
    if not problem and not (early and late):
        problem = "no samples"
    return f"{signal}: {problem}" if problem else ""


def _nothing_left(signal: SignalKey, shifted: bool) -> str:
    return f"{signal}: " + ("the load left the baseline's range" if shifted else "no block lies in both windows")


def points_of(series: Series, began_at: datetime, start: float, end: float) -> list[tuple[float, float]]:
    """(second, value) of the points in [start, end), in seconds from the trial's beginning."""
    samples = series.samples
    first = bisect_left(samples, began_at + timedelta(seconds=start), key=_at)
    last = bisect_left(samples, began_at + timedelta(seconds=end), key=_at)
    return [((sample.at - began_at).total_seconds(), sample.value) for sample in samples[first:last]]


def _at(sample: Sample) -> datetime:
    return sample.at


def _distance(points: Sequence[tuple[float, float]]) -> float:
    if len(points) < 2:
        return 0.0
    return median(points[i][0] - points[i - 1][0] for i in range(1, len(points)))


def _covers(driver: Blocks, blocks: Blocks) -> bool:
    """Whether the driver is known for nine blocks in ten; with fewer, more would be lost than explained."""
    return sum(block in driver for block in blocks) >= 0.9 * len(blocks)


def _in_range(blocks: Blocks, load: Blocks, same_hours: Blocks, margin: float) -> tuple[Blocks, bool]:
    """Without the later blocks whose load was never seen before or at the same hours; and whether most were such."""
    seen = [value for block, value in load.items() if block < 0] + list(same_hours.values())
    if not seen:
        return blocks, False
    low, high = min(seen) - math.log1p(margin), max(seen) + math.log1p(margin)
    kept = {block: value for block, value in blocks.items() if block < 0 or low <= load[block] <= high}
    late = sum(block >= 0 for block in blocks)
    return kept, late > 0 and (len(blocks) - len(kept)) > _MOST_DROPPED * late
