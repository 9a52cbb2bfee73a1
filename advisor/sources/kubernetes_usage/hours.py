"""Points of one series, all of one day, folded by the hour at once: there are too many of them to go through one by one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.model.kubernetes.usage import HOURS

HOUR = 3_600
DAY = HOURS * HOUR
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HourlyPoints:
    """hours: of the day (0 to 23), not falling. values: finite; as many."""

    hours: NDArray[np.int64]
    values: Numbers

    @property
    def peak(self) -> float:
        """0 where there are none."""
        return float(self.values.max(initial=0.0))

    def cut(self, count: int) -> tuple["HourlyPoints", "HourlyPoints"]:
        """The first so many, and the others."""
        if not count:
            return HourlyPoints(self.hours[:0], self.values[:0]), self
        return (
            HourlyPoints(self.hours[:count], self.values[:count]),
            HourlyPoints(self.hours[count:], self.values[count:]),
        )

    def sums(self) -> Iterator[tuple[int, float, int]]:
        """Hour, sum and number of its points."""
        begins = self._begins()
        if begins.size:
            totals, counts = np.add.reduceat(self.values, begins), np.diff(begins, append=self.values.size)
            yield from zip(self.hours[begins].tolist(), totals.tolist(), counts.tolist(), strict=True)

    def minima(self) -> Iterator[tuple[int, float]]:
        """Hour and the least of its points."""
        begins = self._begins()
        if begins.size:
            least = np.minimum.reduceat(self.values, begins)
            yield from zip(self.hours[begins].tolist(), least.tolist(), strict=True)

    def _begins(self) -> NDArray[np.int64]:
        return np.flatnonzero(np.diff(self.hours, prepend=-1))


def by_day(moments: Numbers, values: Numbers) -> Iterator[tuple[int, slice, HourlyPoints]]:
    """The number of the day since 1970, which of the points, and these. moments: unix seconds, rising."""
    hours = (moments // HOUR).astype(np.int64)
    days, of_day = np.divmod(hours, HOURS)
    ends = [*(np.flatnonzero(np.diff(days)) + 1).tolist(), days.size]
    begin = 0
    for end in ends:
        part = slice(begin, end)
        yield int(days[begin]), part, HourlyPoints(of_day[part], values[part])
        begin = end
