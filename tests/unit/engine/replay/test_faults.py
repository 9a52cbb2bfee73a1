"""What a metric does by itself over a recording, and what is advised where trials beside it fare badly."""

import math
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from advisor.engine.judge.plan.trial_plan import plan_for
from advisor.engine.replay.aa_test import Recording
from advisor.engine.replay.faults import Outcome, faults
from advisor.model.proposal import Better, Goal
from advisor.model.signal import series_of
from advisor.model.trial_check import Advice, FaultKind
from advisor.settings.trial import TrialSettings
from advisor.testing.words import LATENCY, LOAD, NOON

PLAN = plan_for("shop", TrialSettings())
GOAL = Goal(signal=LATENCY, better=Better.LOWER, minimum_gain_ratio=0.1)
DAYS = 4
BLOCK = timedelta(seconds=PLAN.block_seconds)
COUNT = int(DAYS * 86_400 / PLAN.block_seconds)


def recording(level: Callable[[float], float], load: Callable[[float], float] = lambda _: 50.0) -> Recording:
    """Four days, by the hour: noise of 10% around a level that may move."""
    source = random.Random(3)
    hours = [number * PLAN.block_seconds / 3600 for number in range(COUNT)]
    latency = [level(hour) * math.exp(source.gauss(0, 0.1)) for hour in hours]
    return Recording(
        series={
            LATENCY: series_of((NOON + number * BLOCK, value) for number, value in enumerate(latency)),
            LOAD: series_of((NOON + number * BLOCK, load(hour)) for number, hour in enumerate(hours)),
        },
        start=NOON,
        end=NOON + COUNT * BLOCK,
        block_seconds=PLAN.block_seconds,
    )


def outcomes(is_kept_without: bool = False) -> list[Outcome]:
    """One trial every six hours, from the second day on."""
    return [
        Outcome(at=NOON + timedelta(hours=24 + 6 * number), is_kept_without=is_kept_without, is_kept_with=True)
        for number in range(10)
    ]


def test_a_calm_recording_has_none() -> None:
    (rest,) = faults(recording(lambda _: 0.2), GOAL, PLAN, outcomes())
    assert (rest.kind, rest.trials, rest.false_keep_ratio, rest.kept_ratio) == (FaultKind.NONE, 10, 0.0, 1.0)


def test_a_drift_is_told_by_its_share_in_a_day() -> None:
    drift, rest = faults(recording(lambda hour: 0.2 * 1.2 ** (hour / 24)), GOAL, PLAN, outcomes(True))
    assert (drift.kind, drift.size) == (FaultKind.DRIFT, pytest.approx(0.2, abs=0.02))
    assert (drift.trials, drift.false_keep_ratio, rest.trials) == (10, 1.0, 0)
    assert drift.advice == (Advice.CANARY, Advice.SWITCH_BACK)


def test_breaks_touch_only_the_trials_in_whose_windows_they_lie() -> None:
    """A trial sees two hours before it and twelve hours and two minutes after: hour 50 is seen by those begun at hours
    38 to 52, which are two of 24, 30, 36, 42, 48, 54 ..."""
    broken, rest = faults(recording(lambda hour: 0.2 if hour < 50 else 0.3), GOAL, PLAN, outcomes(True))
    assert (broken.kind, broken.count, broken.size) == (FaultKind.BREAKS, 1, pytest.approx(0.5, abs=0.1))
    assert (broken.trials, rest.trials) == (2, 8)


def test_an_incident_is_no_drift() -> None:
    found = faults(recording(lambda hour: 0.6 if 60 <= hour < 66 else 0.2), GOAL, PLAN, outcomes())
    assert [fault.kind for fault in found] == [FaultKind.BREAKS, FaultKind.NONE]
    assert found[0].count == 2


def test_a_cycle_asks_for_windows_that_hold_three_of_it() -> None:
    """Three turns of five hours are fifteen, and the longest window has twelve."""
    found = faults(
        recording(lambda hour: 0.2 * math.exp(0.3 * math.sin(hour * math.tau / 5))), GOAL, PLAN, outcomes(True)
    )
    cycle = found[0]
    assert [fault.kind for fault in found] == [FaultKind.CYCLE, FaultKind.NONE]
    assert cycle.period_seconds == pytest.approx(5 * 3600, rel=0.02)
    assert cycle.size == pytest.approx(math.expm1(0.6), rel=0.15)
    assert cycle.advice[0] is Advice.LONGER_WINDOWS


def test_a_level_that_strays_for_hours_is_told_from_noise() -> None:
    """An AR(1) of 0.95 from one block of 150 s to the next: of 0.95^6 = 0.74 from one first window to the next, of
    which (1 + 0.74) / (1 - 0.74) = 6.6 tell as much as one."""
    source, level = random.Random(5), [0.0]
    for _ in range(COUNT):
        level.append(0.95 * level[-1] + source.gauss(0, 0.06))
    strays = recording(lambda hour: 0.2 * math.exp(level[int(hour * 3600 / PLAN.block_seconds)]))
    found = faults(strays, GOAL, PLAN, outcomes(True))
    assert [fault.kind for fault in found] == [FaultKind.WANDER, FaultKind.NONE]
    assert found[0].advice == (Advice.CANARY, Advice.SWITCH_BACK)


def test_what_the_load_explains_is_no_fault() -> None:
    def load(hour: float) -> float:
        return 50 * (1.5 if hour >= 50 else 1.0) * math.exp(0.2 * math.sin(hour * math.tau / 5))

    found = faults(recording(lambda hour: 0.2 * (load(hour) / 50) ** 0.7, load), GOAL, PLAN, outcomes())
    assert [fault.kind for fault in found] == [FaultKind.NONE]


def test_where_verdicts_hold_in_spite_of_it_nothing_is_advised() -> None:
    drift, _ = faults(recording(lambda hour: 0.2 * 1.2 ** (hour / 24)), GOAL, PLAN, outcomes())
    assert drift.advice == ()


def test_a_metric_that_is_zero_has_nothing_to_tell() -> None:
    (rest,) = faults(recording(lambda _: 0.0), GOAL, PLAN, outcomes())
    assert rest.kind is FaultKind.NONE
