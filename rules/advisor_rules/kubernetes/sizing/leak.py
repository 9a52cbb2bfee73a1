"""Memory that grows without a reason: guide, "Memory Leaks". What grows with the load or warms up is no leak."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from advisor.model.kubernetes.usage import ContainerUsage
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor.stats.trend import Stretch, Trend, trend

_LEAST_T, _DOUBTFUL_T = 4.0, 2.0
"""Of thousands of containers, chance takes none beyond 4, and some beyond 2: those may leak."""
_STILL_GROWING = 0.5
"""The later half of each stretch beside all of it: what was added by a cache that fills comes early."""
_LEAST_STEPS = 10
_WARM_HOURS, _LONG_HOURS = 1.0, 1.5
"""That a pod lives: from when on it can climb, and from when on one that does not seem to might."""
_CLIMBS = 0.85
"""Median beside peak of what is killed again and again: with a limit too low it is near that all the time."""
_HOURS_A_DAY = 24
_DOUBTFUL = 0.7
"""Of the threshold: less growth is enough to leave a size alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """ratio_per_day: 0.3 is a third more a day. is_leak: whether noise, load and warm-up are ruled out."""

    ratio_per_day: float
    is_leak: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sawtooth:
    """hours: that a pod lives between two OOM kills. is_leak: it climbs to its limit, rather than lives near it."""

    hours: float
    is_leak: bool


def growth_of(usage: ContainerUsage, guide: SizingGuide) -> Growth | None:
    """How its memory grows from hour to hour beside its load; None where it does not, or too few hours were seen.

    Each stretch between restarts and gaps counts from where it begins. What slows down within stretches is a cache
    that fills.
    """
    read = _read(usage)
    if read is None:
        return None
    whole, late = read
    ratio, still, least = _a_day(whole.slope), _a_day(late.slope), guide.leak_growth_ratio_per_day
    if whole.t < _DOUBTFUL_T or min(ratio, still) < _DOUBTFUL * least:
        return None
    is_sure = max(whole.t, late.t) >= _LEAST_T and late.slope >= _STILL_GROWING * whole.slope
    return Growth(ratio_per_day=ratio, is_leak=is_sure and min(ratio, still) >= least)


def sawtooth_of(usage: ContainerUsage, guide: SizingGuide) -> Sawtooth | None:
    """Where OOM kills leave too few hours to read growth from, or to be sure of it. None where they do not, or where a
    pod is killed as soon as it is warm: that is a limit too low, and no leak.
    """
    kills, memory, read = usage.oom_kills or 0, usage.memory, _read(usage)
    if not kills or memory is None:
        return None
    if read is not None and (
        read[0].t >= _DOUBTFUL_T or _a_day(read[0].slope) < _DOUBTFUL * guide.leak_growth_ratio_per_day
    ):
        return None
    hours = max(1, usage.pods) * usage.hours / kills
    is_leak = memory.p50 <= _CLIMBS * memory.peak
    if hours < (_WARM_HOURS if is_leak else _LONG_HOURS) or (read is not None and not is_leak):
        return None
    return Sawtooth(hours=hours, is_leak=is_leak)


def _a_day(slope: float) -> float:
    return math.expm1(min(slope * _HOURS_A_DAY, 50.0))


def _read(usage: ContainerUsage) -> tuple[Trend, Trend] | None:
    """The trend of all stretches and that of their later halves; None where they hold too few steps."""
    stretches = list(_stretches(usage))
    if sum(len(one.values) - 1 for one in stretches) < _LEAST_STEPS or (whole := trend(stretches)) is None:
        return None
    late = trend([one.late for one in stretches], whole.factor)
    return None if late is None else (whole, late)


def _stretches(usage: ContainerUsage) -> Iterator[Stretch]:
    """Hours one after the other between which the change is known: ln of memory, beside ln of CPU."""
    values, load = list[float](), list[float]()
    for day in usage.days:
        for change, cores in zip(day.memory_changes, day.cpu_hours, strict=True):
            if change is None or cores is None:
                if values:
                    yield Stretch(values=values, load=load)
                values, load = [], []
                continue
            values.append((values[-1] if values else 0.0) + change)
            load.append(math.log(max(cores, 1e-4)))
    if values:
        yield Stretch(values=values, load=load)
