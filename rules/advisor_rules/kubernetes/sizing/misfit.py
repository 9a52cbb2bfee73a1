"""The containers of a snapshot whose usage is known, and what is wrong with their sizes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.model.kubernetes.workload import Workload
from advisor.model.snapshot import Snapshot
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.objects.subject import workloads_of
from advisor_rules.kubernetes.sizing.measured import measured
from advisor_rules.kubernetes.sizing.size import Fault, fault_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A resource of a container whose size is wrong."""

    container: Container
    name: ResourceName
    usage: ContainerUsage


def misfits(snapshot: Snapshot, workload: Workload, fault: Fault, guide: SizingGuide) -> list[Misfit]:
    """Of one fault. Too little is told of at any time; too much only from enough hours."""
    return [
        Misfit(container=container, name=name, usage=usage)
        for container, usage in measured(snapshot, workload)
        for name in ResourceName
        if fault_of(name, container, usage, guide) is fault
        if fault is Fault.OOM or usage.hours >= guide.least_hours
    ]


def workloads_with(
    snapshot: Snapshot, fault: Fault, guide: SizingGuide
) -> Iterator[tuple[ClusterState, Workload, Sequence[Misfit]]]:
    for cluster, workload in workloads_of(snapshot):
        if found := misfits(snapshot, workload, fault, guide):
            yield cluster, workload, found
