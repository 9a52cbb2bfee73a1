"""Welch's t on sums: as the textbook has it, and no more sure than it claims."""

import random
from collections.abc import Sequence

import pytest

from advisor.stats.welch import Moments, excess


def moments(values: Sequence[float]) -> Moments:
    return Moments(count=len(values), total=sum(values), squares=sum(value**2 for value in values))


def test_sums_give_the_mean_and_the_variance_of_the_values() -> None:
    known = moments([1.0, 2.0, 3.0, 4.0])
    assert (known.mean, known.variance) == (2.5, pytest.approx(5 / 3))


def test_a_distance_less_its_error_is_what_is_sure() -> None:
    """Means 1 and 3, variances 1, 11 values each: error sqrt(2/11) = 0.4264, 20 degrees, t(0.99) = 2.528."""
    sd = (10 / 11) ** 0.5  # 11 values with a sample variance of 1 have a population deviation of sqrt(10/11)
    one = Moments(count=11, total=11.0, squares=11 * (1 + sd**2))
    other = Moments(count=11, total=33.0, squares=11 * (9 + sd**2))
    assert excess(one, other, factor=1.0, alpha=0.01) == pytest.approx(2 - 2.528 * 0.4264, abs=0.002)


def test_a_single_value_proves_nothing() -> None:
    assert excess(moments([1.0]), moments([9.0, 9.1]), factor=1.0, alpha=0.01) == float("-inf")


def test_equal_means_seldom_differ_for_sure() -> None:
    """2,000 pairs at 2%: 40 are expected, with a standard deviation of 6.3."""
    source = random.Random(8)
    wrong = 0
    for _ in range(2000):
        one = moments([source.gauss(1, 0.2) for _ in range(8)])
        other = moments([source.gauss(1, 0.6) for _ in range(20)])
        wrong += excess(one, other, factor=1.0, alpha=0.02) > 0
    assert wrong <= 60
