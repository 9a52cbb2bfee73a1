"""Steps that a series takes by itself: at every date without a change, the contrast that a change would show.

Where they are as large as what a change seems to have done, that proves nothing (Abadie and Gardeazabal 2003; Bertrand,
Duflo and Mullainathan 2004).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

_LEAST_KNOWN = 0.7
"""A window of which less is on record shows no level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Lengths in blocks: `before` and `after` a step, and the `gap` between them."""

    before: int
    gap: int
    after: int


class Past:
    """Blocks of a series, by number; a block that is not on record is a gap."""

    def __init__(self, blocks: Mapping[int, float]) -> None:
        self._first = min(blocks, default=0)
        self._count = max(blocks, default=-1) - self._first + 1
        values = [blocks.get(self._first + place) for place in range(self._count)]
        self._sums = [0.0, *accumulate(value if value is not None else 0.0 for value in values)]
        self._known = [0, *accumulate(value is not None for value in values)]

    def levels(self, length: int) -> Sequence[float]:
        """The mean of every window of `length` blocks."""
        found = (self._mean(start, start + length) for start in range(self._count - length + 1))
        return [level for level in found if level is not None]

    def steps(self, window: Window) -> Sequence[float]:
        """For every date: the mean of the blocks after it less that of those before."""
        found = []
        for start in range(self._count - window.before - window.gap - window.after + 1):
            date = start + window.before
            early = self._mean(start, date)
            late = self._mean(date + window.gap, date + window.gap + window.after)
            if early is not None and late is not None:
                found.append(late - early)
        return found

    def last_step(self, before: int, after: int) -> float | None:
        """The mean of the last `after` blocks less that of the `before` ones ahead of them; None if not on record."""
        end, date = self._count, self._count - after
        if date - before < 0:
            return None
        early, late = self._mean(date - before, date), self._mean(date, end)
        return late - early if early is not None and late is not None else None

    def _mean(self, start: int, end: int) -> float | None:
        known = self._known[end] - self._known[start]
        return (self._sums[end] - self._sums[start]) / known if known >= _LEAST_KNOWN * (end - start) else None
