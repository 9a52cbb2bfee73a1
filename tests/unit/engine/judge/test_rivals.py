"""What changed more at another time than with the change is not the change's doing."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.judge.analysis_window import AnalysisWindow
from advisor.engine.judge.contrast import contrast
from advisor.engine.judge.judge import judge
from advisor.engine.judge.rivals import broke_elsewhere
from advisor.engine.judge.trial import Control, Trial
from advisor.model.signal import Series, series_of
from advisor.model.verdict import Outcome
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan
from tests.fakes.trials import a_trial, window

HISTORY, LONGEST, STEP = 86_400, 14_400, 100


def points(level: Callable[[float], float], start: int, end: int, seed: int = 1) -> Series:
    source = random.Random(f"{start}/{seed}")
    return series_of(
        (NOON + timedelta(seconds=at), level(at) * (1 + source.gauss(0, 0.05))) for at in range(start, end, STEP)
    )


def trial_of(level: Callable[[float], float], seed: int = 1, no_gain_seconds: float = 0.0) -> Trial:
    calm = {ERRORS: 0.01, LATENCY: 0.2, LOAD: 50.0}
    return replace(
        a_trial(),
        plan=a_plan(longest_seconds=LONGEST, history_seconds=HISTORY, no_gain_seconds=no_gain_seconds),
        baseline={key: window(mean, -HISTORY, -60) for key, mean in calm.items()}
        | {WAIT: points(level, -HISTORY, -60, seed)},
        trial={key: window(mean, 0, LONGEST) for key, mean in calm.items()} | {WAIT: points(level, 0, LONGEST, seed)},
        elapsed_seconds=LONGEST,
    )


def rival_of(trial: Trial) -> str:
    window_of_all = AnalysisWindow(trial=trial, seen_seconds=LONGEST)
    return broke_elsewhere(contrast(window_of_all, WAIT), trial.plan.no_gain_seconds)


@pytest.mark.parametrize("seed", range(4))
def test_a_gain_that_comes_with_the_change_has_no_rival(seed: int) -> None:
    assert not rival_of(trial_of(lambda at: 0.1 if at < 0 else 0.06, seed))


@pytest.mark.parametrize("seed", range(4))
def test_a_gain_that_begins_within_its_time_is_the_changes(seed: int) -> None:
    late = trial_of(lambda at: 0.1 if at < 3600 else 0.06, seed, no_gain_seconds=7200)
    assert not rival_of(late)
    assert "after the change than with it" in rival_of(replace(late, plan=replace(late.plan, no_gain_seconds=0)))


@pytest.mark.parametrize("seed", range(4))
def test_what_fell_hours_before_the_change_is_not_its_doing(seed: int) -> None:
    assert "before the change than with it" in rival_of(trial_of(lambda at: 0.1 if at < -7200 else 0.06, seed))


@pytest.mark.parametrize("seed", range(4))
def test_a_drift_breaks_in_the_midst_of_it(seed: int) -> None:
    drift = trial_of(lambda at: 0.1 * 0.5 ** (at / HISTORY), seed)
    assert rival_of(drift)
    assert judge(drift).outcome is not Outcome.KEEP


def test_a_control_shows_what_time_does_and_no_rival_is_asked_for() -> None:
    """A deploy two hours before made all of them better; since the change those on trial are better still."""
    made = trial_of(lambda at: 0.1 if at < -7200 else 0.06 if at < 0 else 0.042)
    beside = trial_of(lambda at: 0.1 if at < -7200 else 0.06, seed=2)
    verdict = judge(replace(made, control=Control(baseline=beside.baseline, trial=beside.trial)))
    assert verdict.outcome is Outcome.KEEP
