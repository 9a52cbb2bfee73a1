"""A trial in which the old value comes back: the effect must follow the knob. Pure.

The periods with the old value are a control that runs beside, as nearly as one can without a canary: the points of each
period are compared with those of its neighbours, the last of which before the trial is the end of the baseline. A trend
is taken out. Whatever else goes on keeps no time with moves that were drawn: if of other drawn times many show as
much, it was not the knob.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import fmean

from advisor.engine.judge.analysis_window import AnalysisWindow, distance_of
from advisor.engine.judge.contrast import Contrast, contrast
from advisor.engine.judge.trial import Period, Trial, Windows
from advisor.model.course import SwitchBack
from advisor.model.signal import Series, SignalKey
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.stats.blocks import log_blocks
from advisor.stats.level_breaks import level_breaks, unexplained
from advisor.stats.step import step

_DRAWS = 199
_AS_MUCH = 0.02
"""Of other drawn times, so many may show as much by chance."""
_MOST_BREAKS = 2
_FEWEST_BLOCKS = 3
"""Of a period, to be compared with its neighbours."""


def compared(window: AnalysisWindow, signal: SignalKey, slack: float = 0.0, allowed_ratio: float = 0.0) -> Contrast:
    """As `contrast`; once the old value has been back, of the periods with the new one against those with the old."""
    trial = window.trial
    if not has_been_back(trial):
        return contrast(window, signal, slack, allowed_ratio)
    new = AnalysisWindow(trial=with_new_value(trial), seen_seconds=window.seen_seconds, robust=window.robust)
    plain = contrast(new, signal, slack, allowed_ratio)
    runs = _runs(window, signal, slack)
    if plain.problem and not plain.is_shifted:
        return plain
    switched = replace(plain, problem="", shortage="", is_shifted=False)
    return _fitted(switched, runs, window) if len(runs) > 1 else plain


def has_been_back(trial: Trial) -> bool:
    """Whether the old value was in force again: steps that come by themselves then keep no time with the knob."""
    return any(not period.is_on for period in trial.periods)


def with_new_value(trial: Trial) -> Trial:
    """`trial` with the points only at which the new value was in force, and settled; all where it always was."""
    if not trial.periods:
        return trial
    on = [period for period in trial.periods if period.is_on]

    def of(series: Series) -> Series:
        kept = (one for one in series.samples if any(period.start <= one.at < period.end for period in on))
        return replace(series, samples=tuple(kept))

    windows: Windows = {signal: of(series) for signal, series in trial.trial.items()}
    return replace(trial, trial=windows)


def withheld(verdict: Verdict, trial: Trial, seen_seconds: float, *, needed: int) -> Verdict:
    """Nothing but harm ends the trial before `needed` periods have been seen, and nothing is kept on fewer."""
    is_harm = verdict.reason in (VerdictReason.GUARDRAIL_HARMED, VerdictReason.STOPPED, VerdictReason.REPLACED)
    seen = _periods_seen(trial, seen_seconds)
    if seen >= needed or is_harm or verdict.outcome is Outcome.EXTEND:
        return verdict
    is_last = seen_seconds >= trial.plan.longest_seconds
    if is_last and verdict.outcome is not Outcome.KEEP:
        return verdict
    told = f"{verdict.explanation}; the effect must follow the knob: {seen} of {needed} periods were seen"
    outcome = Outcome.ROLL_BACK if is_last else Outcome.EXTEND
    return replace(verdict, outcome=outcome, reason=VerdictReason.UNDECIDED, explanation=told)


def _periods_seen(trial: Trial, seen_seconds: float) -> int:
    """Those that have lasted as long as a period must at least."""
    end = trial.began_at + timedelta(seconds=seen_seconds)
    shortest = timedelta(seconds=trial.settings.switch_back.shortest_seconds)
    return sum(min(period.end, end) - period.start >= shortest for period in trial.periods)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """The blocks of one period, by their number from the trial's beginning on; negative ones are of the baseline."""

    is_on: bool
    blocks: Mapping[int, float]


def _runs(window: AnalysisWindow, signal: SignalKey, slack: float) -> Sequence[_Run]:
    """One for each period that has blocks enough, and before them one of the baseline, as long as the longest."""
    trial, floor = window.trial, window.floor(signal, slack)
    if floor <= 0:
        return ()
    seconds = _block_seconds(window, signal)
    late = log_blocks(window.after(signal), seconds, floor)
    spans = [(period.is_on, *_span(period, trial.began_at)) for period in trial.periods]
    longest = max(end - start for _, start, end in spans)
    early = [(at, value) for at, value in window.before(signal)]
    last = early[-1][0] if early else 0.0
    baseline = {
        block: value for block, value in log_blocks(early, seconds, floor).items() if block * seconds >= last - longest
    }
    found = [_Run(is_on=False, blocks=baseline)]
    for is_on, start, end in spans:
        whole = {b: value for b, value in late.items() if start <= b * seconds and (b + 1) * seconds <= end}
        found.append(_Run(is_on=is_on, blocks=whole))
    return [run for run in found if len(run.blocks) >= _FEWEST_BLOCKS]


