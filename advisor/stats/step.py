"""The size of a step in a noisy series, with what is known to drive the series taken out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import mul
from statistics import median

from advisor.stats.persistence import Persistence, persistence
from advisor.stats.student import student_quantile

_MAD_TO_SIGMA = 1.4826
_CLIP = 3.0
_ROUNDS = 3
_LEAST_RATIO = 0.01
_BLUR = 0.05
_BLUR_OF_TOLERANCE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """shift: after less before, at equal drivers. error: its standard error, with `freedom` degrees of freedom.

    level: of the series before. deviation: standard deviation of one point around the fit. effective_before,
    effective_after: independent points on either side.
    """

    shift: float
    error: float
    freedom: float
    level: float
    deviation: float
    effective_before: float
    effective_after: float

    def of_shares(self, expected: float) -> "Step":
        """The same of logarithms, where it was fitted to shares of a level. expected: the share (> 0) without the step.

        The error is stretched as the shift is, so that what is proven of the one is proven of the other. What fell to
        less than a hundredth counts as having fallen to that.
        """
        ratio = max((expected + self.shift) / expected, _LEAST_RATIO)
        stretch = math.log(ratio) / (ratio - 1) if ratio != 1 else 1.0
        return replace(
            self,
            shift=math.log(ratio),
            error=self.error / expected * stretch,
            deviation=self.deviation / expected,
            level=math.log(expected),
        )

    def bound(self, alpha: float) -> float:
        """How far the truth may lie from `shift` on one side, but for a chance of `alpha`."""
        return student_quantile(1 - alpha, self.freedom) * self.error if self.error > 0 else 0.0


def step(
    series: Sequence[float],
    after: Sequence[bool],
    adjacent: Sequence[bool],
    drivers: Sequence[Sequence[float]] = (),
    *,
    tolerance: float = 0.0,
    robust: bool = True,
) -> Step:
    """Least squares of `series` on a constant, the step and `drivers`, each as long as the series.

    after[i]: point i lies after the step; at least one point lies on either side. adjacent[i]: it follows
    point i - 1 without a gap. Where it is to be robust, residuals beyond three robust standard deviations are
    drawn in (Huber 1964), so a wild point moves the step by what three sigma do, no more. The error is that of the
    step's own part of the design (Frisch and Waugh 1933) under the residuals' long-run variance. Noise of a twentieth
    of the step cannot have made it, however long it lasts, nor can noise of a quarter of `tolerance` hide a change that
    matters: on that scale points count as independent, and as no more exact than that.
    """
    n = len(series)
    steps = [1.0 if late else 0.0 for late in after]
    columns = [_centred(column) for column in drivers]
    columns = [column for column in columns if sum(map(mul, column, column)) > 1e-12 * n]
    basis = _basis(columns)
    own = _residuals(_centred(steps), basis)
    design = sum(map(mul, own, own))
    observed, shift, left = list(series), _difference_of_medians(series, after), [0.0] * n
    for attempt in range(_ROUNDS + 1):
        if attempt:
            shift = sum(map(mul, own, observed)) / design if design > 1e-9 else 0.0
        rest = [value - shift * late for value, late in zip(observed, steps, strict=True)]
        middle = sum(rest) / n if attempt else median(rest)
        rest = [value - middle for value in rest]
        left = _residuals(rest, basis)
        clipped = _clipped(left) if robust else left
        if attempt and clipped == left:
            break
        observed = [o + c - e for o, c, e in zip(observed, clipped, left, strict=True)]
        left = clipped
    count_after = sum(after)
    found = persistence(
        left, adjacent, fitted=2 + len(columns), blur=max(_BLUR * abs(shift), _BLUR_OF_TOLERANCE * tolerance) ** 2
    )
    spread = found.long_run_variance * _wider(left, after, found)
    before = [value for value, late in zip(observed, after, strict=True) if not late]
    return Step(
        shift=shift,
        error=math.sqrt(spread / design) if design > 1e-9 else math.inf,
        freedom=found.freedom,
        level=sum(before) / len(before),
        deviation=math.sqrt(found.variance),
        effective_before=(n - count_after) / found.inflation,
        effective_after=count_after / found.inflation,
    )


def _difference_of_medians(series: Sequence[float], after: Sequence[bool]) -> float:
    """Where the search begins: a place from which a wild point is seen to be one."""
    early = [value for value, is_late in zip(series, after, strict=True) if not is_late]
    late = [value for value, is_late in zip(series, after, strict=True) if is_late]
    return median(late) - median(early)


def _centred(column: Sequence[float]) -> list[float]:
    mean = sum(column) / len(column)
    return [value - mean for value in column]


def _basis(columns: Sequence[Sequence[float]]) -> list[list[float]]:
    """Directions at right angles that span what `columns` do, by Gram and Schmidt; all are centred."""
    basis: list[list[float]] = []
    for column in columns:
        direction = _residuals(column, basis)
        if sum(map(mul, direction, direction)) > 1e-9 * sum(map(mul, column, column)):
            basis.append(direction)
    return basis


def _residuals(target: Sequence[float], basis: Sequence[Sequence[float]]) -> list[float]:
    """`target` less its least-squares fit on `basis`."""
    left = list(target)
    for direction in basis:
        left = _without(left, direction)
    return left


def _without(vector: list[float], direction: Sequence[float]) -> list[float]:
    share = sum(map(mul, vector, direction)) / sum(map(mul, direction, direction))
    return [value - share * part for value, part in zip(vector, direction, strict=True)]


def _clipped(residuals: list[float]) -> list[float]:
    reach = _CLIP * _MAD_TO_SIGMA * median(map(abs, residuals))
    if reach <= 0.0:
        return residuals
    return [-reach if value < -reach else reach if value > reach else value for value in residuals]


def _wider(residuals: Sequence[float], after: Sequence[bool], found: Persistence) -> float:
    """At least 1: by how much the later points scatter more than all do, beyond chance: a calm past vouches for none.

    Chance alone gives less than 1 + 1.28 sqrt(2 / (m - 1)) for m points in nine cases of ten.
    """
    late = [value for value, is_late in zip(residuals, after, strict=True) if is_late]
    if len(late) < 2 or found.variance <= 0.0:
        return 1.0
    freedom, mean = len(late) - 1, sum(late) / len(late)
    ratio = sum((value - mean) ** 2 for value in late) / freedom / found.variance
    return max(1.0, ratio / (1 + 1.28 * math.sqrt(2 / freedom)))
