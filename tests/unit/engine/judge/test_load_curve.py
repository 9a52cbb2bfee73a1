"""How a metric follows its load: a line, or a bend towards saturation."""

import math

import pytest

from advisor.engine.judge.load_curve import load_curve

LOADS = {block: math.log(0.3 + 0.006 * block) for block in range(100)}
"""From 30% to 89% of what the system can serve."""


def test_a_line_of_logarithms_is_found_to_the_digit() -> None:
    """The metric grows with the root of the load: half of its logarithm."""
    own = {block: 0.5 * load for block, load in LOADS.items()}
    curve = load_curve(own, LOADS, bends=False)
    assert curve.at(LOADS[99]) - curve.at(LOADS[0]) == pytest.approx(0.5 * (LOADS[99] - LOADS[0]))


def test_a_bend_follows_what_a_line_cannot() -> None:
    """rho / (1 - rho): the line is off by more than 0.2 at the end, the bent one by less than 0.1."""
    own = {block: math.log(math.exp(load) / (1 - math.exp(load))) for block, load in LOADS.items()}
    mean = sum(own.values()) / len(own)
    off = [abs(load_curve(own, LOADS, bends=bends).at(LOADS[99]) + mean - own[99]) for bends in (False, True)]
    assert off[0] > 0.2
    assert off[1] < 0.1


def test_its_mean_over_the_loads_that_it_was_fitted_to_is_nothing() -> None:
    own = {block: math.exp(load) for block, load in LOADS.items()}
    curve = load_curve(own, LOADS, bends=True)
    assert sum(curve.at(load) for load in LOADS.values()) == pytest.approx(0.0, abs=1e-9)


def test_a_load_that_never_changed_tells_nothing() -> None:
    flat = dict.fromkeys(LOADS, 1.0)
    assert load_curve({block: float(block) for block in LOADS}, flat, bends=True).at(5.0) == 0.0
