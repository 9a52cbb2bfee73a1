"""Memory that grows without a reason: guide, "Memory Leaks". What grows with the load or warms up is no leak."""

import math
from dataclasses import dataclass

from advisor.model.kubernetes.usage import ContainerUsage
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor.stats.trend import trend

_LEAST_T = 3.0
_STILL_GROWING = 0.3
_LEAST_HOURS = 10
_HOURS_A_DAY = 24
_DOUBTFUL = 0.7
"""Of the threshold: where it cannot be told, less growth is enough to leave a size alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """ratio_per_day: 0.3 is a third more a day. is_leak: whether noise, load and warm-up are ruled out."""

    ratio_per_day: float
    is_leak: bool


def growth_of(usage: ContainerUsage, guide: SizingGuide) -> Growth | None:
    """How its memory grows from hour to hour beside its load; None where it does not, or too few hours were seen.

    Restarts are left out. Growth that slows down is a cache that fills.
    """
    level, values, load = 0.0, list[float](), list[float]()
    for day in usage.days:
        for change, cores in zip(day.memory_changes, day.cpu_hours, strict=True):
            if change is None or cores is None:
                continue
            level += change
            values.append(level)
            load.append(math.log(max(cores, 1e-4)))
    whole, late = trend(values, load), trend(values[len(values) // 2 :], load[len(values) // 2 :])
    if len(values) < _LEAST_HOURS or whole is None or late is None or late.slope <= 0:
        return None
    ratio = math.expm1(min(whole.slope * _HOURS_A_DAY, 50.0))
    is_sure = max(whole.t, late.t) >= _LEAST_T and late.slope >= _STILL_GROWING * whole.slope
    if ratio < guide.leak_growth_ratio_per_day * (1.0 if is_sure else _DOUBTFUL):
        return None
    return Growth(ratio_per_day=ratio, is_leak=is_sure)
