"""The step and its error: exact where it can be, honest on noise that resembles itself."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.stats.persistence import persistence
from advisor.stats.step import Step, step

NUMBERS = st.floats(-10, 10, allow_nan=False).map(lambda number: round(number, 3))


def walk(phi: float, count: int, source: random.Random, sigma: float = 1.0) -> list[float]:
    """AR(1) of variance sigma^2."""
    level, found = source.gauss(0, sigma), []
    for _ in range(count):
        level = phi * level + source.gauss(0, sigma * math.sqrt(1 - phi**2))
        found.append(level)
    return found


def a_step(before: Sequence[float], after: Sequence[float], drivers: Sequence[Sequence[float]] = ()) -> Step:
    late = [False] * len(before) + [True] * len(after)
    adjacent = [i not in (0, len(before)) for i in range(len(late))]
    return step([*before, *after], late, adjacent, drivers)


def test_constant_levels_differ_by_exactly_their_distance() -> None:
    found = a_step([2.0] * 10, [3.0] * 10)
    assert found.shift == 1.0
    # Nothing scatters; no point is taken for more exact than a twentieth of the step: 0.05 sqrt(1/10 + 1/10) = 0.022.
    assert found.error == pytest.approx(0.022, rel=0.5)
    assert found.bound(0.01) < 0.2


def test_noise_far_smaller_than_the_step_does_not_hide_it_however_long_it_lasts() -> None:
    """Five levels and then twelve that wander slowly: the same wandering alone, without a step, proves nothing."""
    wandering = [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11]
    with_step = a_step([1.0] * 5, [-3.5 + value for value in wandering])
    assert min(with_step.effective_before, with_step.effective_after) > 3
    assert with_step.shift + with_step.bound(0.005) < -2
    without = a_step([0.0] * 5, wandering)
    assert without.shift - without.bound(0.005) < 0


def test_what_a_driver_explains_is_no_step() -> None:
    """The series is twice its driver, which rises from the first window to the second: nothing is left for a step."""
    source = random.Random(5)
    driver = [source.gauss(0, 1) + (1.0 if i >= 40 else 0.0) for i in range(80)]
    series = [2 * value for value in driver]
    found = a_step(series[:40], series[40:], [driver])
    assert found.shift == pytest.approx(0.0, abs=1e-9)
    assert a_step(series[:40], series[40:]).shift > 1  # without the driver it is taken for one


def test_a_driver_that_is_the_step_itself_leaves_nothing_to_say() -> None:
    """A load that is constant within each window explains the step as well as the change does."""
    source = random.Random(5)
    series = walk(0.0, 40, source)
    found = a_step(series[:20], series[20:], [[0.0] * 20 + [1.0] * 20])
    assert math.isinf(found.error)
    assert math.isinf(found.bound(0.01))


def test_one_wild_point_moves_the_step_by_no_more_than_three_sigma_do() -> None:
    source = random.Random(6)
    before, after = walk(0.0, 50, source), walk(0.0, 50, source)
    wild = [*after[:-1], 1e6]
    assert abs(a_step(before, wild).shift - a_step(before, after).shift) < 0.2  # 6 sigma / 50 points


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8, 0.95])
@pytest.mark.parametrize(("early", "late"), [(60, 12), (30, 30), (6, 12)])
def test_the_bound_errs_as_seldom_as_it_claims_where_four_independent_points_are_left(
    phi: float, early: int, late: int
) -> None:
    """1,000 series without a step at 2%: 20 are expected to err; 34 is three standard deviations (4.4) above.

    With fewer independent points than four in either window, as most short and slow series have, nothing is kept.
    """
    source = random.Random(f"{phi}/{early}/{late}")
    wrong = 0
    for _ in range(1000):
        found = walk(phi, early + 4 + late, source)
        seen = a_step(found[:early], found[early + 4 :])
        enough = min(seen.effective_before, seen.effective_after) >= 4
        wrong += enough and seen.shift + seen.bound(0.02) < 0
    assert wrong <= 34


def test_noise_that_is_no_ar1_is_not_passed_over_in_means_of_blocks() -> None:
    """Half white, half AR(1) of 0.95: lag 1 of the points says phi = 0.475, and 15% would err at 2%. Blocks know."""
    source = random.Random(12)
    wrong = 0
    for _ in range(400):
        slow, white = walk(0.95, 840, source), walk(0.0, 840, source)
        both = [a + b for a, b in zip(slow, white, strict=True)]
        means = [sum(both[i : i + 10]) / 10 for i in range(0, 840, 10)]
        seen = a_step(means[:68], means[72:])
        wrong += seen.shift + seen.bound(0.02) < 0
    assert wrong <= 17  # 8 are expected, with a standard deviation of 2.8


def test_gaps_are_no_neighbours() -> None:
    """Every second point is missing: lag 1 is only seen where two points touch, and without such none is believed."""
    alone = persistence([1.0, -1.0] * 10, [False] * 20, fitted=1)
    assert alone.inflation > 30


@given(
    st.lists(NUMBERS, min_size=8, max_size=30),
    st.lists(NUMBERS, min_size=8, max_size=30),
    st.floats(0.01, 100).map(lambda number: round(number, 2)),
)
def test_a_step_scales_with_its_unit_and_ignores_its_zero(
    before: list[float], after: list[float], factor: float
) -> None:
    plain = a_step(before, after)
    scaled = a_step([factor * value + 7 for value in before], [factor * value + 7 for value in after])
    assert scaled.shift == pytest.approx(factor * plain.shift, rel=1e-6, abs=1e-6 * factor)
    assert scaled.error == pytest.approx(factor * plain.error, rel=1e-3, abs=1e-6 * factor)


@given(st.lists(NUMBERS, min_size=8, max_size=30), st.lists(NUMBERS, min_size=8, max_size=30))
def test_a_step_down_is_a_step_up_seen_from_below(before: list[float], after: list[float]) -> None:
    up, down = a_step(before, after), a_step([-value for value in before], [-value for value in after])
    assert down.shift == pytest.approx(-up.shift, abs=1e-9)
    assert down.error == pytest.approx(up.error, rel=1e-6, abs=1e-9)


def test_a_step_of_shares_is_told_as_one_of_logarithms() -> None:
    """From 1 to 0.5 with an error of 0.1, five of which lie in the shift; five of ln 0.5 / 5 lie in ln 0.5."""
    told = Step(
        shift=-0.5,
        error=0.1,
        freedom=10,
        level=1.0,
        deviation=0.3,
        effective_before=20,
        effective_after=20,
    ).of_shares(1.0)
    assert told.shift == pytest.approx(math.log(0.5))
    assert told.error == pytest.approx(math.log(2) / 5)


def test_a_share_that_fell_to_nothing_counts_as_a_hundredth() -> None:
    fell = Step(
        shift=-1.0, error=0.1, freedom=10, level=1.0, deviation=0.3, effective_before=20, effective_after=20
    ).of_shares(1.0)
    assert fell.shift == pytest.approx(math.log(0.01))


def test_a_step_beside_a_control_is_told_from_what_the_control_would_have_had() -> None:
    """The difference of shares lies around zero; the control doubled, and the trial has half of that: 2 - 1 of 2."""
    beside = Step(
        shift=-1.0, error=0.2, freedom=10, level=0.0, deviation=0.3, effective_before=20, effective_after=20
    ).of_shares(2.0)
    assert beside.shift == pytest.approx(math.log(0.5))
    assert beside.error == pytest.approx(math.log(2) / 5)
