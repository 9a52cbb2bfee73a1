"""What containers used hour by hour, beside what they ask for and may use, as plots."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from advisor.model.kubernetes.container import Container
from advisor.model.kubernetes.hours import HOURS
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.usage import ClusterUsage, ContainerKey, UsageDay
from advisor.model.kubernetes.workload import Workload
from advisor.model.plot import Level, Line, Plot

_UNITS = {ResourceName.CPU: "cores", ResourceName.MEMORY: "bytes"}
_HOUR = 3_600.0


def usage_plots(workload: Workload, usage: ClusterUsage) -> tuple[Plot, ...]:
    """CPU, then memory, of each container of its template that was seen; each of one pod."""
    meta = workload.meta
    return tuple(
        plot
        for container in workload.template.running
        for plot in _of_container(
            container,
            usage,
            ContainerKey(namespace=meta.namespace, kind=meta.kind, workload=meta.name, container=container.name),
        )
    )


def _of_container(container: Container, usage: ClusterUsage, key: ContainerKey) -> Iterator[Plot]:
    used = usage.containers.get(key)
    days = _whole(used.days) if used is not None else ()
    for name in ResourceName:
        lines = tuple(_lines(name, days))
        if any(value is not None for line in lines for value in line.values):
            yield Plot(
                title=f"{container.name} {name.value}",
                unit=_UNITS[name],
                step_seconds=_HOUR,
                lines=lines,
                levels=tuple(_levels(container, name)),
                begins=datetime.combine(days[0].day, datetime.min.time(), UTC),
            )


def _whole(days: Sequence[UsageDay]) -> Sequence[UsageDay]:
    """With an empty one for each day in between that was not seen, so that all hours have their place."""
    if not days:
        return ()
    by_day = {one.day: one for one in days}
    first, last = min(by_day), max(by_day)
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [by_day.get(day) or UsageDay(day=day) for day in every]


def _lines(name: ResourceName, days: Sequence[UsageDay]) -> Iterator[Line]:
    """An hour is the mean over pods of CPU, and the least working set; what that hides, the day's peak shows."""
    peaks = tuple(peak for day in days for peak in [day.peak(name) or None] * HOURS)
    yield Line(name="highest of the day", values=peaks, is_stepped=True)
    match name:
        case ResourceName.CPU:
            yield Line(name="mean of the hour", values=tuple(value for day in days for value in day.cpu_hours))
        case ResourceName.MEMORY:
            yield Line(name="least of the hour", values=tuple(value for day in days for value in day.memory_hours))


def _levels(container: Container, name: ResourceName) -> Iterator[Level]:
    for what, amounts in (("request", container.resources.requests), ("limit", container.resources.limits)):
        if amount := amounts.of(name):
            yield Level(name=what, value=float(amount))
