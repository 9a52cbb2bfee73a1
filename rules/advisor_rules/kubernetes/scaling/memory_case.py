"""An autoscaler on memory beside what its pods' memory does, and what is wrong between them. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Workload
from advisor.model.snapshot import Snapshot
from advisor.settings.kubernetes.guide import KubernetesGuide
from advisor.settings.kubernetes.metrics import MetricGuide
from advisor_rules.kubernetes.scaling.held import held_pods
from advisor_rules.kubernetes.scaling.memory_load import MemoryKind, MemoryLoad, memory_load
from advisor_rules.kubernetes.scaling.pod_usage import cpu_p95, pods_now, request_of, usages_of

HELD = "kubernetes.hpa_memory_held_pods"
IDLE = "kubernetes.memory_idle_percent"


class Trouble(StrEnum):
    TOO_HIGH = "above the guide's row"
    IDLE_ABOVE = "an idle pod is above the target"
    DEAF = "it scales on what does not follow the load"
    FLOOR = "it keeps a few pods more than the minimum"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCase:
    """target, percent, idle_percent: of the memory request; percent: the mean over all hours. pods: now, 0 unknown.

    cpu_cores: of a pod, at its 95th percentile.
    """

    hpa: Hpa
    workload: Workload
    load: MemoryLoad
    target: Fraction
    percent: float
    idle_percent: float
    pods: int
    cpu_cores: float
    runtimes: tuple[str, ...]

    @property
    def is_alone(self) -> bool:
        """Whether it is the only metric."""
        return len(self.hpa.metrics) == 1

    @property
    def held(self) -> int:
        """The pods that its memory keeps; where memory follows the load, none but the minimum."""
        if self.load.kind is MemoryKind.LEAKS:
            return self.hpa.max_replicas  # sooner or later
        if self.load.kind.follows:
            return self.hpa.max_replicas if self.idle_percent >= self.target else self.hpa.fewest
        return held_pods(self.percent, float(self.target), self.hpa)

    def trouble(self, guide: MetricGuide) -> Trouble | None:
        """None where the target fits, or does no harm beside another metric."""
        if self.load.kind.follows:
            if self.idle_percent >= self.target:
                return Trouble.IDLE_ABOVE
            return Trouble.TOO_HIGH if self.target > row_percent(self.load.kind, guide) else None
        if self.is_alone or self.held == self.hpa.max_replicas:
            return Trouble.DEAF
        return Trouble.FLOOR if self.held > self.hpa.fewest else None


def row_percent(kind: MemoryKind, guide: MetricGuide) -> int:
    """The guide's row for memory that follows the load."""
    match kind:
        case MemoryKind.GROWS:
            return guide.growing_memory_percent
        case MemoryKind.VARIES:
            return guide.varying_memory_percent
        case _:
            return guide.stable_memory_percent


def case_of(cluster: ClusterState, hpa: Hpa, snapshot: Snapshot, guide: KubernetesGuide) -> MemoryCase | None:
    """None where it does not scale on memory, has no room, or nothing can be told of its memory."""
    metric = next((one for one in hpa.metrics if one.divides_by is ResourceName.MEMORY), None)
    workload = cluster.target_of(hpa)
    if metric is None or workload is None or hpa.fewest == hpa.max_replicas:
        return None
    usages, request = usages_of(snapshot, workload), request_of(workload, ResourceName.MEMORY)
    load = memory_load(usages, guide.sizing, guide.metrics) if usages and request else None
    if load is None or not request:
        return None
    return MemoryCase(
        hpa=hpa,
        workload=workload,
        load=load,
        target=metric.value,
        percent=100 * load.mean_bytes / float(request),
        idle_percent=100 * load.idle_bytes / float(request),
        pods=pods_now(hpa, usages),
        cpu_cores=cpu_p95(usages),
        runtimes=tuple(sorted({runtime.value for one in usages for runtime in one.runtimes})),
    )
