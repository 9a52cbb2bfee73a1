"""What a container should ask for, from what it used: before any step, bound or rounding."""

import math
from dataclasses import dataclass

from advisor.model.kubernetes.resources import ResourceName, Resources
from advisor.model.kubernetes.usage import ContainerUsage, Spread
from advisor.settings.kubernetes.sizing import SizingGuide

_DAY_SECONDS = 86_400
_BUSIEST = 0.1
_LEAST_BUSY_HOURS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """request, limit: in cores or bytes; limit None where there is none now. used: the most that was seen.

    is_cut_off: what it needs was not seen, as the limit stood in the way.
    """

    request: float
    limit: float | None
    used: float
    is_cut_off: bool = False


def target_of(name: ResourceName, usage: ContainerUsage, now: Resources, guide: SizingGuide) -> Target | None:
    """None where its usage was not seen."""
    spread = usage.spread(name)
    if spread is None:
        return None
    limit = now.limits.of(name)
    used = usage.peak(name)
    match name:
        case ResourceName.CPU:
            wish = _cpu(spread, guide)
            is_cut_off = limit is not None and throttled_ratio(usage) >= guide.throttled_ratio
        case ResourceName.MEMORY:
            wish = weighted_peak(usage, guide) * (1 + guide.memory_margin_ratio)
            is_cut_off = bool(usage.oom_kills)
    request = max(wish, _smallest(name, guide))
    if limit is None:
        return Target(request=request, limit=None, used=used, is_cut_off=is_cut_off)
    needed = used * (1 + guide.limit_margin_ratio)
    if is_cut_off:
        raised = guide.largest_increase_ratio if name is ResourceName.CPU else guide.oom_raise_ratio
        needed = max(needed, float(limit) * (1 + raised))
    is_fixed = now.requests.of(name) == limit
    if is_fixed:  # Guaranteed stays Guaranteed
        request = max(request, needed)
    return Target(request=request, limit=max(request, needed), used=used, is_cut_off=is_cut_off)


def _cpu(spread: Spread, guide: SizingGuide) -> float:
    """Usage that varies little needs little margin: the 99th percentile, within bounds above the 95th, so that rare
    bursts make no request. In `benchmarks/workloads.py` less CPU is idle so than at a fixed margin, at as little
    throttling.
    """
    most = spread.p95 * (1 + guide.cpu_margin_ratio)
    return min(most, max(spread.p99, spread.p95 * (1 + guide.cpu_least_margin_ratio)))


def weighted_peak(usage: ContainerUsage, guide: SizingGuide) -> float:
    """The highest daily peak of memory; what an old one has above the usual day counts the less the older it is."""
    peaks = [(day.day, day.memory_peak) for day in usage.days if day.memory_peak is not None]
    if not peaks:
        return 0.0
    newest = max(day for day, _ in peaks)
    usual = sorted(peak for _, peak in peaks)[len(peaks) // 2]
    half_life_days = guide.peak_half_life_seconds / _DAY_SECONDS
    return max(
        usual + max(0.0, peak - usual) * math.pow(0.5, (newest - day).days / half_life_days) for day, peak in peaks
    )


def throttled_ratio(usage: ContainerUsage) -> float:
    """The mean over the busiest tenth of the hours, so that a quiet night does not hide a busy day; 0 for none."""
    hours = sorted((share for day in usage.days for share in day.throttled_hours if share is not None), reverse=True)
    if not hours:
        return 0.0
    count = max(_LEAST_BUSY_HOURS, round(len(hours) * _BUSIEST))
    return sum(hours[:count]) / count


def _smallest(name: ResourceName, guide: SizingGuide) -> float:
    return guide.smallest_cpu_cores if name is ResourceName.CPU else float(guide.smallest_memory_bytes)
