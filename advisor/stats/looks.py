"""When a trial is looked at, and how sure each look must be, so that all of them together err as seldom as one may."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

_GROWTH = 1.5
_CLOSEST = 1.4
_EARLY = (0.25, 0.5)
_POINTS = 120
_REACH = 5.0
SOONER, LATER = 1.0, 1.5

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look. seconds: of the trial it sees. early: before the first window is full, for harm only.

    shares: the parts of the longest trial that all looks up to this one see, and the rest of them after it.
    """

    number: int
    shares: tuple[float, ...]
    seconds: float
    early: bool
    last: bool

    def alpha(self, total: float, power: float) -> float:
        """The chance of error of this look alone, if all looks together may err with `total` (0 < total < 0.5).

        By the end of a share of the trial total * share^power is spent (Kim and DeMets 1987).
        """
        return levels(self.shares, total, power)[self.number]


def looks(first_seconds: float, longest_seconds: float) -> tuple[Look, ...]:
    """Two early looks, one at the first window's end, each next half as long again, and one at the longest's end.

    None comes so shortly before the end that it would only cost the last one its certainty.
    """
    times = [first_seconds * part for part in _EARLY]
    at = first_seconds
    while at * _CLOSEST < longest_seconds:
        times.append(at)
        at *= _GROWTH
    times.append(longest_seconds)
    shares = tuple(seconds / longest_seconds for seconds in times)
    return tuple(
        Look(
            number=number,
            shares=shares,
            seconds=seconds,
            early=seconds < first_seconds,
            last=number == len(times) - 1,
        )
        for number, seconds in enumerate(times)
    )


@lru_cache(maxsize=256)
def levels(shares: tuple[float, ...], total: float, power: float) -> tuple[float, ...]:
    """The one-sided level of each look at a sum whose steps are independent and normal.

    Found look by look: the chance that this one is the first to err is what it may spend (Armitage, McPherson and Rowe
    1969; Lan and DeMets 1983). A look sees what the one before saw and more, so its level is higher than its part
    of `total` alone.
    """
    spent = [total * math.pow(share, power) for share in shares]
    found: list[float] = []
    walk = _Walk(places=(0.0,), weights=(1.0,), share=0.0)
    for number, share in enumerate(shares):
        due = spent[number] - (spent[number - 1] if number else 0.0)
        bound = walk.bound(share, due)
        found.append(1 - _NORMAL.cdf(bound / math.sqrt(share)))
        walk = walk.on(share, bound)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """Where a sum that no look has stopped yet may stand, and how likely each place is."""

    places: Sequence[float]
    weights: Sequence[float]
    share: float

    def bound(self, share: float, due: float) -> float:
        """The height that the sum is beyond at `share` with a chance of `due`."""
        deviation = math.sqrt(share - self.share)
        low, high = 0.0, 10.0 * math.sqrt(share)
        for _ in range(40):
            middle = (low + high) / 2
            beyond = sum(
                weight * math.erfc((middle - place) / deviation / math.sqrt(2)) / 2
                for place, weight in zip(self.places, self.weights, strict=True)
            )
            low, high = (middle, high) if beyond > due else (low, middle)
        return high

    def on(self, share: float, bound: float) -> "_Walk":
        """The walk at `share`, of those below `bound`."""
        deviation = math.sqrt(share - self.share)
        bottom = -_REACH * math.sqrt(share)
        step = (bound - bottom) / _POINTS
        places = [bottom + (i + 0.5) * step for i in range(_POINTS)]
        scale = step / deviation / math.sqrt(2 * math.pi)
        weights = [
            scale
            * sum(
                weight * math.exp(-(((place - before) / deviation) ** 2) / 2)
                for before, weight in zip(self.places, self.weights, strict=True)
            )
            for place in places
        ]
        return _Walk(places=places, weights=weights, share=share)
