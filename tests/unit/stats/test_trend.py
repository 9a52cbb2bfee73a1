"""A slope beside a load."""

import math
import random

from advisor.stats.trend import Stretch, Trend, trend


def noisy(count: int, seed: int = 3) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(0, 0.02) for _ in range(count)]


def one_stretch(values: list[float], load: list[float]) -> Trend | None:
    return trend([Stretch(values=values, load=load)])


def test_what_grows_by_itself_has_a_slope() -> None:
    load = [math.sin(hour / 4) for hour in range(96)]
    values = [0.01 * hour + 0.3 * one + noise for hour, (one, noise) in enumerate(zip(load, noisy(96), strict=True))]
    found = one_stretch(values, load)
    assert found is not None
    assert abs(found.slope - 0.01) < 0.0005
    assert found.t > 10


def test_what_grows_with_its_load_has_none() -> None:
    load = [0.02 * hour + math.sin(hour / 4) for hour in range(96)]
    found = one_stretch([0.5 * one + noise for one, noise in zip(load, noisy(96), strict=True)], load)
    assert found is not None
    assert abs(found.slope) < 0.001


def test_a_load_that_is_nothing_but_time_cannot_be_told_from_it() -> None:
    found = one_stretch([0.1 * hour for hour in range(48)], [float(hour) for hour in range(48)])
    assert found is not None
    assert (found.slope, found.t) == (0.0, 0.0)


def test_a_few_points_are_no_trend() -> None:
    assert one_stretch([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]) is None


def test_what_is_lost_between_two_stretches_is_no_slope() -> None:
    """Three times up by 0.01 a step for 30 steps, and back to 0: over all of it the line would be nearly flat."""
    flat = [0.0] * 30
    saw = [[0.01 * step + noise for step, noise in enumerate(noisy(30, seed))] for seed in (1, 2, 3)]
    found = trend([Stretch(values=one, load=flat) for one in saw])
    assert found is not None
    assert abs(found.slope - 0.01) < 0.0015
    whole = one_stretch([value for one in saw for value in one], flat * 3)
    assert whole is not None
    assert whole.slope < 0.003


def test_a_level_of_its_own_in_each_stretch_is_no_slope() -> None:
    """Each flat, the second above the first."""
    found = trend([Stretch(values=[level + one for one in noisy(30, 5)], load=[0.0] * 30) for level in (0.0, 1.0)])
    assert found is not None
    assert abs(found.slope) < 0.002


def test_noise_that_wanders_is_less_sure_than_noise_that_does_not() -> None:
    """The same slope; AR(1) noise with 0.9 of the last value has neighbours that tell nearly the same."""
    still = noisy(96, 7)
    wandering, value = [], 0.0
    for shock in noisy(96, 7):
        value = 0.9 * value + shock * math.sqrt(1 - 0.81)
        wandering.append(value)
    sure, unsure = (
        one_stretch([0.001 * step + one for step, one in enumerate(noise)], [0.0] * 96) for noise in (still, wandering)
    )
    assert sure is not None
    assert unsure is not None
    assert sure.t > 2 * unsure.t


def test_a_known_factor_of_the_load_is_taken_as_it_is() -> None:
    """In a stretch whose load is nothing but time, what is not the load's part is the slope: 0.03 - 0.5 x 0.02."""
    load = [0.02 * step for step in range(24)]
    values = [0.03 * step for step in range(24)]
    found = trend([Stretch(values=values, load=load)], factor=0.5)
    assert found is not None
    assert math.isclose(found.slope, 0.02)


def test_values_are_never_said_to_fall_as_the_load_rises() -> None:
    """What rises by as much as the load falls would have a factor of -1 and no slope. Alone: (-0.05 + 0.15 + 0.6) /
    5, of times -1.5 to 1.5 whose squares add up to 5.
    """
    load, values = [1.0, 0.9, 0.7, 0.6], [0.0, 0.1, 0.3, 0.4]
    found = trend([Stretch(values=values, load=load), Stretch(values=values, load=load)])
    assert found is not None
    assert (found.factor, round(found.slope, 9)) == (0.0, 0.14)


def test_what_goes_with_the_load_has_a_factor_beside_its_slope() -> None:
    load = [math.sin(hour / 4) for hour in range(96)]
    values = [0.01 * hour + 0.3 * one + noise for hour, (one, noise) in enumerate(zip(load, noisy(96), strict=True))]
    found = one_stretch(values, load)
    assert found is not None
    assert abs(found.factor - 0.3) < 3 * found.factor_error
    # Noise of 0.02 over 96 points of a sine, whose variance is a half: 0.02 / sqrt(96 / 2) = 0.0029.
    assert 0.002 < found.factor_error < 0.005


def test_a_load_that_does_not_move_tells_no_factor() -> None:
    found = one_stretch([0.01 * hour + noise for hour, noise in enumerate(noisy(48))], [1.0] * 48)
    assert found is not None
    assert (found.factor, found.factor_error) == (0.0, math.inf)
