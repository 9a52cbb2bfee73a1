"""What the past did by itself: the judge keeps nothing that it cannot tell from that, and says so."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.judge.judge import judge
from advisor.engine.judge.trial import Control, Trial
from advisor.model.course import Mark, MarkKind, Period
from advisor.model.signal import Series, series_of
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan
from tests.fakes.trials import a_trial

HOUR, DAY = 3600, 86_400
STEP = 60
LONGEST = 7200


def course(level: Callable[[float], float], start: float, end: float, noise: float = 0.05, seed: int = 1) -> Series:
    """A point a minute; `level` by seconds after noon."""
    source = random.Random(f"{start}/{seed}")
    return series_of(
        (NOON + timedelta(seconds=at), level(at) * max(1 + source.gauss(0, noise), 0.1))
        for at in range(int(start), int(end), STEP)
    )


def trial_of(level: Callable[[float], float], *, days: float = 1.0) -> Trial:
    """Of a wait that runs as `level` says; all else is calm. A day is compared with, what lies before is older."""
    plain = a_trial()
    calm = {ERRORS: 0.01, LATENCY: 0.2, LOAD: 50.0}
    baseline = {key: course(lambda _, mean=mean: mean, -min(days, 1.0) * DAY, -60) for key, mean in calm.items()}
    late = {key: course(lambda _, mean=mean: mean, 0, LONGEST) for key, mean in calm.items()}
    return replace(
        plain,
        plan=a_plan(longest_seconds=LONGEST, history_seconds=DAY),
        baseline={**baseline, WAIT: course(level, -min(days, 1.0) * DAY, -60)},
        trial={**late, WAIT: course(level, 0, LONGEST)},
        older={WAIT: course(level, -days * DAY, -DAY)} if days > 1 else {},
    )


def played(trial: Trial) -> Verdict:
    """The first verdict that is not to wait, asked for at every look."""
    for seconds in range(600, LONGEST + 1, 300):
        verdict = judge(replace(trial, elapsed_seconds=seconds))
        if verdict.outcome is not Outcome.EXTEND:
            return verdict
    raise AssertionError("it never ended")


def falls_at_noon(at: float) -> float:
    """The change saves six tenths."""
    return 0.1 if at < -60 else 0.04


def incident(at: float) -> float:
    """Four hours before noon waits grew to two and a half times, and are as they were since shortly before it."""
    return 0.1 if -4 * HOUR <= at < -60 else 0.04


def deploy(at: float) -> float:
    """A release three quarters of an hour before the change made it so much better."""
    return 0.1 if at < -2700 else 0.04


def drift(at: float) -> float:
    """A third less every hour."""
    return 0.1 * math.exp(-0.4 * at / HOUR)


def test_a_gain_of_a_calm_past_is_kept_and_the_verdict_says_how_calm() -> None:
    """A day of blocks of ten minutes: 144, less those that eight looks before and one after need."""
    verdict = played(trial_of(falls_at_noon))
    assert (verdict.outcome, verdict.reason) == (Outcome.KEEP, VerdictReason.GAIN_PROVEN)
    assert verdict.placebo is not None
    assert verdict.placebo.dates > 100
    assert (verdict.placebo.as_large, verdict.placebo.rate) == (0, 0.0)
    assert verdict.placebo.largest < 0.2
    assert str(verdict.placebo).startswith("a step as large came by itself at 0 of ")


@pytest.mark.parametrize("world", [incident, deploy, drift])
def test_what_would_have_come_without_the_change_is_not_kept(world: Callable[[float], float]) -> None:
    verdict = played(trial_of(world))
    assert verdict.outcome is Outcome.ROLL_BACK
    assert verdict.reason in (VerdictReason.UNTELLABLE, VerdictReason.NO_GAIN, VerdictReason.NOT_ENOUGH_DATA)


def test_what_lies_before_a_known_release_is_not_the_past() -> None:
    """Ten minutes before the change, too short a time for a step to be told from the change's own."""

    def released(at: float) -> float:
        return 0.1 if at < -600 else 0.04

    mark = Mark(kind=MarkKind.RELEASE, at=NOON - timedelta(seconds=600), what="most processes began anew")
    verdict = played(replace(trial_of(released), marks=(mark,)))
    assert verdict.outcome is Outcome.ROLL_BACK
    goal = verdict.evidence[0]
    assert goal.ratio == pytest.approx(1.0, abs=0.15)


def test_where_nobody_can_tell_the_verdict_says_what_would() -> None:
    verdict = played(trial_of(deploy))
    assert verdict.reason is VerdictReason.UNTELLABLE
    assert "it had become 60% better shortly before the change already" in verdict.explanation
    assert "without a control nobody can tell, and nothing is kept by itself" in verdict.explanation
    assert "a canary or a switch back would tell" in verdict.explanation


def test_a_weekend_among_the_older_days_speaks_against_the_next_one() -> None:
    """Calm for a day; but six days before, waits fell as far for two days, and nobody had changed anything."""

    def weekend(at: float) -> float:
        return 0.04 if at >= -60 or -7 * DAY <= at < -5 * DAY else 0.1

    assert played(trial_of(weekend)).outcome is Outcome.KEEP  # of a single day nobody can know
    verdict = played(trial_of(weekend, days=8))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.UNTELLABLE)


def test_a_control_that_shows_the_same_needs_no_placebo_to_tell() -> None:
    trial = trial_of(incident)
    same = trial_of(incident)
    beside = replace(trial, control=Control(baseline=same.baseline, trial=same.trial))
    verdict = played(beside)
    assert verdict.outcome is Outcome.ROLL_BACK
    assert verdict.reason is not VerdictReason.UNTELLABLE


def test_a_gain_beside_a_control_is_kept_in_the_midst_of_an_incident_that_ends() -> None:
    def better(at: float) -> float:
        return incident(at) * (0.4 if at >= -60 else 1.0)

    same = trial_of(incident)
    trial = replace(trial_of(better), control=Control(baseline=same.baseline, trial=same.trial))
    assert played(trial).outcome is Outcome.KEEP


def test_where_the_old_value_came_back_the_past_is_not_asked() -> None:
    """On for 20 minutes, off for 20, and so on: the wait follows the knob, and the incident's end does not matter."""
    length = 1200
    periods = tuple(
        Period(
            is_on=number % 2 == 0,
            start=NOON + timedelta(seconds=number * length),
            end=NOON + timedelta(seconds=(number + 1) * length),
        )
        for number in range(6)
    )

    def follows(at: float) -> float:
        is_on = at >= -60 and int(max(at, 0) // length) % 2 == 0
        return incident(at) * (0.4 if is_on else 1.0)

    verdict = judge(replace(trial_of(follows), periods=periods, elapsed_seconds=LONGEST))
    assert verdict.outcome is Outcome.KEEP
    assert verdict.placebo is None


def test_without_a_past_on_record_it_is_judged_on_its_noise_alone_and_that_is_said() -> None:
    verdict = played(trial_of(falls_at_noon, days=0.02))
    assert verdict.placebo is not None
    assert verdict.placebo.dates == 0
    assert math.isnan(verdict.placebo.rate)
    assert "too little is on record" in str(verdict.placebo)
