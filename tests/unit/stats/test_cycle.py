"""A cycle of its own: found where it holds, and not where noise has a peak."""

import math
import random
from collections.abc import Callable

import pytest

from advisor.stats.cycle import cycle

BLOCKS = range(-288, 0)
"""Three days of a quarter of an hour."""


def past(shape: Callable[[float], float], period: float, noise: float = 0.05, seed: int = 1) -> dict[int, float]:
    source = random.Random(f"{period}/{seed}")
    return {block: 1.0 + shape((block / period + 0.3) % 1) + source.gauss(0, noise) for block in BLOCKS}


def sine(turn: float) -> float:
    return 0.15 * math.sin(2 * math.pi * turn)


def saw(turn: float) -> float:
    return 0.3 * (turn - 0.5)


def job(turn: float) -> float:
    return 0.3 * (turn < 0.25) - 0.075


@pytest.mark.parametrize("shape", [sine, saw, job])
@pytest.mark.parametrize("period", [9.3, 13.7, 22.0, 31.2])
def test_its_length_is_found_within_a_hundredth_and_it_goes_on(shape: Callable[[float], float], period: float) -> None:
    """2 h 20 min to 7 h 48 min. A quarter of a day later what it foretells leaves less than half of the swing."""
    found = cycle(past(shape, period))
    assert found is not None
    assert 1 / found.turns == pytest.approx(period, rel=0.01)
    ahead = range(24)
    swing = [shape((block / period + 0.3) % 1) for block in ahead]
    left = [value - found.at(block) for value, block in zip(swing, ahead, strict=True)]
    assert sum(one * one for one in left) < 0.5 * sum(one * one for one in swing)


def test_noise_with_a_memory_has_none() -> None:
    """AR(1) of 0.7: in none of forty pasts."""
    source, found = random.Random(3), 0
    for _ in range(40):
        value, blocks = 0.0, {}
        for block in BLOCKS:
            value = 0.7 * value + source.gauss(0, 0.05)
            blocks[block] = value
        found += cycle(blocks) is not None
    assert found == 0


def test_one_that_was_there_only_in_the_first_half_does_not_count() -> None:
    blocks = {block: value if block < -144 else 1.0 for block, value in past(sine, 13.7).items()}
    assert cycle(blocks) is None


@pytest.mark.parametrize("blocks", [{}, {0: 1.0}, dict.fromkeys(BLOCKS, 1.0), dict.fromkeys(range(0, 600, 10), 0.0)])
def test_too_little_nothing_or_mostly_gaps_has_none(blocks: dict[int, float]) -> None:
    assert cycle(blocks) is None
