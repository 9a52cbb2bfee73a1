"""A trend beside a load: how fast something grows that the load does not explain."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_LEAST_POINTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """slope: per step. t: slope / its standard error, with neighbouring residuals that are alike counted as fewer.

    factor: per unit of the load, with time held; factor_error: its standard error, infinite where nothing tells it.
    """

    slope: float
    t: float
    factor: float = 0.0
    factor_error: float = math.inf


def trend(values: Sequence[float], load: Sequence[float]) -> Trend | None:
    """The least-squares slope of `values` over their index, with `load` (as long) held; None for under six points."""
    n = len(values)
    if n < _LEAST_POINTS:
        return None
    times = [index - (n - 1) / 2 for index in range(n)]
    y, x = _centred(values), _centred(load)
    tt, xx, tx = _dot(times, times), _dot(x, x), _dot(times, x)
    ty, xy = _dot(times, y), _dot(x, y)
    left = tt - tx * tx / xx if xx > 1e-12 else tt
    if left < 1e-6 * tt:  # the load itself is the trend: nothing is left to tell it from
        return Trend(slope=0.0, t=0.0)
    slope = (ty - (tx * xy / xx if xx > 1e-12 else 0.0)) / left
    factor = (xy - slope * tx) / xx if xx > 1e-12 else 0.0
    rest = [a - slope * b - factor * c for a, b, c in zip(y, times, x, strict=True)]
    square = _dot(rest, rest)
    alike = max(0.0, min(0.95, _dot(rest[1:], rest[:-1]) / square)) if square > 0 else 0.0
    freedom = max(1.0, n * (1 - alike) / (1 + alike) - 2)
    error = math.sqrt(square / freedom / left * n / max(freedom, 1.0)) if square > 0 else 1e-12
    own = xx * left / tt  # what of the load's square time does not explain
    factor_error = error * math.sqrt(left / own) if own > 1e-12 else math.inf
    return Trend(slope=slope, t=slope / max(error, 1e-12), factor=factor, factor_error=factor_error)


def _centred(values: Sequence[float]) -> list[float]:
    mean = sum(values) / len(values)
    return [value - mean for value in values]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
