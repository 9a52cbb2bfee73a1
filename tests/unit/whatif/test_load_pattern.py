"""Load patterns, told from a few days of demand."""

import math
import random

import pytest

from advisor.model.kubernetes.load_pattern import LoadPattern
from advisor.whatif.load_pattern.classify import classify
from advisor.whatif.load_pattern.features import features

MINUTES = 1440


def days(count: int, value: object, *, scale: float = 1.0) -> list[list[float]]:
    """value: of (day, minute), without noise; 2% are added."""
    source = random.Random(7)
    return [
        [scale * value(day, minute) * source.gauss(1, 0.02) for minute in range(MINUTES)]  # type: ignore[operator]
        for day in range(count)
    ]


def flat(_day: int, _minute: int) -> float:
    return 1.0


def with_the_sun(_day: int, minute: int) -> float:
    return 1 + 0.6 * math.sin(2 * math.pi * minute / MINUTES)


def often_higher(_day: int, minute: int) -> float:
    return 2.2 if minute % 97 < 8 else 1.0


def more_each_day(day: int, minute: int) -> float:
    return 1 + 0.07 * (day + minute / MINUTES)


def crowd_at_noon(day: int, minute: int) -> float:
    return 5.0 if 720 + 31 * day <= minute < 750 + 31 * day else 1.0


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        (flat, LoadPattern.STEADY),
        (with_the_sun, LoadPattern.DAILY),
        (often_higher, LoadPattern.BURSTY),
        (more_each_day, LoadPattern.GROWING),
        (crowd_at_noon, LoadPattern.FLASH_CROWD),
    ],
)
@pytest.mark.parametrize("scale", [0.003, 1.0, 5e9])
def test_each_pattern_is_told_whatever_the_unit(value: object, pattern: LoadPattern, scale: float) -> None:
    guess = classify(days(5, value, scale=scale))
    assert guess.pattern is pattern
    assert guess.confidence > 0.6


def test_holes_are_no_bursts() -> None:
    seen = days(3, flat)
    for minute in range(300, 420):
        seen[1][minute] = math.nan
    assert features(seen)["bursts_a_day"] == 0
    assert classify(seen).pattern is LoadPattern.STEADY


def test_bursts_are_counted_and_a_minute_alone_is_none() -> None:
    # 10 minutes of every 96: 15 a day; two to three steps of 5 minutes each, at 1.36 or more of the calm: 10% to 16%.
    seen = features(days(3, lambda _, minute: 2.2 if minute % 96 < 10 else 1.0))
    assert seen["bursts_a_day"] == pytest.approx(15, abs=1)
    assert 0.10 <= seen["burst_share"] <= 0.16
    assert seen["burst_days"] == 1
    # One minute of 2.2 in each 96 makes its step 1.24.
    assert features(days(3, lambda _, minute: 2.2 if minute % 96 == 0 else 1.0))["bursts_a_day"] == 0


def test_a_day_alone_and_days_without_values_say_what_is_lacking() -> None:
    with pytest.raises(ValueError, match="two whole days"):
        classify(days(1, flat))
    with pytest.raises(ValueError, match="more than half"):
        classify([[math.nan] * MINUTES] * 3)
