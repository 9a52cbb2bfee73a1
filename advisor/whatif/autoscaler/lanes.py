"""Arrays with one element a lane: one load under one plan. All lanes are played at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Amounts = NDArray[np.float64]
Flags = NDArray[np.bool_]


_SLACK = 1e-9


class Past:
    """What was recorded at each sync, by lane, with the same value before the first.

    Rooms are made once: `longest` syncs before the first, `syncs` of the play.
    """

    def __init__(self, before: NDArray[Any], *, longest: int, syncs: int) -> None:
        self._rows = np.empty((longest + syncs, len(before)), dtype=before.dtype)
        self._rows[:longest] = before
        self._flat = self._rows.reshape(-1)
        self._longest = longest
        self._lanes = np.arange(len(before))

    def record(self, sync: int, values: NDArray[Any]) -> None:
        self._rows[self._longest + sync] = values

    def at(self, sync: int, back: Counts) -> NDArray[Any]:
        """As it stood after the sync that lies `back` (>= 1) before this one, each lane with its own."""
        return np.asarray(self._flat.take((self._longest + sync - back) * len(self._lanes) + self._lanes))

    def last(self, sync: int, count: int) -> NDArray[Any]:
        """The rows of the `count` syncs before this one, the latest last."""
        end = self._longest + sync
        return self._rows[end - count : end]

    def played(self) -> NDArray[Any]:
        return self._rows[self._longest :]


class Clock:
    """When the controller syncs: steadily, or at the instants that are given. Before the first it was steady."""

    def __init__(self, sync_seconds: float, syncs: int, instants: Sequence[float] | None = None) -> None:
        self.seconds = np.arange(syncs) * sync_seconds if instants is None else np.asarray(instants, dtype=np.float64)
        self._sync_seconds, self._is_steady = sync_seconds, instants is None

    def back(self, seconds: Sequence[float], *, least: int = 0) -> Counts:
        """By sync and by element: how many syncs back the first is that lies so many `seconds` or more ago."""
        if self._is_steady:
            steps = [max(least, self._steps(one)) for one in seconds]
            return np.broadcast_to(np.array(steps, dtype=np.int64), (len(self.seconds), len(steps)))
        columns = {one: np.maximum(least, self._back(one)) for one in set(seconds)}
        return np.column_stack([columns[one] for one in seconds])

    def _back(self, seconds: float) -> Counts:
        until = self.seconds - seconds + _SLACK
        found = np.arange(len(until)) - (np.searchsorted(self.seconds, until, side="right") - 1)
        before = [sync + self._steps(self.seconds[0] - bound + _SLACK) for sync, bound in enumerate(until)]
        return np.where(until < self.seconds[0], before, found)

    def _steps(self, seconds: float) -> int:
        return int(np.ceil(seconds / self._sync_seconds - _SLACK))
