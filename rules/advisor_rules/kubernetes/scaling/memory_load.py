"""Whether the memory of a workload's pods goes with their load, from hours of usage. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median

from advisor.model.kubernetes.hours import HOURS
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.settings.kubernetes.metrics import MetricGuide
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor.stats.trend import Stretch, Trend, trend
from advisor_rules.kubernetes.sizing.leak import growth_of
from advisor_rules.kubernetes.sizing.reasons import SILENT, of_usage

_LEAST_HOURS = 24
"""Of less than a day nobody knows the quiet and the busy hours."""
_LEAST_T = 3.0
_TWO_SIDED = 2.0
_LEAST_DAYS = 4
_QUARTER = 4
_Hour = tuple[date, int]
_Used = tuple[float, float]


class MemoryKind(StrEnum):
    """What memory does. Of the last three, more pods lower the mean; of the others they do not."""

    LEAKS = "it grows without more load, which is a leak"
    FLAT = "it does not come down when the load does"
    VARIES_ALONE = "it goes up and down, and not with the load"
    GROWS = "it goes with the load, and grows from day to day"
    VARIES = "it goes with the load, and varies much"
    STABLE = "it goes with the load, within narrow bounds"

    @property
    def follows(self) -> bool:
        return self in (MemoryKind.GROWS, MemoryKind.VARIES, MemoryKind.STABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLoad:
    """Of one pod, in bytes. share: of a busy hour's memory, how much goes with the load (0 to 1).

    mean_bytes: over all hours. idle_bytes: what the line through the hours has at no load.
    """

    kind: MemoryKind
    share: float
    mean_bytes: float
    idle_bytes: float


def memory_load(usages: Sequence[ContainerUsage], sizing: SizingGuide, guide: MetricGuide) -> MemoryLoad | None:
    """Of containers that make up a pod. The load is their CPU, as there is no other in every cluster.

    None where it cannot be told: too few hours, a crash loop, a load that hardly moves, or noise between yes and no.
    """
    if any(reason in SILENT for one in usages for reason, _ in of_usage(one, sizing)):
        return None
    hours = _together(usages)
    if len(hours) < _LEAST_HOURS:
        return None
    memory, cores = [used for used, _ in hours.values()], [load for _, load in hours.values()]
    mean, busy, quiet = sum(memory) / len(memory), _at(cores, 0.9), _at(cores, 0.1)
    growths = [growth for one in usages if (growth := growth_of(one, sizing)) is not None]
    fit = trend([Stretch(values=memory, load=cores)])
    if any(growth.is_leak for growth in growths):
        return MemoryLoad(kind=MemoryKind.LEAKS, share=0.0, mean_bytes=mean, idle_bytes=mean)
    if fit is None or math.isinf(fit.factor_error) or busy < guide.least_load_swing * max(quiet, 1e-4):
        return None
    idle = mean - fit.factor * sum(cores) / len(cores)
    at_busy = max(idle + fit.factor * busy, 1.0)
    share, error = fit.factor * busy / at_busy, fit.factor_error * busy / at_busy
    is_sure = fit.factor >= _LEAST_T * fit.factor_error
    if is_sure and share >= guide.least_load_share:
        kind = _of_followers(hours, fit, bool(growths), guide)
        return MemoryLoad(kind=kind, share=min(share, 1.0), mean_bytes=mean, idle_bytes=max(idle, 0.0))
    is_deaf = share + _TWO_SIDED * error < guide.least_load_share or _stays_by_day(hours, guide)
    if is_deaf and not growths:
        kind = MemoryKind.VARIES_ALONE if _varies(memory, guide) else MemoryKind.FLAT
        return MemoryLoad(kind=kind, share=max(share, 0.0), mean_bytes=mean, idle_bytes=min(max(idle, 0.0), mean))
    return None


def _stays_by_day(hours: dict[_Hour, _Used], guide: MetricGuide) -> bool:
    """Whether on three days of four the quiet hours had hardly less than the busy ones.

    What was taken once and kept is a step that no line fits, and each day after it is plain.
    """
    shares = [share for one in _by_day(hours) if (share := _share_of_day(one, guide)) is not None]
    moved = sum(share >= guide.least_load_share for share in shares)
    return len(shares) >= _LEAST_DAYS and moved * _QUARTER <= len(shares)


def _share_of_day(hours: Sequence[_Used], guide: MetricGuide) -> float | None:
    """How much less memory its quietest quarter had than its busiest, beside how much less load; None: too alike."""
    ordered, count = sorted(hours, key=lambda one: one[1]), len(hours) // _QUARTER
    if not count:
        return None
    quiet, busy = ordered[:count], ordered[-count:]
    (less, low), (more, high) = (
        (sum(used for used, _ in part) / count, sum(load for _, load in part) / count) for part in (quiet, busy)
    )
    if not more or not high or high < guide.least_load_swing * low:
        return None
    return (1 - less / more) / (1 - low / high)


def _of_followers(hours: dict[_Hour, _Used], beside: Trend, may_leak: bool, guide: MetricGuide) -> MemoryKind:
    if may_leak or _grows(hours, beside, guide):
        return MemoryKind.GROWS
    return MemoryKind.VARIES if _varies([used for used, _ in hours.values()], guide) else MemoryKind.STABLE


def _varies(memory: Sequence[float], guide: MetricGuide) -> bool:
    return _at(memory, 0.95) >= (1 + guide.memory_varies_ratio) * median(memory)


def _grows(hours: dict[_Hour, _Used], beside: Trend, guide: MetricGuide) -> bool:
    """Beside the load, or with it: then the middle of each day lies above that of the day before."""
    mean = sum(used for used, _ in hours.values()) / len(hours)
    if beside.t >= _LEAST_T and beside.slope * HOURS >= guide.memory_grows_ratio_per_day * mean:
        return True
    middles = [math.log(max(median(used for used, _ in one), 1.0)) for one in _by_day(hours)]
    by_day = trend([Stretch(values=middles, load=[0.0] * len(middles))])
    if by_day is None or by_day.t < _LEAST_T:
        return False
    return by_day.slope >= math.log1p(guide.memory_grows_ratio_per_day)


def _by_day(hours: dict[_Hour, _Used]) -> list[list[_Used]]:
    found: dict[date, list[_Used]] = {}
    for (day, _), used in hours.items():
        found.setdefault(day, []).append(used)
    return list(found.values())


def _together(usages: Sequence[ContainerUsage]) -> dict[_Hour, _Used]:
    """Bytes and cores of a pod in each hour in which every one of its containers was seen, oldest first."""
    each = [dict(_hours_of(one)) for one in usages]
    common = sorted(set.intersection(*map(set, each))) if each else []
    return {hour: (sum(one[hour][0] for one in each), sum(one[hour][1] for one in each)) for hour in common}


def _hours_of(usage: ContainerUsage) -> Iterator[tuple[_Hour, _Used]]:
    for day in usage.days:
        for hour, (used, cores) in enumerate(zip(day.memory_hours, day.cpu_hours, strict=True)):
            if used is not None and cores is not None:
                yield (day.day, hour), (used, cores)


def _at(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not pass."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
