"""What is added up of one container of a workload in one day, until the day is digested."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import fmean, median

from advisor.model.kubernetes.usage import HOURS, UsageDay
from advisor.sources.kubernetes_usage.hours import HourlyPoints
from advisor.sources.kubernetes_usage.sketches import Sketch

_OWN_WAY = 0.25
"""Further from the other pods in an hour than about a quarter, it is another matter than growth."""


@dataclass(slots=True)
class _Mean:
    total: float = 0.0
    count: int = 0

    def add(self, total: float, count: int) -> None:
        self.total += total
        self.count += count

    @property
    def value(self) -> float | None:
        return self.total / self.count if self.count else None


def _means() -> list[_Mean]:
    return [_Mean() for _ in range(HOURS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestedDay:
    """The day as rules see it, and its sketches, which merge with those of other days."""

    day: UsageDay
    cpu: Sketch
    memory: Sketch


@dataclass(slots=True)
class DayTally:
    """floors: the least working set of each pod in each hour. seen, expected: steps.

    warm_after: of pods that started in the time that was read, the unix seconds from which they are warm.
    killed: (pod, hour) of OOM kills. begins: unix seconds of the day. evening: floors of the last hour of
    the day before, {} where that was not read.
    """

    begins: float
    evening: dict[str, float]

    cpu: Sketch = field(default_factory=Sketch)
    memory: Sketch = field(default_factory=Sketch)
    start_cpu_peak: float = 0.0
    start_memory_peak: float = 0.0
    floors: list[dict[str, float]] = field(default_factory=lambda: [{} for _ in range(HOURS)])
    cpu_hours: list[_Mean] = field(default_factory=_means)
    throttled_hours: list[_Mean] = field(default_factory=_means)
    starts: list[int] = field(default_factory=lambda: [0] * HOURS)
    warm_after: dict[str, float] = field(default_factory=dict)
    killed: set[tuple[str, int]] = field(default_factory=set)
    oom_kills: int = 0
    oom_at: datetime | None = None
    seen: int = 0
    expected: int = 0

    def add_cpu(self, cores: HourlyPoints, starting: int) -> None:
        """starting: so many of the points, the first ones, are of a pod that starts."""
        if starting:
            start, cores = cores.cut(starting)
            self.start_cpu_peak = max(self.start_cpu_peak, start.peak)
        self.cpu.add(cores.values)
        for hour, total, count in cores.sums():
            self.cpu_hours[hour].add(total, count)

    def add_memory(self, used: HourlyPoints, pod: str, starting: int) -> None:
        """starting: as for CPU."""
        running = used
        if starting:
            start, running = used.cut(starting)
            self.start_memory_peak = max(self.start_memory_peak, start.peak)
        self.memory.add(running.values)
        for hour, least in used.minima():
            floors = self.floors[hour]
            floors[pod] = min(floors.get(pod, least), least)

    def add_throttled(self, shares: HourlyPoints) -> None:
        for hour, total, count in shares.sums():
            self.throttled_hours[hour].add(total, count)

    def digested(self, day: date, *, tells_oom: bool) -> DigestedDay:
        """tells_oom: whether a series would have told of an OOM kill."""
        digest = UsageDay(
            day=day,
            cpu=self.cpu.spread(),
            memory=self.memory.spread(),
            start_cpu_peak=self.start_cpu_peak,
            start_memory_peak=self.start_memory_peak,
            memory_hours=tuple(median(pods.values()) if pods else None for pods in self.floors),
            memory_changes=tuple(self._changes()),
            cpu_hours=tuple(mean.value for mean in self.cpu_hours),
            throttled_hours=tuple(mean.value for mean in self.throttled_hours),
            starts=tuple(self.starts),
            oom_kills=self.oom_kills if tells_oom else None,
            oom_at=self.oom_at,
            coverage=min(1.0, self.seen / self.expected) if self.expected else 1.0,
        )
        return DigestedDay(day=digest, cpu=self.cpu, memory=self.memory)

    def _changes(self) -> Iterator[float | None]:
        """For each hour; None where no pod was there, warm and alive, in both it and the one before."""
        for hour in range(HOURS):
            before, now = self.floors[hour - 1] if hour else self.evening, self.floors[hour]
            changes = [
                math.log(used / before[pod])
                for pod, used in now.items()
                if used > 0 and before.get(pod, 0) > 0 and self._is_settled(pod, hour)
            ]
            yield _shared(changes) if changes else None

    def _is_settled(self, pod: str, hour: int) -> bool:
        """After its warm-up, and not killed in this hour, in the two before or in the next: what rises by chance is
        what is killed.
        """
        if self.begins + (hour - 1) * 3_600 < self.warm_after.get(pod, 0.0):
            return False
        return not any((pod, near) in self.killed for near in range(hour - 2, hour + 2))


def _shared(changes: Sequence[float]) -> float:
    """The mean, as means add up over hours to what grew, and medians do not; without pods that have a way of their own,
    such as one that restarted in its place.
    """
    middle = median(changes)
    near = [one for one in changes if abs(one - middle) <= _OWN_WAY]
    return fmean(near) if near else middle
