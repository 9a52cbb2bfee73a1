"""A series that broke elsewhere than where a break is claimed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.stats.rival_breaks import explained_by_break, rival_break


def test_a_step_is_explained_in_full_where_it_is() -> None:
    """Six points around their mean of 2: 6 x 1 in all, and the break at 3 explains all of it."""
    explained = explained_by_break([1.0, 1.0, 1.0, 3.0, 3.0, 3.0])
    assert explained[3] == pytest.approx(6.0)
    assert explained[:3] == [0.0, 0.0, 0.0]


def test_a_break_where_it_is_claimed_has_no_rival() -> None:
    assert rival_break([0.0] * 20 + [1.0] * 5, range(18, 23)) is None


def test_a_break_before_the_claimed_place_is_its_rival() -> None:
    assert rival_break([0.0] * 12 + [1.0] * 13, range(18, 23)) == 12


def test_a_drift_breaks_in_the_middle_and_not_at_its_end() -> None:
    assert rival_break([float(place) for place in range(24)], range(20, 23)) == 12


def test_nothing_to_tell_has_no_rival() -> None:
    assert rival_break([], range(1)) is None
    assert rival_break([1.0] * 10, range(5, 7)) is None


@given(st.lists(st.floats(-10, 10), min_size=6, max_size=30))
def test_no_break_explains_more_than_there_is(series: list[float]) -> None:
    mean = sum(series) / len(series)
    whole = sum((value - mean) ** 2 for value in series)
    assert all(0 <= one <= whole + 1e-6 for one in explained_by_break(series))
