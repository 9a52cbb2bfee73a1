"""What is added up of one container of a workload in one day, until the day is digested."""

import math
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from advisor.model.kubernetes.usage import HOURS, UsageDay
from advisor.sources.kubernetes_usage.hours import Numbers
from advisor.sources.kubernetes_usage.sketches import Sketch

_OWN_WAY = 0.25
"""Further from the other pods in an hour than about a quarter, it is another matter than growth."""


@dataclass(slots=True)
class HourlyMeans:
    """totals, counts: of each hour."""

    totals: Numbers = field(default_factory=lambda: np.zeros(HOURS))
    counts: Numbers = field(default_factory=lambda: np.zeros(HOURS))

    def add(self, totals: Numbers, counts: Numbers) -> None:
        self.totals += totals
        self.counts += counts

    @property
    def values(self) -> tuple[float | None, ...]:
        """None where there are none."""
        pairs = zip(self.totals.tolist(), self.counts.tolist(), strict=True)
        return tuple(total / count if count else None for total, count in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestedDay:
    """The day as rules see it, and its sketches, which merge with those of other days."""

    day: UsageDay
    cpu: Sketch
    memory: Sketch


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

    def digested(self, day: date, *, tells_oom: bool) -> DigestedDay:
        """tells_oom: whether a series would have told of an OOM kill."""
        floors = np.array(list(self.floors.values())).reshape(-1, HOURS)
        digest = UsageDay(
            day=day,
            cpu=self.cpu.spread(),
            memory=self.memory.spread(),
            start_cpu_peak=self.start_cpu_peak,
            start_memory_peak=self.start_memory_peak,
            memory_hours=_known(_medians(floors)),
            memory_changes=_known(self._changes(floors)),
            cpu_hours=self.cpu_hours.values,
            throttled_hours=self.throttled_hours.values,
            starts=tuple(self.starts),
            oom_kills=self.oom_kills if tells_oom else None,
            oom_at=self.oom_at,
            coverage=min(1.0, self.seen / self.expected) if self.expected else 1.0,
        )
        return DigestedDay(day=digest, cpu=self.cpu, memory=self.memory)

    def _changes(self, floors: Numbers) -> Numbers:
        """For each hour; infinite where no pod was there, warm and alive, in both it and the one before."""
        evening = [self.before[pod][-1] if pod in self.before else np.inf for pod in self.floors]
        before = np.column_stack([evening, floors[:, :-1]])
        is_known = (floors > 0) & (floors < np.inf) & (before > 0) & (before < np.inf) & self._are_settled()
        changes = np.log(np.divide(floors, before, where=is_known, out=np.full(floors.shape, np.inf)))
        return _shared(changes)

    def _are_settled(self) -> NDArray[np.bool_]:
        """Of each pod and hour, whether it is after its warm-up, and not killed in this hour, in the two before or in
        the next: what rises by chance is what is killed.
        """
        warm = np.array([self.warm_after.get(pod, 0.0) for pod in self.floors])
        are = self.begins + (np.arange(HOURS) - 1) * 3_600 >= warm[:, np.newaxis]
        row_of = {pod: row for row, pod in enumerate(self.floors)}
        for pod, hour in self.killed:
            if pod in row_of:
                are[row_of[pod], max(0, hour - 1) : hour + 3] = False
        return are


def _shared(changes: Numbers) -> Numbers:
    """The mean over pods, as means add up over hours to what grew, and medians do not; without pods that have a way of
    their own, such as one that restarted in its place. Infinite where there are none.
    """
    middle = _medians(changes)
    is_near = (changes < np.inf) & (np.abs(changes - np.where(middle < np.inf, middle, 0.0)) <= _OWN_WAY)
    near = is_near.sum(axis=0)
    totals: Numbers = np.where(is_near, changes, 0.0).sum(axis=0)
    means: Numbers = np.divide(totals, near, where=near > 0, out=middle)
    return means


def _medians(rows: Numbers) -> Numbers:
    """Of each column, of what is finite; infinite where nothing is."""
    if not len(rows):
        return np.full(HOURS, np.inf)
    rising, counts, columns = np.sort(rows, axis=0), (rows < np.inf).sum(axis=0), np.arange(HOURS)
    # Where there are none, these two are the last row and the first, and infinite.
    lower, upper = rising[(counts - 1) // 2, columns], rising[counts // 2, columns]
    medians: Numbers = (lower + upper) / 2
    return medians


def _known(values: Numbers) -> tuple[float | None, ...]:
    return tuple(value if value < math.inf else None for value in values.tolist())
