"""What ends a trial at once, and what does not."""

from datetime import timedelta

from advisor.engine.judge.tripwires import alarms
from advisor.model.change import Tripwire
from advisor.model.proposal import Better
from advisor.model.signal import Series, series_of, signal
from advisor.testing.words import NOON

INSTANCES = signal("pool.instances", app="shop")
GONE = Tripwire(signal=INSTANCES, better=Better.HIGHER, what="instances are gone")


def points(*values: float) -> Series:
    return series_of((NOON + timedelta(seconds=15 * i), value) for i, value in enumerate(values))


def test_two_instances_of_five_that_stay_away_end_it() -> None:
    found = alarms([GONE], {INSTANCES: points(5, 5, 5)}, {INSTANCES: points(5, 3, 3)})
    assert found == ("instances are gone: pool.instances{app=shop} is 3, and was never worse than 5",)


def test_one_that_is_away_for_a_single_scrape_or_was_so_before_ends_nothing() -> None:
    assert alarms([GONE], {INSTANCES: points(5, 5)}, {INSTANCES: points(5, 3, 5)}) == ()
    assert alarms([GONE], {INSTANCES: points(5, 3, 5)}, {INSTANCES: points(5, 3, 3)}) == ()


def test_a_signal_that_nobody_shows_trips_nothing() -> None:
    assert alarms([GONE], {}, {INSTANCES: points(3, 3)}) == ()
    assert alarms([GONE], {INSTANCES: points(5, 5)}, {}) == ()


def test_what_should_stay_low_trips_upwards() -> None:
    restarts = Tripwire(signal=INSTANCES, better=Better.LOWER, what="instances crash")
    assert alarms([restarts], {INSTANCES: points(0, 1)}, {INSTANCES: points(2, 3)})
    assert not alarms([restarts], {INSTANCES: points(0, 1)}, {INSTANCES: points(1, 3)})


def test_a_little_more_throttling_than_ever_is_within_the_slack() -> None:
    """0.02 at the most before, and a slack of 0.1: the alarm is above 0.12."""
    throttled = Tripwire(signal=INSTANCES, better=Better.LOWER, what="the CPU is throttled", slack=0.1)
    assert not alarms([throttled], {INSTANCES: points(0, 0.02)}, {INSTANCES: points(0.11, 0.1)})
    assert alarms([throttled], {INSTANCES: points(0, 0.02)}, {INSTANCES: points(0.4, 0.3)})
