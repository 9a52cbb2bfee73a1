"""The comparison against tables of Student's t and against its own claim on simulated noise."""

import math
import random

import pytest

from advisor.stats.autocorrelation import effective_samples, lag_one
from advisor.stats.compare import compare, student_quantile


@pytest.mark.parametrize(
    ("probability", "freedom", "tabled"),
    [(0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 3, 3.182), (0.99, 5, 3.365), (0.975, 10, 2.228), (0.99, 20, 2.528)],
)
def test_students_quantile_agrees_with_the_table(probability: float, freedom: float, tabled: float) -> None:
    assert student_quantile(probability, freedom) == pytest.approx(tabled, rel=0.001)


def test_a_probability_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="probability"):
        student_quantile(1.0, 5)


def test_two_constant_windows_differ_by_exactly_their_distance() -> None:
    found = compare([2.0] * 10, [3.0] * 10, confidence=0.95)
    assert (found.shift, found.shift_low, found.shift_high) == (1.0, 1.0, 1.0)
    assert found.ratio_of(found.shift) == 1.5


def test_one_wild_point_moves_the_shift_little() -> None:
    calm = [1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1.0, 1.1, 0.9, 1.0]
    wild = [*calm[:-1], 1000.0]
    assert abs(compare(calm, wild, confidence=0.95).shift) < 0.06


def test_a_ratio_to_nothing_is_not_a_number() -> None:
    assert math.isnan(compare([0.0] * 5, [1.0] * 5, confidence=0.95).ratio_of(1.0))


def test_independent_points_count_almost_in_full_and_an_echo_does_not() -> None:
    source = random.Random(3)
    noise = [source.gauss(0, 1) for _ in range(500)]
    echo = [value for value in noise for _ in range(4)]  # each point four times: lag-1 is 3/4
    assert effective_samples(noise) > 400
    assert lag_one(echo) == pytest.approx(0.75, abs=0.03)
    assert effective_samples(echo) == pytest.approx(2000 * 0.25 / 1.75, rel=0.15)  # n (1 - phi) / (1 + phi)


def test_few_or_constant_points_have_no_autocorrelation() -> None:
    assert lag_one([1.0, 2.0, 3.0]) == 0.0
    assert lag_one([5.0] * 50) == 0.0
    assert effective_samples([]) == 0.0


def test_the_interval_holds_the_truth_as_often_as_it_claims() -> None:
    """1,000 pairs of 20 independent normal points, no shift: a 90% interval may miss 0 in at most 13%."""
    source = random.Random(11)
    missed = 0
    for _ in range(1000):
        before = [source.gauss(100, 20) for _ in range(20)]
        after = [source.gauss(100, 20) for _ in range(20)]
        found = compare(before, after, confidence=0.90)
        missed += not found.shift_low <= 0 <= found.shift_high
    assert missed <= 130
