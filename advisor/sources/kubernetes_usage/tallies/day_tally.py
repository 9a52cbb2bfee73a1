"""What is added up of one container of a workload in one day, until the day is digested."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from advisor.model.kubernetes.hours import HOURS
from advisor.model.kubernetes.usage import UsageDay
from advisor.sources.kubernetes_usage.tallies.hours import Numbers
from advisor.sources.kubernetes_usage.tallies.sketches import Sketch


@dataclass(slots=True)
class HourlyMeans:
    """totals, counts: of each hour."""

    totals: Numbers = field(default_factory=lambda: np.zeros(HOURS))
    counts: Numbers = field(default_factory=lambda: np.zeros(HOURS))

    def add(self, totals: Numbers, counts: Numbers) -> None:
        self.totals += totals
        self.counts += counts


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestedDay:
    """The day as rules see it, and its sketches, which merge with those of other days."""

    day: UsageDay
    cpu: Sketch
    memory: Sketch

    def packed(self) -> "DigestedDay":
        """The same, for a day that is over."""
        return DigestedDay(day=self.day, cpu=self.cpu.packed(), memory=self.memory.packed())


@dataclass(slots=True)
class DayTally:
    """floors: the least working set of each pod in each hour, infinite where it was not there. seen, expected: steps.

    warm_after: of pods that started in the time that was read, the unix seconds from which they are warm.
    killed: (pod, hour) of OOM kills. begins: unix seconds of the day. before: floors of the day before, {}
    where that was not read.
    """

    begins: float
    before: dict[str, Numbers]

    cpu: Sketch = field(default_factory=Sketch)
    memory: Sketch = field(default_factory=Sketch)
    start_cpu_peak: float = 0.0
    start_memory_peak: float = 0.0
    floors: dict[str, Numbers] = field(default_factory=dict)
    cpu_hours: HourlyMeans = field(default_factory=HourlyMeans)
    throttled_hours: HourlyMeans = field(default_factory=HourlyMeans)
    starts: list[int] = field(default_factory=lambda: [0] * HOURS)
    warm_after: dict[str, float] = field(default_factory=dict)
    killed: set[tuple[str, int]] = field(default_factory=set)
    oom_kills: int = 0
    oom_at: datetime | None = None
    seen: int = 0
    expected: int = 0

    def add_floors(self, pod: str, floors: Numbers) -> None:
        """floors: as here, of one pod."""
        known = self.floors.get(pod)
        self.floors[pod] = floors.copy() if known is None else np.minimum(known, floors)
