"""A slope beside a load."""

import math
import random

from advisor.stats.trend import trend


def noisy(count: int, seed: int = 3) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(0, 0.02) for _ in range(count)]


def test_what_grows_by_itself_has_a_slope() -> None:
    load = [math.sin(hour / 4) for hour in range(96)]
    values = [0.01 * hour + 0.3 * one + noise for hour, (one, noise) in enumerate(zip(load, noisy(96), strict=True))]
    found = trend(values, load)
    assert found is not None
    assert abs(found.slope - 0.01) < 0.0005
    assert found.t > 10


def test_what_grows_with_its_load_has_none() -> None:
    load = [0.02 * hour + math.sin(hour / 4) for hour in range(96)]
    found = trend([0.5 * one + noise for one, noise in zip(load, noisy(96), strict=True)], load)
    assert found is not None
    assert abs(found.slope) < 0.001


def test_a_load_that_is_nothing_but_time_cannot_be_told_from_it() -> None:
    found = trend([0.1 * hour for hour in range(48)], [float(hour) for hour in range(48)])
    assert found is not None
    assert (found.slope, found.t) == (0.0, 0.0)


def test_a_few_points_are_no_trend() -> None:
    assert trend([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]) is None


def test_what_goes_with_the_load_has_a_factor_beside_its_slope() -> None:
    load = [math.sin(hour / 4) for hour in range(96)]
    values = [0.01 * hour + 0.3 * one + noise for hour, (one, noise) in enumerate(zip(load, noisy(96), strict=True))]
    found = trend(values, load)
    assert found is not None
    assert abs(found.factor - 0.3) < 3 * found.factor_error
    # Noise of 0.02 over 96 points of a sine, whose variance is a half: 0.02 / sqrt(96 / 2) = 0.0029.
    assert 0.002 < found.factor_error < 0.005


def test_a_load_that_does_not_move_tells_no_factor() -> None:
    found = trend([0.01 * hour + noise for hour, noise in enumerate(noisy(48))], [1.0] * 48)
    assert found is not None
    assert (found.factor, found.factor_error) == (0.0, math.inf)
