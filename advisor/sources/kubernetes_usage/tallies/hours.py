"""The points of one answer, all in columns, by container, day and hour: they are too many to go through one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from advisor.model.kubernetes.hours import HOURS
from advisor.model.kubernetes.usage import ContainerKey
from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import Place

HOUR = 3_600
DAY = HOURS * HOUR
Numbers = NDArray[np.float64]
Indexes = NDArray[np.int64]
_Number = TypeVar("_Number", np.float64, np.int64)
KeyOf = Callable[[Place], ContainerKey | None]
"""The container of a workload that a pod's container counts for; None where it counts for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """times (unix seconds), values: of each point, series by series, oldest first.

    places, keys, sizes: of each series, its pod's container, whose workload's that is, how many points it has, 1 at
    least. begins: when the first point of any series of the answer is.
    """

    begins: float
    places: list[Place]
    keys: list[ContainerKey]
    sizes: Indexes
    times: Numbers
    values: Numbers

    @property
    def firsts(self) -> Indexes:
        """Which points are the first ones of their series."""
        return np.cumsum(self.sizes) - self.sizes

    def of_points(self, of_series: NDArray[_Number]) -> NDArray[_Number]:
        """What each series has, of each of its points."""
        return np.repeat(of_series, self.sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Which day, and which hour (0 to 23) of it, each point counts for.

    keys: the container and the number of the day since 1970, each once; pods: the pod, and which of the keys.
    by_key, by_pod: of each point, which of them.
    """

    keys: list[tuple[ContainerKey, int]]
    pods: list[tuple[Place, int]]
    by_key: Indexes
    by_pod: Indexes
    hours: Indexes

    def totals(self, values: Numbers) -> Numbers:
        """Of each key."""
        return np.bincount(self.by_key, values, minlength=len(self.keys)).astype(np.float64)

    def hourly(self, which: NDArray[np.bool_], values: Numbers) -> Numbers:
        """A row of hours of each key, the sums of some of the points."""
        cells = self.by_key[which] * HOURS + self.hours[which]
        found = np.bincount(cells, values[which], minlength=len(self.keys) * HOURS)
        return found.reshape(-1, HOURS).astype(np.float64)

    def peaks(self, which: NDArray[np.bool_], values: Numbers) -> Numbers:
        """Of each key, over some of the points; 0 where there are none."""
        found = np.zeros(len(self.keys))
        np.maximum.at(found, self.by_key[which], values[which])
        return found

    def floors(self, values: Numbers) -> Numbers:
        """A row of hours of each pod, the least of its points; infinite where there are none."""
        found = np.full(len(self.pods) * HOURS, np.inf)
        np.minimum.at(found, self.by_pod * HOURS + self.hours, values)
        return found.reshape(-1, HOURS)


def columns_of(series: Iterable[tuple[Place, Series]], key_of: KeyOf) -> Columns | None:
    """series: one of each place. Of those that count for a container and have points; None where none does."""
    found = [(place, key, one) for place, one in series if len(one.points) and (key := key_of(place)) is not None]
    if not found:
        return None
    points = np.concatenate([one.points for _, _, one in found])
    return Columns(
        begins=found[0][2].begins,
        places=[place for place, _, _ in found],
        keys=[key for _, key, _ in found],
        sizes=np.array([len(one.points) for _, _, one in found]),
        times=points[:, 0].copy(),
        values=points[:, 1].copy(),
    )


def days_of(columns: Columns, earlier: float | Numbers) -> Days:
    """earlier: seconds by which the middle of what a point tells of is earlier than the point, of all or of each."""
    hours = (columns.times - earlier).astype(np.int64) // HOUR  # whole numbers are divided quickest
    days = hours // HOURS
    hours -= days * HOURS
    first, count = int(days.min()), int(days.max() - days.min()) + 1
    numbers = {key: number for number, key in enumerate(dict.fromkeys(columns.keys))}
    of_key = np.array([numbers[key] for key in columns.keys])
    days -= first
    keys, by_key = _numbered(columns.of_points(of_key) * count + days)
    pods, by_pod = _numbered(columns.of_points(np.arange(of_key.size)) * count + days)
    key_of_pod = np.empty(len(pods), dtype=np.int64)
    key_of_pod[by_pod] = by_key
    names = list(numbers)
    return Days(
        keys=[(names[code // count], first + code % count) for code in keys],
        pods=[(columns.places[code // count], key) for code, key in zip(pods, key_of_pod.tolist(), strict=True)],
        by_key=by_key,
        by_pod=by_pod,
        hours=hours,
    )


def _numbered(codes: Indexes) -> tuple[list[int], Indexes]:
    """The codes that there are, rising, and which of them each one is."""
    is_there = np.bincount(codes) > 0
    return np.flatnonzero(is_there).tolist(), (np.cumsum(is_there) - 1)[codes]
