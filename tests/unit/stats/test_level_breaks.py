"""Breaks of a level: found where they are, beside what is fitted with them, and not made up of noise."""

import random

import pytest

from advisor.stats.level_breaks import level_breaks, unexplained


def noise(seed: int, count: int = 60) -> list[float]:
    source = random.Random(seed)
    return [source.gauss(0, 0.1) for _ in range(count)]


@pytest.mark.parametrize("seed", range(20))
def test_noise_alone_has_no_break(seed: int) -> None:
    assert level_breaks(noise(seed), []) == []


def test_a_step_of_ten_deviations_is_found_at_its_place() -> None:
    series = [value + (1.0 if number >= 25 else 0.0) for number, value in enumerate(noise(1))]
    assert level_breaks(series, []) == [25]


def test_two_steps_are_found_the_surer_first() -> None:
    series = [
        value + (1.0 if number >= 20 else 0.0) - (2.0 if number >= 40 else 0.0) for number, value in enumerate(noise(2))
    ]
    assert level_breaks(series, []) == [40, 20]
    assert level_breaks(series, [], most=1) == [40]


def test_what_a_column_explains_is_no_break() -> None:
    column = [1.0 if number >= 30 else 0.0 for number in range(60)]
    series = [value + 2 * switched for value, switched in zip(noise(3), column, strict=True)]
    assert level_breaks(series, [column]) == []


def test_a_column_and_a_break_are_told_apart() -> None:
    """The column goes on and off every ten points; the level breaks at 25."""
    column = [float(number // 10 % 2) for number in range(60)]
    series = [
        value - 0.2 * switched + (0.5 if number >= 25 else 0.0)
        for number, (value, switched) in enumerate(zip(noise(4), column, strict=True))
    ]
    assert level_breaks(series, [column]) == [25]


def test_a_level_without_any_noise_breaks_where_it_does() -> None:
    assert level_breaks([1.0] * 10 + [2.0] * 10, []) == [10]
    assert level_breaks([1.0] * 20, []) == []


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_few_points_have_no_break(count: int) -> None:
    assert level_breaks([1.0, 5.0, 1.0, 5.0][:count], []) == []


def test_what_is_left_stands_at_right_angles_to_all_that_was_fitted() -> None:
    column = [float(number) for number in range(10)]
    left = unexplained([3 + 2 * value + (-1) ** number for number, value in enumerate(column)], [column])
    assert sum(left) == pytest.approx(0, abs=1e-9)
    assert sum(a * b for a, b in zip(left, column, strict=True)) == pytest.approx(0, abs=1e-9)
