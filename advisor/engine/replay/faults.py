"""What a metric does by itself over a recording, and how trials beside it fared. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean

from advisor.engine.replay.aa_test import Recording
from advisor.model.change import TrialPlan
from advisor.model.proposal import Goal
from advisor.model.signal import LOAD_SIGNAL, SignalKey
from advisor.model.trial_check import MOST_FALSE, WANTED_POWER, Advice, Fault, FaultKind
from advisor.stats.blocks import floor_of, log_blocks
from advisor.stats.cycle import cycle
from advisor.stats.level_shifts import level_shifts
from advisor.stats.persistence import persistence
from advisor.stats.trend import Stretch, trend

_HOLDS = 8
"""Blocks of the first window for which a level must hold to be one: two hours."""
_LOOKS_BACK = 8
"""Lengths of what it sees of the trial that a look sees of the past."""
_CERTAIN = 4.0
_LASTING = 4.0
"""Blocks of the first window that weigh as much as one independent one: an AR(1) of 0.6 from one to the next."""
_LATEST = 384
"""Blocks that a cycle is looked for in: the last four days."""
_TURNS = 3
"""Of a cycle, in the longest window, before it averages out."""
_CONCURRENT = (Advice.CANARY, Advice.SWITCH_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the trial that began at `at` ended without a gain, and with one of a fifth."""

    at: datetime
    is_kept_without: bool
    is_kept_with: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """A fault, and when the breaks of one of that kind were."""

    fault: Fault
    times: tuple[datetime, ...] = ()


def faults(recording: Recording, goal: Goal, plan: TrialPlan, outcomes: Sequence[Outcome]) -> tuple[Fault, ...]:
    """Those of the goal's metric at equal load, with the trials that each touches; last those that none touches."""
    found, told = moving(recording, goal, plan), []
    untouched = list(outcomes)
    for one in found:
        touched = [outcome for outcome in outcomes if _touches(one, plan, outcome.at)]
        untouched = [outcome for outcome in untouched if outcome not in touched]
        told.append(_advised(_counted(one.fault, touched), plan))
    return (*told, _counted(Fault(kind=FaultKind.NONE), untouched))


def moving(recording: Recording, goal: Goal, plan: TrialPlan) -> tuple[Moving, ...]:
    """A cycle, breaks, a drift and wandering, as far as the recording has them, each without those before it."""
    blocks = _at_equal_load(recording, goal.signal, plan)
    if not blocks:
        return ()
    seconds, smallest = plan.trial_seconds, math.log1p(goal.minimum_gain_ratio)
    found = []
    turning = cycle({block: value for block, value in blocks.items() if block >= -_LATEST})
    if turning is not None:
        courses = [turning.at(block) for block in blocks]
        blocks = {block: value - turning.at(block) for block, value in blocks.items()}
        size = math.expm1(max(courses) - min(courses))
        found.append(Moving(fault=Fault(kind=FaultKind.CYCLE, size=size, period_seconds=seconds / turning.turns)))
    order, values = list(blocks), list(blocks.values())
    shifts = level_shifts(values, _HOLDS, smallest)
    if shifts:
        largest = max(shifts.values(), key=abs)
        times = tuple(recording.end + timedelta(seconds=order[place] * seconds) for place in shifts)
        fault = Fault(kind=FaultKind.BREAKS, size=math.expm1(largest), count=len(shifts))
        found.append(Moving(fault=fault, times=times))
    slope = _slope(values, list(shifts), smallest * seconds / plan.longest_seconds / 2)
    if slope:
        found.append(Moving(fault=Fault(kind=FaultKind.DRIFT, size=math.expm1(slope * 86_400 / seconds))))
    if strays := _strays(_levelled(values, list(shifts), slope), order, plan.longest_seconds / seconds):
        found.append(Moving(fault=Fault(kind=FaultKind.WANDER, size=math.expm1(strays))))
    return tuple(found)


def _levelled(values: Sequence[float], breaks: Sequence[int], slope: float) -> list[float]:
    """What is left between the breaks, each stretch around a level and a slope of its own."""
    found: list[float] = []
    for start, end in pairwise([0, *breaks, len(values)]):
        part = [values[place] - slope * place for place in range(start, end)]
        mean = fmean(part)
        found += [value - mean for value in part]
    return found


def _strays(left: Sequence[float], order: Sequence[int], blocks: float) -> float:
    """The standard deviation of means over so many blocks; 0 where neighbours hardly resemble each other."""
    adjacent = [False, *(late - early == 1 for early, late in pairwise(order))]
    found = persistence(left, adjacent, fitted=1)
    return math.sqrt(found.long_run_variance / blocks) if found.inflation >= _LASTING else 0.0


def _slope(values: Sequence[float], breaks: Sequence[int], least: float) -> float:
    """By which the values grow from one to the next between the breaks; 0 where that is below `least`, or chance."""
    parts = [values[start:end] for start, end in pairwise([0, *breaks, len(values)])]
    found = trend([Stretch(values=part, load=[0.0] * len(part)) for part in parts])
    return found.slope if found is not None and abs(found.t) >= _CERTAIN and abs(found.slope) >= least else 0.0


def _at_equal_load(recording: Recording, signal: SignalKey, plan: TrialPlan) -> dict[int, float]:
    """Logarithms of blocks of the first window's length, numbered back from the end, less what the load explains."""
    own = _blocks(recording, signal, plan)
    loads = (key for key in recording.series if key.name == LOAD_SIGNAL and key != signal)
    load = next((_blocks(recording, key, plan) for key in loads), {})
    both = own.keys() & load.keys()
    if len(both) < 0.9 * len(own) or not both:
        return own
    middle, level = fmean(load[block] for block in both), fmean(own[block] for block in both)
    square = sum((load[block] - middle) ** 2 for block in both)
    product = sum((load[block] - middle) * (own[block] - level) for block in both)
    slope = product / square if square > 0 else 0.0
    return {block: own[block] - slope * (load[block] - middle) for block in own if block in both}


def _blocks(recording: Recording, signal: SignalKey, plan: TrialPlan) -> dict[int, float]:
    points = recording.series[signal].since(recording.end)
    floor = floor_of(value for _, value in points)
    return dict(log_blocks(points, plan.trial_seconds, floor)) if floor > 0 else {}


def _touches(one: Moving, plan: TrialPlan, at: datetime) -> bool:
    """A break touches the trials in whose windows it lies; all else touches every one."""
    if one.fault.kind is not FaultKind.BREAKS:
        return True
    start = at - timedelta(seconds=max(plan.baseline_seconds, _LOOKS_BACK * plan.trial_seconds))
    end = at + timedelta(seconds=plan.warm_up_seconds + plan.longest_seconds)
    return any(start < time < end for time in one.times)


def _counted(fault: Fault, outcomes: Sequence[Outcome]) -> Fault:
    if not outcomes:
        return fault
    return replace(
        fault,
        trials=len(outcomes),
        false_keep_ratio=fmean(outcome.is_kept_without for outcome in outcomes),
        kept_ratio=fmean(outcome.is_kept_with for outcome in outcomes),
    )


def _advised(fault: Fault, plan: TrialPlan) -> Fault:
    holds = fault.false_keep_ratio <= MOST_FALSE and fault.kept_ratio >= WANTED_POWER
    if holds or not fault.trials:
        return fault
    if fault.kind is FaultKind.CYCLE and plan.longest_seconds < _TURNS * fault.period_seconds:
        return replace(fault, advice=(Advice.LONGER_WINDOWS, *_CONCURRENT))
    return replace(fault, advice=_CONCURRENT)
