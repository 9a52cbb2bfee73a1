"""Where a series goes to another level: what counts as a step, and what does not."""

import math
import random

from advisor.stats.level_shifts import level_shifts


def noisy(count: int, seed: int = 1) -> list[float]:
    source = random.Random(seed)
    return [source.gauss(0, 0.1) for _ in range(count)]


def test_a_step_is_found_where_it_is() -> None:
    values = [value + 0.5 * (place >= 120) for place, value in enumerate(noisy(200))]
    found = level_shifts(values, 8, math.log(1.1))
    assert list(found) == [120]
    assert 0.4 < found[120] < 0.6  # 0.5, by means of 8 points with an error of 0.1 / 2 each


def test_an_incident_that_ends_is_two_steps() -> None:
    values = [value + 0.5 * (80 <= place < 120) for place, value in enumerate(noisy(200))]
    rises = list(level_shifts(values, 8, math.log(1.1)).items())
    assert [rise > 0 for _, rise in rises] == [True, False]
    assert all(abs(place - true) <= 1 for (place, _), true in zip(rises, (80, 120), strict=True))


def test_a_step_that_is_of_no_interest_is_none() -> None:
    calm = [value / 100 + 0.05 * (place >= 100) for place, value in enumerate(noisy(200))]
    assert level_shifts(calm, 8, math.log(1.1)) == {}  # 5%, and a tenth is asked for


def test_a_burst_is_no_level() -> None:
    values = [value + 0.5 * (100 <= place < 102) for place, value in enumerate(noisy(200))]
    assert level_shifts(values, 8, math.log(1.1)) == {}  # over eight points it is 0.125, which noise may be


def test_a_trend_has_no_steps() -> None:
    values = [value + 0.05 * place for place, value in enumerate(noisy(200))]
    assert level_shifts(values, 8, math.log(1.1)) == {}  # the means before and after differ by 0.4 everywhere


def test_a_cycle_has_no_steps() -> None:
    values = [value + 0.5 * math.sin(place / 4) for place, value in enumerate(noisy(200))]
    assert level_shifts(values, 8, math.log(1.1)) == {}


def test_noise_has_no_steps() -> None:
    """A hundred series of two days in blocks of a quarter of an hour."""
    assert sum(bool(level_shifts(noisy(192, seed), 8, math.log(1.1))) for seed in range(100)) <= 2


def test_too_few_points_tell_nothing() -> None:
    assert level_shifts([0.0] * 16 + [9.0] * 15, 8, 0.1) == {}
