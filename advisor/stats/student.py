"""Quantiles of Student's t, so that few independent points widen an interval as they should."""

import math
from functools import lru_cache
from statistics import NormalDist


@lru_cache(maxsize=4096)
def student_quantile(probability: float, freedom: float) -> float:
    """Quantile of Student's t for 0.5 <= probability < 1.

    Exact for 1 and 2 degrees of freedom, else Hill's expansion (CACM 1970, algorithm 396) around the normal
    quantile: within 1% from 3 degrees of freedom on. Below 2 degrees, 1 is taken; below 3, 2: never too narrow.
    """
    if not 0.5 <= probability < 1:
        raise ValueError(f"probability must be in [0.5, 1), not {probability}")
    if freedom < 2:
        return math.tan(math.pi * (probability - 0.5))
    if freedom < 3:
        alpha = 4 * probability * (1 - probability)
        return 2 * (probability - 0.5) * math.sqrt(2 / alpha)
    a = 1 / (freedom - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * freedom
    y = (d * 2 * (1 - probability)) ** (2 / freedom)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(1 - probability)
        y = x**2
        if freedom < 5:
            c += 0.3 * (freedom - 4.5) * (x + 0.6)
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y**2)
    else:
        y = (
            (1 / (((freedom + 6) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2) * 3) + 0.5 / (freedom + 4)) * y
            - 1
        ) * (freedom + 1) / (freedom + 2) + 1 / y
    return math.sqrt(freedom * y)
