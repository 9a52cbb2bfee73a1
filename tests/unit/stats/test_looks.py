"""Looks come at fixed times, and use up no more of the error than is allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.stats.looks import LATER, SOONER, looks


def test_looks_of_the_default_windows() -> None:
    seconds = [round(look.seconds / 60, 2) for look in looks(900, 21_600)]
    assert seconds == [3.75, 7.5, 15.0, 22.5, 33.75, 50.62, 75.94, 113.91, 170.86, 256.29, 360.0]
    assert [look.early for look in looks(900, 21_600)] == [True, True] + [False] * 9


def test_a_trial_of_one_window_has_one_look_that_may_keep() -> None:
    assert [look.seconds for look in looks(600, 600)] == [150, 300, 600]


@given(st.floats(10, 1e4), st.floats(1, 50), st.sampled_from([SOONER, LATER]))
def test_all_looks_together_spend_exactly_the_error_allowed(first: float, stretch: float, power: float) -> None:
    plan = looks(first, first * stretch)
    assert sum(look.alpha(0.01, power) for look in plan) == pytest.approx(0.01)
    assert [look.seconds for look in plan] == sorted(look.seconds for look in plan)
    assert [look.last for look in plan] == [False] * (len(plan) - 1) + [True]
