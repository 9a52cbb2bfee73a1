"""Whatever the points are, the judge answers: nothing is divided by zero, and no logarithm of nothing is taken."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from advisor.engine.judge.judge import judge
from advisor.engine.judge.probation import watched
from advisor.engine.judge.readiness import Past, lacking
from advisor.engine.judge.trial import Control, Trial, Windows
from advisor.model.course import Period
from advisor.model.signal import Series, SignalKey, series_of, signal
from advisor.model.verdict import Outcome
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan, a_proposal
from tests.fakes.trials import a_trial

DAY, STEP, LONGEST = 18_000, 150, 3_600
BOUNDS = tuple(signal("http.within_ratio", app="shop", le=le) for le in ("0.1", "0.25", "0.5", "1"))


def _rarely(source: random.Random, at: int) -> float:
    return source.expovariate(1.0) if source.random() < 0.1 else 0.0


SHAPES: dict[str, Callable[[random.Random, int], float]] = {
    "zero": lambda _source, _at: 0.0,
    "one": lambda _source, _at: 1.0,
    "noise": lambda source, _at: max(0.2 * (1 + source.gauss(0, 0.2)), 0.0),
    "rare": _rarely,
    "once": lambda _source, at: 1.0 if at in (-STEP * 90, STEP * 5) else 0.0,
    "gone": lambda source, at: source.random() if at < 0 else 0.0,
    "new": lambda source, at: source.random() if at >= 0 else 0.0,
    "tiny": lambda source, _at: 1e-300 * source.random(),
    "below zero": lambda source, _at: source.gauss(0, 1.0),
}


def of(shape: str, key: SignalKey, start: int, end: int, seed: str) -> Series:
    source = random.Random(f"{shape}/{key}/{start}/{seed}")
    return series_of((NOON + timedelta(seconds=at), SHAPES[shape](source, at)) for at in range(start, end, STEP))


def windows(shapes: dict[SignalKey, str], start: int, end: int, seed: str = "") -> Windows:
    return {key: of(shape, key, start, end, seed) for key, shape in shapes.items()}


def trial_of(shape: str, others: str, load: str) -> Trial:
    """Goal and errors are of one shape, latency and its histogram of another."""
    shapes = {WAIT: shape, ERRORS: shape, LATENCY: others, LOAD: load, **dict.fromkeys(BOUNDS, others)}
    errors, latency, throughput = a_plan().guardrails
    rails = (errors, replace(latency, within=BOUNDS), throughput)
    return replace(
        a_trial(),
        plan=a_plan(longest_seconds=LONGEST, history_seconds=DAY, guardrails=rails),
        baseline=windows(shapes, -DAY, -60),
        trial=windows(shapes, 0, LONGEST),
        elapsed_seconds=LONGEST,
    )


def beside(trial: Trial, shape: str) -> Trial:
    shapes = dict.fromkeys(trial.baseline, shape)
    control = Control(baseline=windows(shapes, -DAY, -60, "control"), trial=windows(shapes, 0, LONGEST, "control"))
    return replace(trial, control=control)


def with_days(trial: Trial, shape: str) -> Trial:
    shapes = dict.fromkeys(trial.baseline, shape)
    return replace(trial, usual=windows(shapes, -DAY, LONGEST, "usual"), older=windows(shapes, -4 * DAY, -DAY, "older"))


def switching(trial: Trial) -> Trial:
    edges = [NOON + timedelta(seconds=at) for at in range(0, LONGEST + 1, LONGEST // 4)]
    return replace(
        trial,
        periods=tuple(
            Period(start=start, end=end, is_on=number % 2 == 0) for number, (start, end) in enumerate(pairwise(edges))
        ),
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("others", SHAPES)
def test_the_judge_answers_whatever_the_points_are(shape: str, others: str) -> None:
    plain = trial_of(shape, others, "noise")
    for trial in (plain, beside(plain, others), beside(plain, shape), with_days(plain, others), switching(plain)):
        verdict = judge(trial)
        assert verdict.outcome is not Outcome.EXTEND
        for one in verdict.evidence:
            assert not math.isinf(one.ratio)
    assert watched(plain).outcome in (Outcome.KEEP, Outcome.ROLL_BACK)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("load", SHAPES)
def test_the_judge_answers_whatever_the_load_is(shape: str, load: str) -> None:
    plain = trial_of("rare", shape, load)
    assert judge(plain).outcome is not Outcome.EXTEND
    assert judge(beside(plain, load)).outcome is not Outcome.EXTEND


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("control", [None, *SHAPES])
def test_a_past_is_weighed_whatever_its_points_are(shape: str, control: str | None) -> None:
    trial = trial_of(shape, shape, "noise")
    past = Past(
        at=NOON,
        baseline=trial.baseline,
        usual=windows(dict.fromkeys(trial.baseline, shape), -DAY, LONGEST, "usual"),
        control=windows(dict.fromkeys(trial.baseline, control), -DAY, -60, "control") if control else None,
    )
    assert isinstance(lacking(past, a_proposal(), trial.plan, trial.settings), str)
