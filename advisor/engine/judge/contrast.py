"""One metric of a trial against its baseline, at the same load and the same hour. Pure.

Points become blocks of logarithms, so effects are ratios and a constant factor changes nothing. What drives the
metric by itself is taken out: a concurrent control where there is one, else the load and the usual course of the
day. Blocks whose load the baseline never saw do not count. Gaps stay gaps.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import fmean

from advisor.engine.judge.analysis_window import AnalysisWindow, Grid
from advisor.engine.judge.course import Hours, course
from advisor.engine.judge.trial import read
from advisor.model.signal import SignalKey
from advisor.stats.blocks import Blocks
from advisor.stats.least_squares import coefficients
from advisor.stats.step import Step, step

_FEWEST_FOR_DRIVERS = 24
_MOST_DROPPED = 0.5
_NEXT_TO_NOTHING = 1e-9
_LEAST_EXPECTED = 0.01
"""Of its mean before: what would be less without the change is nothing to compare with."""
_WORTH_TELLING = 0.05
"""Plain means and the judge's ratio differ a little always: he compares at equal load, and leaves bursts out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One signal in both windows. `problem` says why it is no evidence; is_shifted, that the load is the reason.

    tolerance: the change of the logarithm that would be of no interest. step: of the logarithm. level: of the
    metric before, in its unit. shortage: why the points are too few to keep anything on; proven harm may rest on
    few. mean_before, mean_after: of all points of the baseline and of the trial, as they were measured; people are
    shown these. is_at_floor: it fell to next to nothing, and the ratio says no more than "at most a hundredth".
    course: what was compared, block by block at equal drivers: (second of its beginning, value); empty where that is
    mostly zero.
    """

    signal: SignalKey
    samples_before: int
    samples_after: int
    tolerance: float = 0.0
    step: Step | None = None
    level: float = math.nan
    problem: str = ""
    shortage: str = ""
    is_shifted: bool = False
    mean_before: float = math.nan
    mean_after: float = math.nan
    is_at_floor: bool = False
    course: tuple[tuple[float, float], ...] = field(default=(), repr=False, compare=False)

    @property
    def measured(self) -> str:
        """What the metric went from and to, and where the ratio says something else, that too."""
        told = f"{self.signal} went from {self.mean_before:.4g} to {self.mean_after:.4g}"
        if self.is_at_floor:
            return f"{told} (judged: at most 1% of it)"
        is_other = not math.isclose(self.mean_after, self.mean_before * self.ratio, rel_tol=_WORTH_TELLING)
        return f"{told} (x{self.ratio:.3g} at equal load and hour)" if is_other else told

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


def contrast(window: AnalysisWindow, signal: SignalKey, slack: float = 0.0, allowed_ratio: float = 0.0) -> Contrast:
    """The change of `signal`. slack: what is next to nothing in its unit, for a metric that is mostly 0.

    allowed_ratio: the share by which it may get worse: noise far smaller than that is of no interest.
    """
    ready = _prepared(window, signal, slack, allowed_ratio)
    if not ready.found.samples_after:
        return replace(ready.found, problem=ready.found.problem or f"{signal}: no samples")
    return _fitted(ready, window)


def foreseen(
    window: AnalysisWindow, signal: SignalKey, slack: float = 0.0, allowed_ratio: float = 0.0, *, factor: float = 1.0
) -> Contrast:
    """What `contrast` would say of a trial that shows the past again, `factor` times as high.

    As often as it takes to fill the trial; a repetition follows the one before it with a gap.
    """
    ready = _prepared(window, signal, slack, allowed_ratio)
    if not ready.blocks:
        return ready.found
    seconds = ready.block_seconds
    first, last = min(ready.blocks), max(ready.blocks)
    stride = last - first + 2
    times = max(1, math.ceil(window.seen_seconds / seconds / len(ready.blocks)))
    shifts = [stride * number for number in range(1, times + 1)]

    def again(blocks: Blocks, step_up: float) -> Blocks:
        past = {block - last - 1: value for block, value in blocks.items()}
        return past | {block + shift: value + step_up for shift in shifts for block, value in past.items()}

    drivers = [again(driver, 0.0) for driver in ready.drivers]
    step_up = factor - 1 if ready.is_sparse else math.log(factor)
    known = {block: value for block, value in ready.taken_out.items() if block in ready.blocks}
    told = replace(ready, blocks=again(ready.blocks, step_up), drivers=drivers, taken_out=again(known, 0.0))
    return _fitted(told, window)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """Blocks of so many seconds without the usual course, and the drivers still to be taken out; none: see `found`.

    taken_out: what was subtracted of them already.
    """

    found: Contrast
    blocks: Blocks = field(default_factory=dict)
    drivers: Sequence[Blocks] = ()
    taken_out: Blocks = field(default_factory=dict)
    block_seconds: float = math.nan
    is_sparse: bool = False


def _prepared(window: AnalysisWindow, signal: SignalKey, slack: float, allowed_ratio: float) -> _Prepared:
    early, late = window.before(signal), window.after(signal)
    found = Contrast(
        signal=signal, samples_before=len(early), samples_after=len(late), problem=_absence(window, signal)
    )
    if not early:
        return _Prepared(found=replace(found, problem=found.problem or f"{signal}: no samples"))
    mean_before, mean_after = window.means(signal)
    found = replace(found, mean_before=mean_before, mean_after=mean_after)
    grid = window.grid(signal)
    blocks = window.blocks(signal, grid, slack)
    if not blocks:
        nothing = f"{signal}: the baseline is zero, and nothing can be compared with that"
        return _Prepared(found=replace(found, problem=nothing))
    level, at_floor = _level(blocks, window, signal, slack)
    tolerance = math.log1p(max(allowed_ratio, slack / level))
    found = replace(found, level=level, tolerance=tolerance, is_at_floor=at_floor)
    seconds, sparse = grid.small_seconds * grid.together, window.is_sparse(signal)
    ready = _Prepared(found=found, blocks=blocks, block_seconds=seconds, is_sparse=sparse)
    if window.trial.control is not None:
        control = window.control(signal, grid, slack)
        beside = {block: blocks[block] - control[block] for block in blocks if block in control}
        return replace(ready, blocks=beside, taken_out=control)
    return _at_equal_drivers(ready, window, grid, slack)


def _level(blocks: Blocks, window: AnalysisWindow, signal: SignalKey, slack: float) -> tuple[float, bool]:
    """Of the metric before, in its unit; and whether it fell to next to nothing."""
    before = [value for block, value in blocks.items() if block < 0]
    after = [value for block, value in blocks.items() if block >= 0]
    if window.is_sparse(signal):
        return fmean(value for _, value in window.before(signal)), bool(after) and max(after) <= 0
    floor = math.log(window.floor(signal, slack)) + _NEXT_TO_NOTHING
    return math.exp(fmean(before)), bool(after) and max(after) <= floor


def _at_equal_drivers(ready: _Prepared, window: AnalysisWindow, grid: Grid, slack: float) -> _Prepared:
    """Where no control runs beside: the load and the usual course are taken out, as far as they are known."""
    found = ready.found
    known_course = course(window.trial, found.signal, slack)
    by_days = known_course.hours is Hours.EARLIER_DAYS
    usual = window.usual(found.signal, grid) if by_days else known_course.expected(ready.blocks, ready.block_seconds)
    kept = _beyond(usual, ready.blocks)
    ready = replace(ready, taken_out=usual if kept is not ready.blocks else {})
    load_signal = window.trial.load_of(found.signal)
    load = window.blocks(load_signal, grid) if load_signal else {}
    if load_signal is None or not load or not _covers(load, kept):
        return replace(ready, blocks=kept)
    usual_load = window.usual(load_signal, grid)
    seen = [*(value for block, value in load.items() if block < 0), *usual_load.values()]
    known = {block: value for block, value in kept.items() if block in load}
    kept = _in_range(known, load, seen, window.trial.settings.load_shift)
    late = sum(block >= 0 for block in known)
    found = replace(found, is_shifted=len(known) - len(kept) > _MOST_DROPPED * late)
    if len(kept) < _FEWEST_FOR_DRIVERS:
        return replace(ready, found=found, blocks=kept, drivers=[])
    if (curve := known_course.curve) is not None:
        bent = {block: curve.at(load[block]) for block in kept}
        kept = {block: value - bent[block] for block, value in kept.items()}
        ready = replace(ready, taken_out={block: at + ready.taken_out.get(block, 0.0) for block, at in bent.items()})
    return replace(ready, found=found, blocks=kept, drivers=[_beyond(usual_load, load) if by_days else load])


def _beyond(usual: Blocks, blocks: Blocks) -> Blocks:
    """The difference of differences: what lies beyond the same hours of earlier days, if they are on record.

    Its weight is fixed at one: a step that comes every day at this hour could not be told from the change's otherwise.
    """
    if not usual or not _covers(usual, blocks):
        return blocks
    return {block: value - usual[block] for block, value in blocks.items() if block in usual}


def _fitted(ready: _Prepared, window: AnalysisWindow) -> Contrast:
    found, kept = ready.found, ready.blocks
    order = list(kept)
    after = [block >= 0 for block in order]
    signal = found.signal
    problem = found.problem or (f"{signal}: the load left the baseline's range" if found.is_shifted else "")
    if all(after) or not any(after):
        return replace(found, problem=problem or f"{signal}: no block lies in both windows")
    adjacent = [False, *(block - last == 1 for last, block in pairwise(order))]
    fitted = step(
        list(kept.values()),
        after,
        adjacent,
        _columns(order, ready.drivers),
        tolerance=found.tolerance,
        robust=window.robust and not ready.is_sparse,
    )
    if ready.is_sparse:
        expected = _expected(fitted, ready)
        if expected < _LEAST_EXPECTED:
            nothing = f"{signal}: without the change it would be next to nothing, too"
            return replace(found, problem=problem or nothing)
        fitted = fitted.of_shares(expected)
    else:  # rare events come in clumps, each of which is a break of its own
        starts = [block * ready.block_seconds for block in order]
        found = replace(found, course=tuple(zip(starts, _at_equal(kept, after, ready.drivers), strict=True)))
    shortage = _shortage(fitted, window.trial.settings.smallest_effective_samples)
    return replace(found, step=fitted, problem=problem, shortage=f"{signal}: {shortage}" if shortage else "")


def _at_equal(kept: Blocks, after: Sequence[bool], drivers: Sequence[Blocks]) -> Sequence[float]:
    """The blocks less what the drivers explain beside the step."""
    values, columns = list(kept.values()), _columns(list(kept), drivers)
    middles = [fmean(column) for column in columns]
    centred = [[value - middle for value in column] for column, middle in zip(columns, middles, strict=True)]
    mean, late = fmean(values), fmean(after)
    weights = coefficients([one - mean for one in values], [[is_late - late for is_late in after], *centred])[1:]
    left = values
    for weight, column in zip(weights, centred, strict=True):
        left = [value - weight * part for value, part in zip(left, column, strict=True)]
    return left


def _expected(fitted: Step, ready: _Prepared) -> float:
    """The share of its mean before that a sparse signal would have had in the trial without the change.

    What was subtracted block by block, such as a control, leaves a level around zero: it belongs to it again.
    """
    late = [ready.taken_out.get(block, 0.0) for block in ready.blocks if block >= 0]
    return fitted.level + fmean(late)


def _shortage(fitted: Step, needed: float) -> str:
    """Which window has too few independent points; "" when both have enough."""
    fewest, window = min((fitted.effective_before, "before the change"), (fitted.effective_after, "since the change"))
    return f"{fewest:.1f} independent points {window}, {needed:g} are needed" if fewest < needed else ""


def _columns(order: Sequence[int], drivers: Sequence[Blocks]) -> list[list[float]]:
    """The drivers' values block by block; one that is not known everywhere is left out."""
    return [[driver[block] for block in order] for driver in drivers if driver.keys() >= set(order)]


def _absence(window: AnalysisWindow, signal: SignalKey) -> str:
    trial = window.trial
    windows = [trial.baseline, trial.trial]
    if trial.control is not None:
        windows += [trial.control.baseline, trial.control.trial]
    problem = next((read(window, signal).problem for window in windows if read(window, signal).problem), "")
    return f"{signal}: {problem}" if problem else ""


def _covers(driver: Blocks, blocks: Blocks) -> bool:
    """Whether the driver is known for nine blocks in ten; with fewer, more would be lost than explained."""
    return len(blocks.keys() & driver.keys()) >= 0.9 * len(blocks)


def _in_range(blocks: Blocks, load: Blocks, seen: Sequence[float], margin: float) -> Blocks:
    """Without the later blocks whose load lies outside what was seen before or at the same hours."""
    low, high = min(seen) - math.log1p(margin), max(seen) + math.log1p(margin)
    return {block: value for block, value in blocks.items() if block < 0 or low <= load[block] <= high}
