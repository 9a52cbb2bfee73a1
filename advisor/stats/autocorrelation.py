"""How much a series of points is worth once neighbours that resemble each other are taken off."""

import math
from collections.abc import Sequence


def lag_one(values: Sequence[float]) -> float:
    """Lag-1 autocorrelation in [0, 0.99], corrected for the bias of short series.

    The plain estimate r of an AR(1) with coefficient phi is too low by about (1 + 3 phi) / n (Marriott and Pope
    1954), so phi is estimated by (r + 1/n) / (1 - 3/n). Negative values count as 0: they would make n_eff exceed n.
    A constant series has none.
    """
    n = len(values)
    if n < 4:
        return 0.0
    mean = math.fsum(values) / n
    squares = math.fsum((value - mean) ** 2 for value in values)
    if squares <= 0.0:
        return 0.0
    products = math.fsum((values[i] - mean) * (values[i + 1] - mean) for i in range(n - 1))
    corrected = (products / squares + 1 / n) / (1 - 3 / n)
    return min(max(corrected, 0.0), 0.99)


def effective_samples(values: Sequence[float]) -> float:
    """The number of independent points that tell as much about the mean: n (1 - phi) / (1 + phi), at least 1 if any."""
    if not values:
        return 0.0
    phi = lag_one(values)
    return max(1.0, len(values) * (1 - phi) / (1 + phi))
