"""Points of one series, all of one day, folded by the hour at once: they are too many to go through one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from advisor.model.kubernetes.usage import HOURS

HOUR = 3_600
DAY = HOURS * HOUR
Numbers = NDArray[np.float64]
_KEPT = 256
"""Ways in which points lie in days; those of most series of a look are the same."""


@dataclass(frozen=True, slots=True)
class HourlyPoints:
    """values: finite. hours: of the day (0 to 23), in which there are some. begins: the first value of each of them."""

    values: Numbers
    hours: tuple[int, ...]
    begins: NDArray[np.int64]

    @property
    def peak(self) -> float:
        """0 where there are none."""
        return float(self.values.max(initial=0.0))

    def cut(self, count: int) -> tuple["HourlyPoints", "HourlyPoints"]:
        """The first so many, and the others."""
        of_each = np.repeat(self.hours, np.diff(self.begins, append=self.values.size))
        return _hourly(of_each[:count], self.values[:count]), _hourly(of_each[count:], self.values[count:])

    def sums(self) -> Iterator[tuple[int, float, int]]:
        """Hour, sum and number of its points."""
        if self.hours:
            counts = (*self.begins[1:].tolist(), self.values.size)
            totals, begins = np.add.reduceat(self.values, self.begins).tolist(), self.begins.tolist()
            for hour, total, begin, end in zip(self.hours, totals, begins, counts, strict=True):
                yield hour, total, end - begin

    def minima(self) -> Iterator[tuple[int, float]]:
        """Hour and the least of its points."""
        if self.hours:
            yield from zip(self.hours, np.minimum.reduceat(self.values, self.begins).tolist(), strict=True)


@dataclass(frozen=True, slots=True)
class _Part:
    """What of some moments is of one day: `HourlyPoints` but for the values."""

    day: int
    which: slice
    hours: tuple[int, ...]
    begins: NDArray[np.int64]


def by_day(moments: Numbers, values: Numbers) -> Iterator[tuple[int, slice, HourlyPoints]]:
    """The number of the day since 1970, which of the points, and these. moments: unix seconds, rising."""
    for part in _parts(moments.tobytes()):
        yield part.day, part.which, HourlyPoints(values[part.which], part.hours, part.begins)


@lru_cache(maxsize=_KEPT)
def _parts(moments: bytes) -> tuple[_Part, ...]:
    days, hours = np.divmod((np.frombuffer(moments) // HOUR).astype(np.int64), HOURS)
    ends = [*(np.flatnonzero(np.diff(days)) + 1).tolist(), days.size]
    parts, begin = [], 0
    for end in ends:
        which = slice(begin, end)
        begins = _begins(hours[which])
        parts.append(_Part(int(days[begin]), which, tuple(hours[which][begins].tolist()), begins))
        begin = end
    return tuple(parts)


def _hourly(hours: NDArray[np.int64], values: Numbers) -> HourlyPoints:
    begins = _begins(hours)
    return HourlyPoints(values, tuple(hours[begins].tolist()), begins)


def _begins(hours: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.diff(hours, prepend=-1))