def _block_seconds(window: AnalysisWindow, signal: SignalKey) -> float:
    """A sixth of the first window, or of the shortest period that is over; no shorter than the points' distance."""
    spans = (_span(period, window.trial.began_at) for period in window.trial.periods[:-1])
    shortest = min((end - start for start, end in spans), default=math.inf)
    block = min(window.trial.plan.block_seconds, shortest / 6)
    return max(block, distance_of(window.before(signal)), distance_of(window.after(signal)))


def _span(period: Period, began_at: datetime) -> tuple[float, float]:
    return (period.start - began_at).total_seconds(), (period.end - began_at).total_seconds()


def _fitted(found: Contrast, runs: Sequence[_Run], window: AnalysisWindow) -> Contrast:
    order = [(block, value, run.is_on) for run in runs for block, value in run.blocks.items()]
    on = [is_on for _, _, is_on in order]
    if all(on) or not any(on):
        return replace(found, problem=found.problem or f"{found.signal}: no block of either value")
    values, blocks = [value for _, value, _ in order], [block for block, _, _ in order]
    adjacent = [False, *(b - a == 1 and is_on is was for (a, _, was), (b, _, is_on) in pairwise(order))]
    drivers = _by_itself(blocks, values, on, bends=len(runs) > 3)
    fitted = step(values, on, adjacent, drivers, tolerance=found.tolerance, robust=window.robust)
    needed = window.trial.settings.smallest_effective_samples
    fewest = min(fitted.effective_before, fitted.effective_after)
    short = f"{found.signal}: {fewest:.1f} independent points of one value, {needed:g} are needed"
    told = replace(found, step=fitted, shortage=short if fewest < needed else "")
    is_goal = found.signal == window.trial.goal.signal
    left = unexplained(values, drivers)
    again = [(block, value, is_on) for (block, _, is_on), value in zip(order, left, strict=True)]
    doubt = _by_chance(again, fitted.shift, window) if is_goal and not told.shortage else ""
    return replace(told, shortage=f"{found.signal}: {doubt}") if doubt else told


def _by_itself(
    blocks: Sequence[int], values: Sequence[float], on: Sequence[bool], *, bends: bool
) -> Sequence[Sequence[float]]:
    """What changes without the knob: a slope, with enough periods a bend, and up to two breaks, such as a deploy."""
    first, last = blocks[0], blocks[-1]
    times = [2 * (block - first) / max(last - first, 1) - 1 for block in blocks]
    trend = [times, [at * at for at in times]] if bends else [times]
    places = level_breaks(values, [[float(is_on) for is_on in on], *trend], most=_MOST_BREAKS if bends else 0)
    return [*trend, *([float(number >= place) for number in range(len(blocks))] for place in places)]


def _by_chance(order: Sequence[tuple[int, float, bool]], shift: float, window: AnalysisWindow) -> str:
    """Why the moves do not explain the shift: of other times that might have been drawn, many show as much; or ""."""
    seen = _beside_neighbours([(value, is_on) for _, value, is_on in order])
    if seen is None or seen * shift <= 0:
        return "the effect does not follow the knob"
    seconds = _block_seconds(window, window.trial.goal.signal)
    as_much = 0
    for number in range(_DRAWS):
        labels = _otherwise([block * seconds for block, _, _ in order], str(number), window.trial)
        other = _beside_neighbours([(value, is_on) for (_, value, _), is_on in zip(order, labels, strict=True)])
        as_much += other is not None and other * math.copysign(1, seen) >= abs(seen)
    share = (as_much + 1) / (_DRAWS + 1)
    if share <= _AS_MUCH:
        return ""
    return f"of other times that might have been drawn for the moves, {share:.0%} show as much"


def _otherwise(starts: Sequence[float], draw: str, trial: Trial) -> Sequence[bool]:
    """Which blocks would have had the new value, had other times been drawn; starts: in seconds of the trial."""
    bounds = trial.settings.switch_back
    times = SwitchBack(
        periods=bounds.periods, shortest_seconds=bounds.shortest_seconds, longest_seconds=bounds.longest_seconds
    )
    number, end, found = 0, times.drawn_seconds(draw, 0), []
    for start in starts:
        while start >= end:
            number += 1
            end += trial.plan.warm_up_seconds + times.drawn_seconds(draw, number)
        found.append(start >= 0 and number % 2 == 0)
    return found


def _beside_neighbours(values: Sequence[tuple[float, bool]]) -> float | None:
    """The mean, over all moves, of a run with the new value less its neighbour with the old; None without a move."""
    runs = [(is_on, fmean(value for value, _ in group)) for is_on, group in groupby(values, key=lambda each: each[1])]
    moves = [(mean - last) if is_on else (last - mean) for (_, last), (is_on, mean) in pairwise(runs)]
    return fmean(moves) if moves else None
