"""The time that a moving world is drawn over: days before the change, and a day after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from worlds.signals import DAY_SECONDS, STEP_SECONDS, WARM_UP_SECONDS, Array

HORIZON_SECONDS = DAY_SECONDS
"""After the warm-up: the longest window twice, so that what comes after a verdict is on it."""
HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """seconds: of each point from the end of the warm-up on; the change is made `WARM_UP_SECONDS` before that."""

    days: float
    seconds: Array

    @property
    def count(self) -> int:
        return len(self.seconds)

    def index(self, seconds: float) -> int:
        """Of the first point at or after `seconds`, within the grid."""
        place = int(np.ceil((seconds - float(self.seconds[0])) / STEP_SECONDS - 1e-9))
        return min(max(place, 0), self.count)

    def path(self, moves: Sequence[float]) -> Array:
        """1 while the new value is in force and 0 while the old one is; it is moved at each of `moves`, from old on."""
        knob = np.zeros(self.count)
        for number, at in enumerate(moves):
            knob[self.index(at) :] = float(number % 2 == 0)
        return knob


@lru_cache(maxsize=8)
def grid(days: float) -> Grid:
    """So many days before the change, and the horizon after it."""
    start = -days * DAY_SECONDS - WARM_UP_SECONDS
    return Grid(days=days, seconds=np.arange(start, HORIZON_SECONDS, STEP_SECONDS))
