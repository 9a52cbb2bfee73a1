"""What is seen of a world: four signals, a point every 15 s, and the times of the trial."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

STEP_SECONDS = 15.0
BEGAN_AT = datetime(2026, 1, 2, tzinfo=UTC)
DAY_SECONDS = 86_400.0
WARM_UP_SECONDS = 180.0
INSTANCES, COHORT = 8, 2
USUAL_LOAD = 50.0
"""Requests per second of all eight instances."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Goal, latency, load and error ratio, each an array of points; NaN where a scrape is missing."""

    goal: Array
    latency: Array
    load: Array
    errors: Array

    def each(self) -> Iterator[Array]:
        yield from (self.goal, self.latency, self.load, self.errors)

    def cut(self, start: int, end: int) -> "Signals":
        """The points in [start, end)."""
        goal, latency, load, errors = (series[start:end] for series in self.each())
        return Signals(goal=goal, latency=latency, load=load, errors=errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One trial. before: over the history, after: over the longest trial; usual: mean of earlier days, or None."""

    before: Signals
    after: Signals
    usual: tuple[Signals, Signals] | None


@lru_cache(maxsize=64)
def moments(start_seconds: float, count: int, step_seconds: float) -> list[datetime]:
    """`count` times from `start_seconds` after `BEGAN_AT` on."""
    return [BEGAN_AT + timedelta(seconds=start_seconds + i * step_seconds) for i in range(count)]
