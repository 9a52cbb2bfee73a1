"""Sketches of a day's points, and days together."""

import random

import numpy as np
import pytest
from ddsketch import DDSketch

from advisor.sources.kubernetes_usage.tallies.sketches import Sketch, add_each, read_sketch, spreads, together


def sketch_of(values: list[float]) -> Sketch:
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    return sketch


def test_percentiles_are_within_one_percent_and_the_peak_is_exact() -> None:
    chance = random.Random(1)
    values = sorted(chance.lognormvariate(0, 1) for _ in range(2000))
    spread = sketch_of(values).spread()
    assert spread is not None
    for share, found in ((0.5, spread.p50), (0.9, spread.p90), (0.95, spread.p95), (0.99, spread.p99)):
        assert found == pytest.approx(values[int(share * (len(values) - 1))], rel=0.02)
    assert spread.peak == values[-1]


def test_days_together_are_as_if_they_had_been_one() -> None:
    low, high = [0.1] * 900, [1.0] * 100
    both = together([(sketch_of(low), 1.0), (sketch_of(high), 1.0)])
    assert both.spread() == sketch_of(low + high).spread()


def test_an_old_day_weighs_less() -> None:
    """100 points of 1.0 at a tenth of the weight are 10 of 110: below the 95th percentile's share."""
    recent, old = sketch_of([0.1] * 100), sketch_of([1.0] * 100)
    light = together([(recent, 1.0), (old, 0.04)]).spread()
    heavy = together([(recent, 1.0), (old, 1.0)]).spread()
    assert light is not None
    assert heavy is not None
    assert light.p95 == pytest.approx(0.1, rel=0.02)
    assert heavy.p95 == pytest.approx(1.0, rel=0.02)


def test_what_was_written_is_read_again() -> None:
    sketch = sketch_of([0.0, 0.25, 3.0])
    assert read_sketch(sketch.text()) == sketch


def test_nothing_seen_has_no_percentiles() -> None:
    assert Sketch().spread() is None


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    chance = random.Random(2)
    values = [0.0, *(chance.lognormvariate(0, 3) for _ in range(500))]
    at_once = Sketch()
    at_once.add(values)
    assert at_once == sketch_of(values)


def test_percentiles_are_those_of_the_library() -> None:
    chance = random.Random(3)
    values = [0.0] * 40 + [chance.lognormvariate(0, 2) for _ in range(400)]
    theirs = DDSketch(0.01)
    for value in values:
        theirs.add(value)
    spread = sketch_of(values).spread()
    assert spread is not None
    found = (spread.p50, spread.p90, spread.p95, spread.p99)
    assert found == pytest.approx([theirs.get_quantile_value(share) for share in (0.5, 0.9, 0.95, 0.99)])


def test_values_of_several_sketches_at_once_are_the_same_as_of_each_alone() -> None:
    """The third gets nothing; bins of one do not run into those of the next."""
    chance = random.Random(4)
    which = np.array([0, 1, 3] * 100)
    values = np.array([0.0, *(chance.lognormvariate(0, 3) for _ in range(299))])
    at_once = [Sketch() for _ in range(4)]
    add_each(at_once, values, which)
    assert at_once == [sketch_of(values[which == number].tolist()) for number in range(4)]


def test_percentiles_of_several_at_once_are_those_of_each_alone() -> None:
    """Among them one of nothing, one of zeros alone, and one that weighs less than one point."""
    chance = random.Random(5)
    several = [sketch_of([chance.lognormvariate(0, 2) for _ in range(count)]) for count in (1, 7, 300)]
    several[1:1] = [Sketch(), sketch_of([0.0] * 5), together([(sketch_of([2.0]), 0.05)])]
    found = spreads(several)
    assert found == [one.spread() for one in several]
    assert found[1] is None
    assert found[2] is not None
    assert found[2].p99 == 0.0
    assert found[3] is not None
    assert found[3].p50 == pytest.approx(2.0, rel=0.01)


def test_values_that_lie_far_apart_are_counted_alike() -> None:
    """Bins from a millionth of a core to a petabyte, in many sketches: too many cells to count in at once."""
    chance = random.Random(6)
    values = np.array([10 ** chance.uniform(-6, 15) for _ in range(4000)])
    which = np.arange(4000) % 2000
    at_once = [Sketch() for _ in range(2000)]
    add_each(at_once, values, which)
    assert at_once[:20] == [sketch_of(values[which == number].tolist()) for number in range(20)]


def test_a_packed_one_takes_a_byte_a_bin_and_is_the_same() -> None:
    sketch = sketch_of([0.5] * 200 + [0.7] * 3)
    packed = sketch.packed()
    assert (packed.counts.itemsize, packed == sketch, packed.spread() == sketch.spread()) == (1, True, True)
    assert together([(packed, 0.5), (sketch, 2.0)]) == together([(sketch, 0.5), (packed, 2.0)])
    assert together([(sketch, 0.3)]).packed() == together([(sketch, 0.3)])
