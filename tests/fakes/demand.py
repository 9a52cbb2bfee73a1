"""Demand of autoscaled workloads as a test writes it: whole days, a value a minute."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from advisor.model.kubernetes.demand import DemandDay, WorkloadDemand, WorkloadKey
from advisor.model.kubernetes.usage import ClusterUsage
from advisor.testing.words import NOON

MINUTES = 1440
YESTERDAY: date = NOON.date() - timedelta(days=1)


def a_demand(
    cores: Callable[[int, int], float], pods: Callable[[int, int], int], *, days: int = 3, name: str = "web"
) -> WorkloadDemand:
    """Of a Deployment in the namespace shop. cores, pods: of (day, minute); day 0 is the oldest."""
    return WorkloadDemand(
        key=WorkloadKey("shop", "Deployment", name),
        days=tuple(
            DemandDay(
                day=YESTERDAY - timedelta(days=days - 1 - day),
                cores=tuple(cores(day, minute) for minute in range(MINUTES)),
                pods=tuple(pods(day, minute) for minute in range(MINUTES)),
            )
            for day in range(days)
        ),
    )


def usage_with(*demands: WorkloadDemand, notes: Iterable[str] = ()) -> ClusterUsage:
    return ClusterUsage(taken_at=NOON, demands={one.key: one for one in demands}, notes=tuple(notes))
