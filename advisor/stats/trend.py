"""A trend beside a load: how fast something grows that the load does not explain, within stretches of time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_LEAST_POINTS = 6
_MOST_ALIKE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Points one step apart, and the load at each. What lies between two stretches is not known."""

    values: Sequence[float]
    load: Sequence[float]

    @property
    def late(self) -> "Stretch":
        """Its second half."""
        middle = len(self.values) // 2
        return Stretch(values=self.values[middle:], load=self.load[middle:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """slope: per step. t: slope / its standard error, with neighbouring residuals that are alike counted as fewer.

    factor: per unit of the load, with time held, never below 0; factor_error: its standard error, infinite where
    nothing tells it.
    """

    slope: float
    t: float
    factor: float = 0.0
    factor_error: float = math.inf


def trend(stretches: Sequence[Stretch], factor: float | None = None) -> Trend | None:
    """The least-squares slope over time that all stretches share, each from a level of its own, with the load held.

    factor: where it is known already how the values follow the load; never against it, which chance alone would say.
    None for under six points.
    """
    told = [one for one in stretches if len(one.values) > 1]
    n = sum(len(one.values) for one in told)
    if n < _LEAST_POINTS:
        return None
    t = [_centred([float(step) for step in range(len(one.values))]) for one in told]
    x, y = [_centred(one.load) for one in told], [_centred(one.values) for one in told]
    tt, xx, tx, ty, xy = _dot(t, t), _dot(x, x), _dot(t, x), _dot(t, y), _dot(x, y)
    left = tt
    own = xx - tx * tx / tt  # what of the load time does not explain
    if factor is None:
        factor = 0.0
        if xx > 1e-12:
            left = tt - tx * tx / xx
            if left < 1e-6 * tt:  # the load itself is the trend: nothing is left to tell it from
                return Trend(slope=0.0, t=0.0, factor=xy / xx)
            factor = (xy - tx * (ty - tx * xy / xx) / left) / xx
        if factor <= 0:
            factor, left = 0.0, tt
    slope = (ty - factor * tx) / tt
    rest = [[a - slope * b - factor * c for a, b, c in zip(*three, strict=True)] for three in zip(y, t, x, strict=True)]
    error = _error(rest, left, n)
    factor_error = error * math.sqrt(left / own) if own > 1e-12 else math.inf
    return Trend(slope=slope, t=slope / max(error, 1e-12), factor=factor, factor_error=factor_error)


def _error(rest: Sequence[Sequence[float]], left: float, n: int) -> float:
    """Of the slope. What fits a short stretch looks less alike from step to step than it is: Kendall (1954)."""
    square = _dot(rest, rest)
    if square <= 0:
        return 0.0
    alike = _dot([one[1:] for one in rest], [one[:-1] for one in rest]) / square
    alike += (1 + 4 * alike) * len(rest) / n
    alike = max(0.0, min(_MOST_ALIKE, alike))
    freedom = max(1.0, n - len(rest) - 2.0)
    return math.sqrt(square / freedom * (1 + alike) / (1 - alike) / left)


def _centred(values: Sequence[float]) -> list[float]:
    mean = sum(values) / len(values)
    return [value - mean for value in values]


def _dot(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> float:
    return sum(a * b for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True))
