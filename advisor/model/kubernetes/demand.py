"""What all pods of an autoscaled workload needed together, step by step, over whole days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

DAY_SECONDS = 86_400


class WorkloadKey(NamedTuple):
    """A workload, as owners of pods name it."""

    namespace: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandDay:
    """One whole day (UTC). cores: used by all pods together; pods: that used any; both of one length, a value a step.

    Steps without a value have that of the step before. coverage: share of the steps that had one (0 to 1).
    """

    day: date
    cores: Sequence[float]
    pods: Sequence[int]
    coverage: float = 1.0

    @property
    def step_seconds(self) -> float:
        return DAY_SECONDS / len(self.cores)

    @property
    def pod_hours(self) -> float:
        return sum(self.pods) * self.step_seconds / 3600

    def cores_by_minute(self) -> list[float]:
        """A value a minute; steps are whole minutes."""
        times = round(self.step_seconds / 60)
        return [value for value in self.cores for _ in range(times)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadDemand:
    """days: oldest first; not always one after another."""

    key: WorkloadKey
    days: tuple[DemandDay, ...]
