"""Bounds of a share of which only a few cases were seen."""

import pytest

from advisor.stats.proportion import highest_share, lowest_share


def test_none_in_fifty_may_still_be_six_in_a_hundred() -> None:
    assert highest_share(0, 50) == pytest.approx(1 - 0.05 ** (1 / 50))  # 5.8%, by the rule of three 6%
    assert highest_share(0, 149) < 0.02 < highest_share(0, 148)


def test_the_bounds_are_those_of_the_tables() -> None:
    """Of 2 in 20 the one-sided 95% bounds are 28.3% and 1.8%: quantiles of beta(3, 18) and of beta(2, 19)."""
    assert highest_share(2, 20) == pytest.approx(0.2826, abs=1e-4)
    assert lowest_share(2, 20) == pytest.approx(0.0181, abs=1e-4)


def test_a_bound_is_exact() -> None:
    """At the upper bound of 1 in 10, one or none in ten has a chance of exactly 5%."""
    p = highest_share(1, 10)
    assert (1 - p) ** 10 + 10 * p * (1 - p) ** 9 == pytest.approx(0.05)


@pytest.mark.parametrize(("count", "total", "low", "high"), [(0, 0, 0.0, 1.0), (5, 5, 0.05**0.2, 1.0)])
def test_nothing_seen_and_everything_seen(count: int, total: int, low: float, high: float) -> None:
    assert lowest_share(count, total) == pytest.approx(low)
    assert highest_share(count, total) == high


def test_more_than_all_is_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        highest_share(3, 2)
