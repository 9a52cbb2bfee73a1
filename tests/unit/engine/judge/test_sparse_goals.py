"""A goal that is mostly zero: means are compared, as logarithms would tell of the zeros alone."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.judge.judge import judge
from advisor.engine.judge.trial import Control, Trial
from advisor.model.signal import Series, series_of
from advisor.model.verdict import Outcome, VerdictReason
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan
from tests.fakes.trials import a_trial, window

HISTORY, LONGEST, STEP = 86_400, 43_200, 60


def rare(mean: float, start: float, end: float, chance: float = 0.3, seed: int = 1) -> Series:
    """Three points in ten are waits, exponentially long and of `mean` on average; all others are nothing."""
    source = random.Random(f"{start}/{seed}")
    points = []
    for at in range(int(start), int(end), STEP):
        waits, size = source.random() < chance, source.expovariate(1.0)
        points.append((NOON + timedelta(seconds=at), mean / chance * size if waits else 0.0))
    return series_of(points)


def trial_of(late: float, seed: int = 1) -> Trial:
    """Waits of 10 ms on average over a day, and of `late` over the longest window of half a day."""
    calm = {ERRORS: 0.01, LATENCY: 0.2, LOAD: 50.0}
    return replace(
        a_trial(),
        plan=a_plan(longest_seconds=LONGEST, history_seconds=HISTORY),
        baseline={key: window(mean, -HISTORY, -60) for key, mean in calm.items()}
        | {WAIT: rare(0.01, -HISTORY, -60, seed=seed)},
        trial={key: window(mean, 0, LONGEST) for key, mean in calm.items()} | {WAIT: rare(late, 0, LONGEST, seed=seed)},
        elapsed_seconds=LONGEST,
    )


@pytest.mark.parametrize("seed", range(4))
def test_waits_that_shrink_by_half_are_a_gain(seed: int) -> None:
    """720 points with some 216 waits: the mean is known to a tenth, and it fell by half."""
    verdict = judge(trial_of(0.005, seed))
    assert verdict.outcome is Outcome.KEEP
    goal = verdict.evidence[0]
    assert goal.ratio == pytest.approx(0.5, abs=0.12)
    assert goal.before == pytest.approx(0.01, rel=0.15)


@pytest.mark.parametrize("seed", range(4))
def test_waits_that_stay_are_none(seed: int) -> None:
    assert judge(trial_of(0.01, seed)).outcome is Outcome.ROLL_BACK


def test_waits_that_are_gone_are_told_as_at_most_a_hundredth() -> None:
    verdict = judge(trial_of(0.0))
    assert verdict.outcome is Outcome.KEEP
    assert "(judged: at most 1% of it)" in verdict.explanation


def test_a_goal_that_was_nothing_all_the_time_cannot_be_compared() -> None:
    trial = trial_of(0.01)
    nothing = {**trial.baseline, WAIT: window(0.0, -HISTORY, -60)}
    verdict = judge(replace(trial, baseline=nothing))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.NO_DATA)
    assert "the baseline is zero" in verdict.explanation


def beside_control(late: float, control: float, seed: int = 1) -> Trial:
    """As `trial_of`, with others that waited 10 ms on average, too, and since then `control`."""
    trial = trial_of(late, seed)
    others = Control(
        baseline={**trial.baseline, WAIT: rare(0.01, -HISTORY, -60, seed=seed + 100)},
        trial={**trial.trial, WAIT: rare(control, 0, LONGEST, seed=seed + 100)},
    )
    return replace(trial, control=others)


@pytest.mark.parametrize("seed", range(4))
def test_beside_a_control_waits_that_shrink_to_a_quarter_are_a_gain(seed: int) -> None:
    verdict = judge(beside_control(0.0025, 0.01, seed))
    assert verdict.outcome is Outcome.KEEP
    assert verdict.evidence[0].ratio == pytest.approx(0.25, abs=0.1)


@pytest.mark.parametrize("seed", range(4))
def test_beside_a_control_that_doubled_waits_that_stayed_are_half_of_what_they_would_be(seed: int) -> None:
    assert judge(beside_control(0.01, 0.02, seed)).evidence[0].ratio == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(("late", "control"), [(0.01, 0.01), (0.005, 0.005), (0.0, 0.0), (0.005, 0.0)])
def test_what_the_control_shows_as_well_is_no_gain(late: float, control: float) -> None:
    assert judge(beside_control(late, control)).outcome is Outcome.ROLL_BACK


def test_a_control_without_any_wait_is_nothing_to_compare_with() -> None:
    verdict = judge(beside_control(0.005, 0.0))
    assert verdict.reason is VerdictReason.NOT_ENOUGH_DATA or verdict.reason is VerdictReason.NO_DATA
    assert "without the change it would be next to nothing, too" in verdict.explanation


@pytest.mark.parametrize("seed", range(4))
def test_waits_that_are_rarer_at_some_hours_are_held_against_the_same_hours(seed: int) -> None:
    """Two days as rare as this one are on record; half of what they foretell is a gain, and all of it is none."""
    days = {WAIT: rare(0.01, -HISTORY, LONGEST, seed=seed + 50)}
    assert judge(replace(trial_of(0.01, seed), usual=days)).outcome is Outcome.ROLL_BACK
    assert judge(replace(trial_of(0.004, seed), usual=days)).evidence[0].ratio < 0.6
