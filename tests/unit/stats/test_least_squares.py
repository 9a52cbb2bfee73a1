"""Coefficients by least squares."""

import pytest

from advisor.stats.least_squares import coefficients


def test_a_series_made_of_two_columns_gives_their_weights_back() -> None:
    one, other = [1.0, -1.0, 2.0, -2.0], [0.5, 0.5, -1.0, 0.0]
    series = [3 * a - 2 * b for a, b in zip(one, other, strict=True)]
    assert coefficients(series, [one, other]) == pytest.approx([3.0, -2.0])


def test_a_column_that_others_explain_gets_nothing() -> None:
    column = [1.0, -1.0, 0.0]
    assert coefficients([2.0, -2.0, 0.0], [column, [2 * value for value in column]]) == pytest.approx([2.0, 0.0])


def test_an_empty_column_gets_nothing_and_hides_no_other() -> None:
    assert coefficients([2.0, -2.0], [[0.0, 0.0], [1.0, -1.0]]) == pytest.approx([0.0, 2.0])


def test_of_no_columns_there_are_no_coefficients() -> None:
    assert coefficients([1.0, 2.0], []) == []
