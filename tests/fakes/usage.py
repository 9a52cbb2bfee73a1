"""Usage of containers as a test writes it: days of plain numbers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from advisor.model.kubernetes.hours import HOURS
from advisor.model.kubernetes.resources import Amounts
from advisor.model.kubernetes.usage import ClusterUsage, ContainerKey, ContainerUsage, Spread, UsageDay
from advisor.testing.words import NOON

MIB = 1024**2


def flat(value: float) -> Spread:
    """All points alike."""
    return Spread(weight=288.0, p50=value, p90=value, p95=value, p99=value, peak=value)


def a_day(age: int = 0, *, cores: float = 0.5, mib: float = 400, growth_a_day: float = 0.0, **changes: Any) -> UsageDay:
    """growth_a_day: of memory from hour to hour, as a share; the peak is `mib` all the same."""
    change = math.log1p(growth_a_day) / HOURS
    day = UsageDay(
        day=(NOON - timedelta(days=age)).date(),
        cpu_peak=cores,
        memory_peak=mib * MIB,
        memory_hours=(mib * MIB,) * HOURS,
        memory_changes=tuple(change + (0.001 if hour % 2 else -0.001) for hour in range(HOURS)),
        cpu_hours=(cores,) * HOURS,
        oom_kills=0,
    )
    return replace(day, **changes)


def days_of(mib: Sequence[float], cores: Sequence[float]) -> list[UsageDay]:
    """Whole days, oldest first, of one value an hour; what changes from hour to hour follows from them."""
    memory = [value * MIB for value in mib]
    changes = [0.0, *(math.log(now / before) for before, now in pairwise(memory))]
    days = []
    for start in range(0, len(memory), HOURS):
        part = slice(start, start + HOURS)
        day = a_day((len(memory) - start) // HOURS - 1, cores=max(cores[part]), mib=max(mib[part]))
        hours = {
            "memory_hours": tuple(memory[part]),
            "memory_changes": tuple(changes[part]),
            "cpu_hours": tuple(cores[part]),
        }
        days.append(replace(day, **hours))
    return days


def usage_of(
    workload: str = "web", days: Sequence[UsageDay] | None = None, *, container: str = "app", **changes: Any
) -> ContainerUsage:
    """Two days of half a core and 400 MiB, of a Deployment in the namespace shop."""
    seen = tuple(days if days is not None else (a_day(1), a_day()))
    one = ContainerUsage(
        key=ContainerKey(namespace="shop", kind="Deployment", workload=workload, container=container),
        days=seen,
        cpu=max((flat(day.cpu_peak) for day in seen if day.cpu_peak), key=lambda spread: spread.peak, default=None),
        memory=max(
            (flat(day.memory_peak) for day in seen if day.memory_peak), key=lambda spread: spread.peak, default=None
        ),
        pods=2,
    )
    return replace(one, **changes)


def cluster_usage(*containers: ContainerUsage, node: Amounts | None = None, notes: Iterable[str] = ()) -> ClusterUsage:
    return ClusterUsage(
        taken_at=NOON,
        containers={one.key: one for one in containers},
        largest_node=node or Amounts(),
        notes=tuple(notes),
    )
