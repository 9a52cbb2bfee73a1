"""Failures at a load: what the hour brings is no clump, and night is not held against noon."""

import math
import random

import pytest

from advisor.engine.judge.load_bands import Block, clumping, load_bands


def a_day(failed_at_noon: float, *, seed: int = 1, failed_at_night: float = 0.0) -> list[Block]:
    """48 hours; from 50 to 150 requests at a point, 100 points a block; above 120 callers are turned away."""
    source, blocks = random.Random(seed), []
    for hour in range(48):
        load = 100 - 50 * math.cos(2 * math.pi * hour / 24)
        rate = failed_at_noon if load > 120 else failed_at_night
        mean = rate * load * 100
        failed = max(source.gauss(mean, math.sqrt(mean)), 0.0) if mean else 0.0
        blocks.append(Block(failed=failed, requests=load * 100, load=load))
    return blocks


def test_failures_that_the_load_explains_are_no_clumps() -> None:
    """A fifth fails at noon: 0 or about 2,800 in a block. As chances of 0.08 those were clumps of hundreds."""
    together = sum(block.failed for block in a_day(0.2)) / sum(block.requests for block in a_day(0.2))
    naive = [(block.failed - together * block.requests) ** 2 / (together * block.requests) for block in a_day(0.2)]
    assert sum(naive) / 48 > 500
    assert clumping(a_day(0.2)) < 5


def test_failures_that_come_together_at_any_load_are() -> None:
    calm = a_day(0.01, failed_at_night=0.01)
    assert clumping(calm) == pytest.approx(1.0, abs=1.0)
    source = random.Random(2)
    bursts = [
        Block(failed=block.requests * 0.1 if source.random() < 0.1 else 0.0, requests=block.requests, load=block.load)
        for block in calm
    ]
    assert clumping(bursts) > 100


def test_a_trial_at_night_is_held_against_nights() -> None:
    """Below 70 nothing fails, and a fifth at noon. Those 18 blocks lie in the three lowest bands, of 6 blocks each."""
    bands = load_bands(a_day(0.2))
    night = [block for block in a_day(0.2, seed=3) if block.load < 70]
    failed, requests = bands.at_the_load_of(night)
    assert failed == 0
    assert 0.8 * sum(bands.requests[:3]) < requests <= sum(bands.requests[:3])  # all, where weighed as they are


def test_a_trial_of_whole_days_is_held_against_all_there_is() -> None:
    """Weights like the bands' own: the rate is the plain one, and every request counts."""
    bands = load_bands(a_day(0.2))
    failed, requests = bands.at_the_load_of(a_day(0.05, seed=3))
    assert failed / requests == pytest.approx(sum(bands.failed) / sum(bands.requests))
    assert requests == pytest.approx(sum(bands.requests))


def test_few_blocks_are_one_band() -> None:
    few = a_day(0.2)[:7]
    assert load_bands(few).cuts == ()
    assert clumping(few[:3]) == 1.0
    assert load_bands(few).at_the_load_of([]) == (sum(b.failed for b in few), sum(b.requests for b in few))


def test_a_steady_load_is_one_band() -> None:
    """Within a tenth: what differs is noise, and fitting it would leave nothing to tell clumps by."""
    steady = [Block(failed=1.0, requests=1000.0, load=50.0 + at % 5) for at in range(32)]
    assert load_bands(steady).cuts == ()
