"""The past is thinned, smoothed and averaged without inventing anything."""

from datetime import timedelta

import pytest

from advisor.engine.judge.history import mean_of_days, smooth, thinned
from advisor.model.signal import Series, series_of
from advisor.testing.words import NOON, a_plan


def minutes(values: dict[int, float]) -> Series:
    return series_of((NOON + timedelta(minutes=minute), value) for minute, value in values.items())


def test_points_become_the_means_of_blocks_that_end_at_the_present() -> None:
    """A first window of 600 s has blocks of 100 s: minutes -3 and -2 lie in [-200, -100) and before, -1 in the last."""
    found = thinned(minutes({-3: 1.0, -2: 3.0, -1: 8.0}), a_plan(), NOON)
    assert [((s.at - NOON).total_seconds(), s.value) for s in found.samples] == [(-150, 2.0), (-50, 8.0)]


def test_a_gap_stays_a_gap_and_a_problem_a_problem() -> None:
    gappy = thinned(Series(samples=minutes({-60: 1.0, -1: 2.0}).samples, problem="57 are missing"), a_plan(), NOON)
    assert len(gappy.samples) == 2
    assert gappy.problem == "57 are missing"


def test_the_course_of_a_day_keeps_its_shape_and_loses_its_noise() -> None:
    zigzag = minutes({minute: minute + (0.5 if minute % 2 else -0.5) for minute in range(100)})
    calm = smooth(zigzag, 600)
    assert [s.at for s in calm.samples] == [s.at for s in zigzag.samples]
    assert calm.values[50] == pytest.approx(50, abs=0.05)  # of 21 points from 40 to 60


def test_earlier_days_are_told_at_todays_times() -> None:
    """Yesterday and the day before at noon: 2 and 4; a minute later only yesterday is on record."""
    yesterday = series_of([(NOON - timedelta(days=1), 2.0), (NOON - timedelta(days=1, minutes=-1), 6.0)])
    before = series_of([(NOON - timedelta(days=2), 4.0)])
    found = mean_of_days([yesterday, before], [1, 2])
    assert [(s.at - NOON, s.value) for s in found.samples] == [(timedelta(), 3.0), (timedelta(minutes=1), 6.0)]
