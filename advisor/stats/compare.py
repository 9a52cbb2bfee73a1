"""Two windows of one metric: where the second lies against the first, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, median

from advisor.stats.autocorrelation import effective_samples

_MAD_TO_SIGMA = 1.4826
_MEDIAN_VARIANCE = math.pi / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """after against before. The interval holds the true shift with `confidence`, in the metric's own unit.

    Each end alone is a one-sided bound of (1 + confidence) / 2.
    """

    before: float
    after: float
    shift: float
    shift_low: float
    shift_high: float
    confidence: float
    effective_before: float
    effective_after: float

    def ratio_of(self, shift: float) -> float:
        """(before + shift) / before; NaN when before is 0."""
        return (self.before + shift) / self.before if self.before else math.nan


def compare(before: Sequence[float], after: Sequence[float], *, confidence: float) -> Comparison:
    """Robust comparison of two windows, each of at least one finite point.

    The shift is that of Hodges and Lehmann, the median of all pairwise differences: one wild point moves it little.
    Its variance is the median's, pi/2 sigma^2 / n_eff for each window, with sigma from the median absolute deviation
    (from the standard deviation where that is larger than three times it or the deviation is 0) and n_eff
    from the autocorrelation, and Welch's degrees of freedom.
    """
    n_before, n_after = effective_samples(before), effective_samples(after)
    shift = median(b - a for a in before for b in after)
    error_before = _MEDIAN_VARIANCE * _scale(before) ** 2 / n_before
    error_after = _MEDIAN_VARIANCE * _scale(after) ** 2 / n_after
    error = math.sqrt(error_before + error_after)
    freedom = _welch(error_before, n_before, error_after, n_after)
    reach = student_quantile((1 + confidence) / 2, freedom) * error if error > 0 else 0.0
    return Comparison(
        before=median(before),
        after=median(before) + shift,
        shift=shift,
        shift_low=shift - reach,
        shift_high=shift + reach,
        confidence=confidence,
        effective_before=n_before,
        effective_after=n_after,
    )


def _scale(values: Sequence[float]) -> float:
    """Robust standard deviation. Bursts that the median deviation does not see still widen the interval."""
    middle, mean = median(values), fmean(values)
    robust = _MAD_TO_SIGMA * median(abs(value - middle) for value in values)
    if len(values) < 2:
        return robust
    plain = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return max(robust, plain / 3) if robust > 0 else plain


def _welch(error_a: float, n_a: float, error_b: float, n_b: float) -> float:
    """Degrees of freedom of Welch and Satterthwaite, at least 1."""
    total = error_a + error_b
    if total <= 0:
        return max(n_a + n_b - 2, 1.0)
    below = error_a**2 / max(n_a - 1, 1e-9) + error_b**2 / max(n_b - 1, 1e-9)
    return max(total**2 / below, 1.0)


def student_quantile(probability: float, freedom: float) -> float:
    """Quantile of Student's t for 0.5 <= probability < 1.

    Exact for 1 and 2 degrees of freedom, else Hill's expansion (CACM 1970, algorithm 396) around the normal
    quantile: within 1% from 3 degrees of freedom on.
    """
    if not 0.5 <= probability < 1:
        raise ValueError(f"probability must be in [0.5, 1), not {probability}")
    if freedom < 1.5:
        return math.tan(math.pi * (probability - 0.5))
    if freedom < 2.5:
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
