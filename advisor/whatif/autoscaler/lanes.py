"""Arrays with one element a lane: one load under one plan. All lanes are played at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Amounts = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Past:
    """What was recorded at each sync, by lane, with the same value before the first.

    Rooms are made once: `longest` syncs before the first, `syncs` of the play.
    """

    def __init__(self, before: NDArray[Any], *, longest: int, syncs: int) -> None:
        self._rows = np.repeat(before[None, :], longest + syncs, axis=0)
        self._longest = longest
        self._lanes = np.arange(len(before))

    def record(self, sync: int, values: NDArray[Any]) -> None:
        self._rows[self._longest + sync] = values

    def at(self, sync: int, back: Counts) -> NDArray[Any]:
        """As it stood after the sync that lies `back` (>= 1) before this one, each lane with its own."""
        return self._rows[self._longest + sync - back, self._lanes]

    def last(self, sync: int, count: int) -> NDArray[Any]:
        """The rows of the `count` syncs before this one, the latest last."""
        end = self._longest + sync
        return self._rows[end - count : end]

    def played(self) -> NDArray[Any]:
        return self._rows[self._longest :]


def syncs_within(seconds: float, sync_seconds: float) -> int:
    """How many syncs back the first is that lies `seconds` or more ago."""
    return int(np.ceil(seconds / sync_seconds - 1e-9))
