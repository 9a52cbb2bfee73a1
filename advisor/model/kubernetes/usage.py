"""What containers used, by workload: a digest of each day, and the days together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from advisor.model.kubernetes.cluster import Unread
from advisor.model.kubernetes.demand import WorkloadDemand, WorkloadKey
from advisor.model.kubernetes.hours import HOURS, Hours
from advisor.model.kubernetes.resources import Amounts, ResourceName

_UNSEEN: Sequence[float | None] = Hours((None,) * HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Percentiles of one resource, in cores or bytes, over points that are each one pod's use in one step.

    CPU is the mean of its step, memory the peak within it. weight: how many points stand behind it.
    """

    weight: float
    p50: float
    p90: float
    p95: float
    p99: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDay:
    """One day (UTC) of one container, over all pods of its workload. None stands for what was not seen.

    cpu_peak, memory_peak: of pods past their start; start_cpu_peak, start_memory_peak: of the others.
    memory_hours: the median over pods of the least working set of each hour; cpu_hours: the mean over pods, in cores.
    memory_changes: the mean over pods of ln(an hour's least / that of the hour before), without pods that warm up, are
    killed or jump alone: what a restart takes away does not hide what grows between two.
    throttled_hours: share of the periods in which it was throttled, the mean over pods. starts: pods first seen in each
    hour. coverage: share of the steps that have a value, over the life of each pod.
    oom_kills: None where no series tells.
    """

    day: date
    cpu_peak: float | None = None
    memory_peak: float | None = None
    start_cpu_peak: float = 0.0
    start_memory_peak: float = 0.0
    memory_hours: Sequence[float | None] = _UNSEEN
    memory_changes: Sequence[float | None] = _UNSEEN
    cpu_hours: Sequence[float | None] = _UNSEEN
    throttled_hours: Sequence[float | None] = _UNSEEN
    starts: tuple[int, ...] = (0,) * HOURS
    oom_kills: int | None = None
    oom_at: datetime | None = None
    coverage: float = 1.0

    @property
    def hours(self) -> int:
        """How many hours of the day were seen."""
        return sum(value is not None for value in self.memory_hours)

    def peak(self, name: ResourceName) -> float:
        """The most that was used, start-up included; 0 where nothing was seen."""
        match name:
            case ResourceName.CPU:
                return max(self.start_cpu_peak, self.cpu_peak or 0.0)
            case ResourceName.MEMORY:
                return max(self.start_memory_peak, self.memory_peak or 0.0)


class Runtime(StrEnum):
    """Sizes itself by the limit that it finds, so that another limit changes what it uses."""

    JVM = "JVM"
    GO = "Go"
    PYTHON = "Python"


class ContainerKey(NamedTuple):
    """A container of a workload."""

    namespace: str
    kind: str
    workload: str
    container: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.workload} {self.container}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerUsage:
    """days: oldest first. cpu, memory: over all days, of which the newer weigh more.

    pods: running now. restarts: within the days, over all pods. is_throttling_measured: its series are there.
    """

    key: ContainerKey
    days: tuple[UsageDay, ...]
    cpu: Spread | None
    memory: Spread | None
    pods: int = 0
    restarts: int = 0
    is_crash_looping: bool = False
    is_throttling_measured: bool = False
    runtimes: frozenset[Runtime] = frozenset()

    def spread(self, name: ResourceName) -> Spread | None:
        return self.cpu if name is ResourceName.CPU else self.memory

    def peak(self, name: ResourceName) -> float:
        """The most that any pod used in any step, start-up included."""
        return max((day.peak(name) for day in self.days), default=0.0)

    @property
    def hours(self) -> int:
        return sum(day.hours for day in self.days)

    @property
    def coverage(self) -> float:
        """Share of the steps that have a value; 0 where nothing was seen."""
        hours = self.hours
        return sum(day.coverage * day.hours for day in self.days) / hours if hours else 0.0

    @property
    def oom_kills(self) -> int | None:
        """None where no series tells."""
        told = [day.oom_kills for day in self.days if day.oom_kills is not None]
        return sum(told) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterUsage:
    """One look. left_out: pods and groups of them whose usage counts for no workload, and why.

    demands: of the workloads that an autoscaler scales, over whole days.
    notes: what a reader of the numbers must know, such as that two jobs scrape the same. queries, points: its cost.
    """

    taken_at: datetime
    containers: Mapping[ContainerKey, ContainerUsage] = field(default_factory=dict)
    demands: Mapping[WorkloadKey, WorkloadDemand] = field(default_factory=dict)
    largest_node: Amounts = field(default_factory=Amounts)
    left_out: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    queries: int = 0
    points: int = 0
