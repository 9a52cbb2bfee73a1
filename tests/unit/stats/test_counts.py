"""Counts against a rate: right, seldom wrong, however often one looks."""

import random

import pytest

from advisor.stats.counts import is_above, is_below, rate_within


def test_many_events_prove_a_higher_rate_and_none_a_lower_one() -> None:
    """10 are expected in 1,000 at 1%: 40 are above it; none in 2,000, where 20 are expected, is below."""
    assert is_above(0.01, events=40, exposure=1000, alpha=0.01)
    assert not is_below(0.01, events=40, exposure=1000, alpha=0.01)
    assert is_below(0.01, events=0, exposure=2000, alpha=0.01)


def test_nothing_seen_proves_nothing() -> None:
    assert not is_above(0.01, events=0, exposure=0, alpha=0.01)
    assert not is_below(0.01, events=0, exposure=0, alpha=0.01)
    assert not is_below(0.0, events=0, exposure=1000, alpha=0.01)


def test_a_hundred_looks_at_the_same_rate_seldom_cry_wolf() -> None:
    """1,000 series at exactly the bound, looked at after every 50 requests: 5% at most may ever be called above."""
    source = random.Random(3)
    wrong = 0
    for _ in range(1000):
        events = 0
        for look in range(1, 101):
            events += sum(source.random() < 0.02 for _ in range(50))
            if is_above(0.02, events=events, exposure=50 * look, alpha=0.05):
                wrong += 1
                break
    assert wrong <= 50


def test_the_range_of_a_rate_holds_it() -> None:
    low, high = rate_within(100, 1000, 3)
    assert low < 0.1 < high
    assert rate_within(0, 1000, 3) == (0.0, pytest.approx(9 / 1000))  # z^2 / exposure
