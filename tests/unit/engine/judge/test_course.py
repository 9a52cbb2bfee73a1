"""The course that a metric takes by itself: each part counts only where it fits the past."""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from advisor.engine.judge.course import Hours, course
from advisor.engine.judge.trial import Trial
from advisor.model.signal import Series, series_of
from advisor.testing.words import LOAD, NOON, WAIT, a_plan
from tests.fakes.trials import a_trial

DAY, STEP = 86_400, 100


def points(value: Callable[[float], float], start: float, end: float, noise: float = 0.05, seed: str = "") -> Series:
    source = random.Random(f"{start}/{end}/{seed}")
    return series_of(
        (NOON + timedelta(seconds=at), value(at) * math.exp(source.gauss(0, noise)))
        for at in range(int(start), int(end), STEP)
    )


def trial(
    wait: Callable[[float], float],
    load: Callable[[float], float] = lambda _: 50.0,
    usual: Callable[[float], float] | None = None,
) -> Trial:
    """A day before noon of blocks of ten minutes."""
    plan = a_plan(history_seconds=DAY)
    days: Mapping[object, Series] = {}
    if usual is not None:
        days = {WAIT: points(usual, -DAY, 1800, 0.01), LOAD: points(load, -DAY, 1800, 0.01)}
    return replace(
        a_trial(plan=plan),
        baseline={WAIT: points(wait, -DAY, 0), LOAD: points(load, -DAY, 0, 0.02, "load")},
        usual=days,  # type: ignore[arg-type]
        older={},
    )


def spread(blocks: Mapping[int, float]) -> float:
    mean = sum(blocks.values()) / len(blocks)
    return math.sqrt(sum((value - mean) ** 2 for value in blocks.values()) / len(blocks))


def by_the_day(at: float) -> float:
    return 0.1 * math.exp(0.4 * math.sin(2 * math.pi * at / DAY))


def test_a_calm_metric_has_no_course_and_none_is_taken_out() -> None:
    found = course(trial(lambda _: 0.1), WAIT)
    assert (found.hours, found.curve, found.cycle) == (Hours.NOTHING, None, None)
    assert len(found.past) == 144


def test_earlier_days_that_were_alike_are_taken_out() -> None:
    found = course(trial(by_the_day, usual=by_the_day), WAIT)
    assert found.hours is Hours.EARLIER_DAYS
    assert spread(found.past) < 0.05


def test_earlier_days_that_were_different_are_not() -> None:
    """They had the hours of a week's other half: subtracted, they would double the swing."""
    found = course(trial(by_the_day, usual=lambda at: 0.01 / by_the_day(at)), WAIT)
    assert found.hours is Hours.NOTHING


def test_a_cycle_of_some_hours_is_taken_out_and_foretold_in_blocks_of_any_length() -> None:
    """Two hours and three quarters, as no clock has it; blocks of ten minutes, and of a minute."""
    period = 9900

    def wait(at: float) -> float:
        return 0.1 * math.exp(0.3 * math.sin(2 * math.pi * at / period))

    found = course(trial(wait), WAIT)
    assert found.hours is Hours.CYCLE
    assert spread(found.past) < 0.06
    ahead = found.expected(dict.fromkeys(range(60), 0.0), 60.0)
    for block, told in ahead.items():
        assert abs(told - 0.3 * math.sin(2 * math.pi * (block + 0.5) * 60 / period)) < 0.12


def test_a_load_near_what_can_be_served_bends_the_course() -> None:
    """rho / (1 - rho), of a load between 30% and 90% over the day."""

    def load(at: float) -> float:
        return 60 + 30 * math.sin(2 * math.pi * at / DAY)

    def wait(at: float) -> float:
        rho = load(at) / 100
        return 0.1 * rho / (1 - rho)

    found = course(trial(wait, load), WAIT)
    assert found.curve is not None
    assert spread(found.past) < 0.12  # 1.1 before


def test_a_past_too_short_to_tell_takes_the_earlier_days_as_they_are() -> None:
    plain = trial(by_the_day, usual=by_the_day)
    short = {key: Series(samples=series.samples[-36:]) for key, series in plain.baseline.items()}
    assert course(replace(plain, baseline=short, known={}), WAIT).hours is Hours.EARLIER_DAYS


def test_it_is_worked_out_once_for_a_past_and_anew_for_another() -> None:
    plain = trial(lambda _: 0.1)
    later = replace(plain, elapsed_seconds=1800)
    assert course(plain, WAIT) is course(later, WAIT)
    other = replace(plain, baseline={**plain.baseline, WAIT: points(by_the_day, -DAY, 0)})
    assert course(other, WAIT) is not course(plain, WAIT)
