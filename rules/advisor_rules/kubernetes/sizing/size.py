"""From a target to values that may be written: the guide's step, the namespace's bounds, whole units."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container
from advisor.model.kubernetes.resources import Amount, ResourceName
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.model.kubernetes.workload import Workload
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.sizing.target import Target, target_of, throttled_ratio

_MIB = 1024 * 1024
_NEAR_LIMIT = 0.9


class Fault(StrEnum):
    """What is wrong with a size; one at most for each container and resource."""

    OOM = "oom-killed"
    THROTTLED = "cpu-throttled"
    UNDER = "resources-under-provisioned"
    OVER = "resources-over-provisioned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """request, limit: what is in force; new_*: what is proposed, None where nothing is. refusal: why there is none."""

    container: Container
    name: ResourceName
    fault: Fault
    target: Target
    request: Amount
    limit: Amount | None
    new_request: Amount | None = None
    new_limit: Amount | None = None
    refusal: str = ""

    @property
    def changes_request(self) -> bool:
        return self.new_request is not None and self.new_request != self.request

    @property
    def changes_limit(self) -> bool:
        return self.new_limit is not None and self.new_limit != self.limit


def fault_of(name: ResourceName, container: Container, usage: ContainerUsage, guide: SizingGuide) -> Fault | None:
    """None where its size is right, or where it asks for nothing: that is another rule's."""
    request, limit = container.resources.requests.of(name), container.resources.limits.of(name)
    if not request:
        return None
    if name is ResourceName.MEMORY and usage.oom_kills and limit is not None:
        return Fault.OOM
    if name is ResourceName.CPU and limit is not None and throttled_ratio(usage) >= guide.throttled_ratio:
        return Fault.THROTTLED
    target = target_of(name, usage, container.resources, guide)
    if target is None:
        return None
    is_near = name is ResourceName.MEMORY and limit is not None and target.used > _NEAR_LIMIT * float(limit)
    if is_near or target.request > guide.under_ratio * float(request):
        return Fault.UNDER
    return Fault.OVER if target.request < guide.over_ratio * float(request) else None


def size_of(
    fault: Fault,
    name: ResourceName,
    place: tuple[ClusterState, Workload, Container],
    usage: ContainerUsage,
    guide: SizingGuide,
    *,
    is_autoscaled: bool,
) -> Size | None:
    """The step towards its target. is_autoscaled: its request stays; None where its usage was not seen."""
    cluster, workload, container = place
    request, limit = container.resources.requests.of(name), container.resources.limits.of(name)
    target = target_of(name, usage, container.resources, guide)
    if target is None or request is None:
        return None
    rises = fault is not Fault.OVER
    new_request = request if is_autoscaled else _step(name, request, target.request, rises, guide)
    new_limit = None if limit is None or target.limit is None else _step(name, limit, target.limit, rises, guide)
    if new_limit is not None and new_request > new_limit:  # a limit that stays, or rises by less, caps the request
        new_request = new_limit
    size = Size(
        container=container,
        name=name,
        fault=fault,
        target=target,
        request=request,
        limit=limit,
        new_request=new_request,
        new_limit=new_limit,
    )
    return _within(size, cluster, workload)


def _step(name: ResourceName, now: Amount, wanted: float, rises: bool, guide: SizingGuide) -> Amount:
    """Towards `wanted`, in the direction that is meant only, by the guide's step at most, in whole units."""
    if rises:
        most = Fraction(now) * Fraction(str(1 + guide.largest_increase_ratio))
        return max(now, min(rounded_up(name, wanted), _down(name, float(most))))
    least = Fraction(now) * Fraction(str(1 - guide.largest_decrease_ratio))
    return min(now, max(rounded_up(name, wanted), rounded_up(name, float(least))))


def _within(size: Size, cluster: ClusterState, workload: Workload) -> Size:
    """Moved into the LimitRanges of the namespace; refused where that would cut off what was used."""
    request, limit = size.new_request, size.new_limit
    assert request is not None
    refusal = ""
    for bounds in cluster.limit_ranges:
        if bounds.namespace != workload.meta.namespace:
            continue
        least, most = bounds.smallest.of(size.name), bounds.largest.of(size.name)
        ratio = bounds.largest_ratio.get(size.name)
        if most is not None:
            refusal = refusal or _cut(size, most, bounds.name)
            request, limit = min(request, most), None if limit is None else min(limit, most)
        if least is not None:
            request, limit = max(request, least), None if limit is None else max(limit, least)
        if ratio and limit is not None and Fraction(limit) > ratio * Fraction(request):
            request = rounded_up(size.name, float(Fraction(limit) / ratio))
    if limit is not None and float(limit) < size.target.used:
        shown = size.name.show(rounded_up(size.name, size.target.used))
        refusal = refusal or f"a limit below the {shown} that it used is never proposed; one step does not reach that"
    return replace(size, new_request=request, new_limit=limit, refusal=refusal)


def _cut(size: Size, most: Amount, by: str) -> str:
    wanted = size.target.limit or size.target.request
    if size.fault is Fault.OVER or float(most) >= min(wanted, float(size.new_limit or size.new_request or 0)):
        return ""
    return f"LimitRange {by} allows {size.name.show(most)} of {size.name} at most"


def rounded_up(name: ResourceName, amount: float) -> Amount:
    """Rounded to thousandths of a core, or to MiB, upwards; coarser where nobody would write it so finely."""
    if name is ResourceName.MEMORY:
        return math.ceil(amount / _MIB - 1e-9) * _MIB
    unit = 1 if amount < 0.1 else 5 if amount < 1 else 50
    return Fraction(math.ceil(amount * 1000 / unit - 1e-9) * unit, 1000)


def _down(name: ResourceName, amount: float) -> Amount:
    if name is ResourceName.MEMORY:
        return math.floor(amount / _MIB + 1e-9) * _MIB
    return Fraction(math.floor(amount * 1000 + 1e-9), 1000)
