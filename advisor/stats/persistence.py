"""How much noise outlives averaging: the long-run variance of a series whose neighbours resemble each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

_MOST = 0.97
_POINTS_A_WAVE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """variance: of one point. long_run_variance: n times the variance of a mean of n points, for large n.

    inflation: how many points weigh as much as one independent point. freedom: degrees of freedom of the estimate.
    """

    variance: float
    long_run_variance: float
    inflation: float
    freedom: float


def persistence(residuals: Sequence[float], adjacent: Sequence[bool], *, fitted: int, blur: float = 0.0) -> Persistence:
    """Of `residuals` left by `fitted` coefficients; adjacent[i] says that point i follows point i - 1 without a gap.

    blur: variance of noise without memory that is added to every point: a scale below which nothing is of interest.

    Two estimates: the first counts, or their mean where that is larger, so that noise of another kind than the first
    assumes is not passed over:

    - that of an AR(1): variance (1 + phi) / (1 - phi). The plain lag-1 estimate is low by about
      (p + (p + 2) phi) / n for p fitted coefficients (Marriott and Pope 1954 for the mean), and is corrected for it.
      Its relative variance is about 4 / n_eff, that of a chi-square with n_eff / 2 degrees of freedom.
    - that of equally weighted cosines (Sun 2013; Lazarus, Lewis, Stock and Watson 2018), which assumes no model. A
      quarter as many as points, as these are means of blocks and nearly independent already.
    """
    n = len(residuals)
    squares = sum(value * value for value in residuals) + n * blur
    if n <= fitted or squares <= 0.0:
        return Persistence(variance=0.0, long_run_variance=0.0, inflation=1.0, freedom=max(n - fitted, 1))
    phi = _lag_one(residuals, adjacent, squares, fitted)
    inflation = (1 + phi) / (1 - phi)
    # What the fitted coefficients took out of the residuals, at most three quarters of them.
    variance = squares / max(n - fitted * inflation, n / 4)
    count = max(fitted + 3, n // _POINTS_A_WAVE)
    modelled, seen = variance * inflation, _by_cosines(residuals, min(count, n - 1), fitted) + blur
    long_run = max(modelled, (modelled + seen) / 2)
    inflation = max(inflation, long_run / variance)
    return Persistence(
        variance=variance, long_run_variance=long_run, inflation=inflation, freedom=max(n / inflation / 2, 1.0)
    )


def _lag_one(residuals: Sequence[float], adjacent: Sequence[bool], squares: float, fitted: int) -> float:
    """Lag-1 autocorrelation in [0, 0.97]. A negative one counts as 0: it would make n_eff exceed n."""
    n = len(residuals)
    products = [residuals[i] * residuals[i - 1] for i in range(1, n) if adjacent[i]]
    if not products:
        return _MOST
    plain = (sum(products) / len(products)) / (squares / n)
    left = 1 - (fitted + 2) / n
    corrected = (plain + fitted / n) / left if left > 0.1 else _MOST
    return min(max(corrected, 0.0), _MOST)


def _by_cosines(residuals: Sequence[float], count: int, fitted: int) -> float:
    """Mean square of the first `count` cosine weights. As many as were fitted, less the mean, are empty."""
    total: float = sum(sum(map(mul, residuals, cosine)) ** 2 for cosine in _cosines(len(residuals), count))
    return total / max(count - fitted + 1, 1)


@lru_cache(maxsize=64)
def _cosines(n: int, count: int) -> tuple[tuple[float, ...], ...]:
    scale = math.sqrt(2 / n)
    return tuple(tuple(scale * math.cos(math.pi * j * (i + 0.5) / n) for i in range(n)) for j in range(1, count + 1))
