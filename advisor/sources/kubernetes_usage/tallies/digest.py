"""Digests a day of all containers at once: they are many, and each alone has but a few numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from advisor.model.kubernetes.hours import HOURS, Hours
from advisor.model.kubernetes.usage import ContainerKey, UsageDay
from advisor.sources.kubernetes_usage.tallies.day_tally import DayTally, DigestedDay, HourlyMeans
from advisor.sources.kubernetes_usage.tallies.hours import HOUR, Indexes, Numbers

_OWN_WAY = 0.25
"""Further from the other pods in an hour than about a quarter, it is another matter than growth."""
_NO_STARTS = (0,) * HOURS


def digested(
    day: date, tallies: Mapping[ContainerKey, DayTally], *, tells_oom: bool
) -> dict[ContainerKey, DigestedDay]:
    """tells_oom: whether a series would have told of an OOM kill."""
    several = list(tallies.values())
    memory_hours, changes = _of_floors(several)
    cpu_hours, throttled = _means(several, lambda one: one.cpu_hours), _means(several, lambda one: one.throttled_hours)
    return {
        key: DigestedDay(
            day=UsageDay(
                day=day,
                cpu_peak=one.cpu.peak if one.cpu.weight else None,
                memory_peak=one.memory.peak if one.memory.weight else None,
                start_cpu_peak=one.start_cpu_peak,
                start_memory_peak=one.start_memory_peak,
                memory_hours=memory_hours[at],
                memory_changes=changes[at],
                cpu_hours=cpu_hours[at],
                throttled_hours=throttled[at],
                starts=tuple(one.starts) if any(one.starts) else _NO_STARTS,
                oom_kills=one.oom_kills if tells_oom else None,
                oom_at=one.oom_at,
                coverage=min(1.0, one.seen / one.expected) if one.expected else 1.0,
            ),
            cpu=one.cpu,
            memory=one.memory,
        )
        for at, (key, one) in enumerate(tallies.items())
    }


def _means(tallies: Sequence[DayTally], hours_of: Callable[[DayTally], HourlyMeans]) -> list[Hours]:
    """Of each hour, None where there are none."""
    totals = np.array([hours_of(one).totals for one in tallies])
    counts = np.array([hours_of(one).counts for one in tallies])
    return _known(np.divide(totals, counts, where=counts > 0, out=np.full(totals.shape, np.inf)))


def _of_floors(tallies: Sequence[DayTally]) -> tuple[list[Hours], list[Hours]]:
    """Of each, the median over pods of the least of each hour, and the mean of its changes."""
    medians, changes = (np.full((len(tallies), HOURS), np.inf) for _ in range(2))
    seen = [at for at, one in enumerate(tallies) if one.floors]
    if seen:
        pods = _Pods.of([tallies[at] for at in seen])
        medians[seen], changes[seen] = pods.medians(pods.floors), pods.shared(pods.changes())
    return _known(medians), _known(changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pods:
    """A row of hours of each pod, those of a container one after another. firsts: of each container, its first row.

    floors: of the pod, infinite where it was not there. evening: its floor in the hour before the day, likewise.
    settled: after its warm-up, and not killed in this hour, in the two before or in the next: what rises by chance is
    what is killed.
    """

    owners: Indexes
    firsts: Indexes
    floors: Numbers
    evening: Numbers
    settled: NDArray[np.bool_]

    @classmethod
    def of(cls, tallies: Sequence[DayTally]) -> "_Pods":
        """Each with a pod at least."""
        sizes = np.array([len(one.floors) for one in tallies])
        firsts = np.cumsum(sizes) - sizes
        evening = [one.before[pod][-1] if pod in one.before else np.inf for one in tallies for pod in one.floors]
        warm = np.array([one.warm_after.get(pod, 0.0) for one in tallies for pod in one.floors])
        begins = np.repeat([one.begins for one in tallies], sizes)
        settled = begins[:, np.newaxis] + (np.arange(HOURS) - 1) * HOUR >= warm[:, np.newaxis]
        for first, one in zip(firsts.tolist(), tallies, strict=True):
            rows = {pod: first + row for row, pod in enumerate(one.floors)} if one.killed else {}
            for pod, hour in one.killed:
                if pod in rows:
                    settled[rows[pod], max(0, hour - 1) : hour + 3] = False
        return cls(
            owners=np.repeat(np.arange(len(tallies)), sizes),
            firsts=firsts,
            floors=np.array([floors for one in tallies for floors in one.floors.values()]),
            evening=np.array(evening),
            settled=settled,
        )

    def changes(self) -> Numbers:
        """For each hour; infinite where the pod was not there, warm and alive, in both it and the one before."""
        floors, before = self.floors, np.column_stack([self.evening, self.floors[:, :-1]])
        is_known = (floors > 0) & (floors < np.inf) & (before > 0) & (before < np.inf) & self.settled
        changes: Numbers = np.log(np.divide(floors, before, where=is_known, out=np.full(floors.shape, np.inf)))
        return changes

    def shared(self, changes: Numbers) -> Numbers:
        """The mean over the pods of each container, as means add up over hours to what grew, and medians do not;
        without pods that have a way of their own, such as one that restarted in its place. Infinite where none is left.
        """
        middle = self.medians(changes)
        usual = np.where(middle < np.inf, middle, 0.0)[self.owners]
        is_near = (changes < np.inf) & (np.abs(changes - usual) <= _OWN_WAY)
        near = np.add.reduceat(is_near, self.firsts, axis=0, dtype=np.int64)
        totals = np.add.reduceat(np.where(is_near, changes, 0.0), self.firsts, axis=0)
        means: Numbers = np.divide(totals, near, where=near > 0, out=middle)
        return means

    def medians(self, rows: Numbers) -> Numbers:
        """Of each container and hour, of what is finite; infinite where nothing is."""
        owners = np.broadcast_to(self.owners[:, np.newaxis], rows.shape)
        rising = np.take_along_axis(rows, np.lexsort((rows, owners), axis=0), axis=0)
        counts = np.add.reduceat(rows < np.inf, self.firsts, axis=0, dtype=np.int64)
        firsts, columns = self.firsts[:, np.newaxis], np.arange(HOURS)
        # Where there are none, both are the first row, which is infinite.
        lower, upper = rising[firsts + np.maximum(0, counts - 1) // 2, columns], rising[firsts + counts // 2, columns]
        medians: Numbers = (lower + upper) / 2
        return medians


def _known(rows: Numbers) -> list[Hours]:
    packed = np.where(rows == np.inf, np.nan, rows).astype(np.float32)
    return [Hours.of_bytes(row.tobytes()) for row in packed]
