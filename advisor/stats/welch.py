"""Two means of which only counts, sums and sums of squares are known."""

import math
from dataclasses import dataclass

from advisor.stats.student import student_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """count (>= 1) values, their sum and the sum of their squares."""

    count: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.count

    @property
    def variance(self) -> float:
        """Of one value; NaN for a single one, of which it is not known."""
        if self.count < 2:
            return math.nan
        return max(self.squares - self.count * self.mean**2, 0.0) / (self.count - 1)


def excess(before: Moments, after: Moments, *, factor: float, alpha: float) -> float:
    """The least by which the mean after exceeds `factor` times the mean before, but for a chance of `alpha`.

    Welch's t with Satterthwaite's degrees of freedom. Minus infinity where a variance is not known.
    """
    share_before = factor**2 * before.variance / before.count
    share_after = after.variance / after.count
    error = share_before + share_after
    if math.isnan(error):
        return -math.inf
    distance = after.mean - factor * before.mean
    if error == 0.0:
        return distance
    freedom = error**2 / (share_before**2 / (before.count - 1) + share_after**2 / (after.count - 1))
    return distance - student_quantile(1 - alpha, max(freedom, 1.0)) * math.sqrt(error)
