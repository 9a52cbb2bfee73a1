"""The judge keeps proven gains only; anything missing, unclear or harmful goes back."""

import math
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.engine.validate import Trial, judge
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Series, SignalKey, series_of
from advisor.model.verdict import Outcome, VerdictReason
from tests.fakes.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan


def window(mean: float, noise: float = 0.05, points: int = 30, seed: int = 1) -> Series:
    """Independent points around `mean`, with a standard deviation of `noise` of it."""
    source = random.Random(f"{mean}/{noise}/{points}/{seed}")
    return series_of((NOON + timedelta(seconds=20 * i), mean * (1 + source.gauss(0, noise))) for i in range(points))


def a_trial(**changes: Any) -> Trial:
    """Waits fall from 100 ms to 20 ms; errors, latency and load stay; the window is full."""
    calm = {ERRORS: window(0.01), LATENCY: window(0.2), LOAD: window(50)}
    trial = Trial(
        goal=Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.3),
        plan=a_plan(),
        baseline={WAIT: window(0.1), **calm},
        trial={WAIT: window(0.02), **calm},
        elapsed_seconds=600,
        confidence=0.98,
        smallest_effective=6,
        load_shift=0.5,
    )
    return replace(trial, **changes)


def with_trial(trial: Trial, **series: Series) -> Trial:
    keys: dict[str, SignalKey] = {"wait": WAIT, "errors": ERRORS, "latency": LATENCY, "load": LOAD}
    return replace(trial, trial={**trial.trial, **{keys[name]: found for name, found in series.items()}})


def test_a_proven_gain_with_calm_guardrails_is_kept() -> None:
    verdict = judge(a_trial())
    assert (verdict.outcome, verdict.reason) == (Outcome.KEEP, VerdictReason.GAIN_PROVEN)
    goal = verdict.evidence[0]
    assert goal.role == "goal"
    assert goal.ratio == pytest.approx(0.2, rel=0.1)  # 20 ms / 100 ms
    assert goal.ratio_low < goal.ratio < goal.ratio_high < 1


def test_a_gain_is_not_kept_before_the_window_is_full() -> None:
    verdict = judge(a_trial(elapsed_seconds=599))
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.UNDECIDED)


def test_no_change_at_all_is_rolled_back() -> None:
    verdict = judge(with_trial(a_trial(), wait=window(0.1, seed=2)))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.NO_GAIN)


def test_a_gain_smaller_than_asked_for_is_rolled_back() -> None:
    verdict = judge(with_trial(a_trial(), wait=window(0.09)))  # a tenth better, 30% is asked for
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.NO_GAIN)


@pytest.mark.parametrize(
    ("name", "harmed"),
    [("errors", window(0.05)), ("latency", window(0.4)), ("load", window(30))],
)
def test_harm_beyond_a_guardrail_goes_back_at_once_whatever_the_gain(name: str, harmed: Series) -> None:
    verdict = judge(replace(with_trial(a_trial(), **{name: harmed}), elapsed_seconds=30))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED)
    assert "worse is the most allowed" in verdict.explanation


def test_a_rise_of_few_errors_within_the_slack_is_no_harm() -> None:
    """0.1% to 0.4% is four times as much, and 0.3 points are less than the half point of slack."""
    trial = a_trial(baseline={**a_trial().baseline, ERRORS: window(0.001)})
    assert judge(with_trial(trial, errors=window(0.004))).outcome is Outcome.KEEP


@pytest.mark.parametrize("signal", [WAIT, ERRORS, LATENCY, LOAD])
@pytest.mark.parametrize("elapsed", [600.0, 1800.0])
def test_no_data_is_never_a_gain(signal: SignalKey, elapsed: float) -> None:
    trial = a_trial(elapsed_seconds=elapsed)
    verdict = judge(replace(trial, trial={**trial.trial, signal: Series(problem="no such series")}))
    assert verdict.outcome is (Outcome.ROLL_BACK if elapsed == 1800 else Outcome.EXTEND)
    assert verdict.reason in (VerdictReason.NO_DATA, VerdictReason.NOT_ENOUGH_DATA)
    assert "no such series" in verdict.explanation


def test_a_window_with_gaps_is_no_evidence_even_if_its_points_look_good() -> None:
    gappy = replace(window(0.02), problem="12 of 30 points are missing")
    verdict = judge(with_trial(a_trial(), wait=gappy))
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.NOT_ENOUGH_DATA)


def test_too_few_points_extend_and_then_go_back() -> None:
    few = window(0.02, points=5)
    assert judge(with_trial(a_trial(), wait=few)).outcome is Outcome.EXTEND
    late = judge(with_trial(a_trial(elapsed_seconds=1800), wait=few))
    assert (late.outcome, late.reason) == (Outcome.ROLL_BACK, VerdictReason.NOT_ENOUGH_DATA)


def test_a_load_that_moved_makes_the_windows_incomparable() -> None:
    """50/s to 90/s is 80% more, over the 50% allowed: waits that fell prove nothing."""
    verdict = judge(with_trial(a_trial(), load=window(90)))
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.LOAD_SHIFTED)


def test_a_gain_drowned_in_noise_is_extended_and_in_the_end_rolled_back() -> None:
    trial = a_trial(baseline={**a_trial().baseline, WAIT: window(0.1, noise=0.6)})
    noisy = with_trial(trial, wait=window(0.08, noise=0.6))
    assert judge(noisy).outcome is Outcome.EXTEND
    late = judge(replace(noisy, elapsed_seconds=1800))
    assert (late.outcome, late.reason) == (Outcome.ROLL_BACK, VerdictReason.UNDECIDED)


def test_higher_can_be_better() -> None:
    hits = SignalKey(name="cache.hit_ratio")
    goal = Goal(signal=hits, better=Better.HIGHER, minimum_gain_ratio=0.1)
    calm = a_trial().baseline
    rising = a_trial(goal=goal, baseline={**calm, hits: window(0.3)}, trial={**calm, hits: window(0.8)})
    falling = a_trial(goal=goal, baseline={**calm, hits: window(0.8)}, trial={**calm, hits: window(0.3)})
    assert judge(rising).outcome is Outcome.KEEP
    assert judge(falling).outcome is Outcome.ROLL_BACK


def test_numbers_of_a_window_without_data_are_not_numbers_not_zero() -> None:
    trial = a_trial()
    verdict = judge(replace(trial, trial={}))
    assert all(math.isnan(metric.after) for metric in verdict.evidence)


def test_a_null_change_under_autocorrelated_noise_is_kept_in_at_most_2_percent() -> None:
    """400 trials, AR(1) with phi 0.8 and 20% noise: a plain rank test would err in 43% of them."""
    source = random.Random(20260101)

    def walk(mean: float) -> Series:
        level, points = 0.0, []
        for i in range(80):
            level = 0.8 * level + source.gauss(0, 0.2 * math.sqrt(1 - 0.64))
            if i >= 20:
                points.append((NOON + timedelta(seconds=10 * i), mean * (1 + level)))
        return series_of(points)

    goal = Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.05)
    calm = a_trial().baseline
    kept = sum(
        judge(a_trial(goal=goal, baseline={**calm, WAIT: walk(1)}, trial={**calm, WAIT: walk(1)})).outcome
        is Outcome.KEEP
        for _ in range(400)
    )
    assert kept <= 8  # 2% of 400
