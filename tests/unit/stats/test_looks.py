"""Looks come at fixed times, and all of them together use up no more of the error than is allowed."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.stats.looks import LATER, SOONER, levels, looks
from advisor.stats.student import student_quantile


def test_looks_of_the_default_windows() -> None:
    seconds = [round(look.seconds / 60, 2) for look in looks(900, 43_200)]
    assert seconds == [3.75, 7.5, 15.0, 22.5, 33.75, 50.62, 75.94, 113.91, 170.86, 256.29, 384.43, 720.0]
    assert [look.early for look in looks(900, 43_200)] == [True, True] + [False] * 10


def test_a_trial_of_one_window_has_one_look_that_may_keep() -> None:
    assert [look.seconds for look in looks(600, 600)] == [150, 300, 600]


def test_two_looks_at_equal_parts_are_those_of_the_textbook() -> None:
    """Kim and DeMets with power 1 and 2.5% in two looks: 2.24 and 2.13 (Jennison and Turnbull 2000, table 7.1)."""
    first, second = (student_quantile(1 - level, 1e6) for level in levels((0.5, 1.0), 0.025, 1.0))
    assert first == pytest.approx(2.24, abs=0.01)
    assert second == pytest.approx(2.13, abs=0.02)


def test_a_walk_that_goes_nowhere_is_stopped_as_seldom_as_allowed() -> None:
    """20,000 walks at a total of 5%: 1,000 are expected to be stopped, with a standard deviation of 31."""
    plan = looks(900, 43_200)
    bounds = [student_quantile(1 - look.alpha(0.05, LATER), 1e6) * look.shares[look.number] ** 0.5 for look in plan]
    source, stopped = random.Random(4), 0
    for _ in range(20_000):
        place, before = 0.0, 0.0
        for look, bound in zip(plan, bounds, strict=True):
            share = look.shares[look.number]
            place += source.gauss(0, (share - before) ** 0.5)
            before = share
            if place > bound:
                stopped += 1
                break
    assert 880 <= stopped <= 1093


@settings(max_examples=20, deadline=None)
@given(st.floats(10, 1e4), st.floats(1, 50), st.sampled_from([SOONER, LATER]))
def test_each_look_may_err_a_little_and_none_more_than_all(first: float, stretch: float, power: float) -> None:
    plan = looks(first, first * stretch)
    spent = [0.01 * look.shares[look.number] ** power for look in plan]
    due = [now - before for before, now in zip([0.0, *spent], spent, strict=False)]
    for look, own in zip(plan, due, strict=True):
        assert own * 0.98 <= look.alpha(0.01, power) <= 0.01  # at least its part of the error, as it shares the rest
    assert [look.seconds for look in plan] == sorted(look.seconds for look in plan)
    assert [look.last for look in plan] == [False] * (len(plan) - 1) + [True]
