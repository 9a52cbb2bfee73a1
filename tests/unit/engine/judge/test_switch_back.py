"""A trial in which the old value comes back: what follows the knob is kept, and what goes its own way is not."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.judge.analysis_window import AnalysisWindow
from advisor.engine.judge.failures import count_failures
from advisor.engine.judge.judge import judge
from advisor.engine.judge.switch_back import compared, with_new_value, withheld
from advisor.engine.judge.trial import Period, Trial
from advisor.model.course import SwitchBack
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Series, SignalKey, series_of
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.settings.trial import TrialSettings
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
WARM_UP = 120.0
PLAN = a_plan(
    warm_up_seconds=WARM_UP, baseline_seconds=HOUR, trial_seconds=900, longest_seconds=12 * HOUR, history_seconds=DAY
)
SETTINGS = TrialSettings()
LEVELS = {WAIT: 0.1, ERRORS: 0.01, LATENCY: 0.2, LOAD: 50.0}
SEEN = 3 * HOUR

Course = Callable[[float], float]
"""The factor on the wait, by the second of the trial."""


def the_periods(change: str, seen: float = SEEN) -> tuple[Period, ...]:
    """On, off, on, ... as they are drawn for a change of this id, the first without its warm-up."""
    times = SwitchBack(periods=5, shortest_seconds=600, longest_seconds=1800)
    found, at, number = [], 0.0, 0
    while at < seen:
        end = min(at + times.drawn_seconds(change, number), seen)
        found.append(
            Period(is_on=number % 2 == 0, start=NOON + timedelta(seconds=at), end=NOON + timedelta(seconds=end))
        )
        at, number = end + WARM_UP, number + 1
    return tuple(found)


def is_on(periods: tuple[Period, ...], seconds: float) -> bool:
    """Moves act at once; what follows is the warm-up's."""
    at = NOON + timedelta(seconds=seconds)
    begun = [period for period in periods if period.start - timedelta(seconds=WARM_UP) <= at]
    return bool(begun) and begun[-1].is_on


def a_trial(world: Course, effect: float = 1.0, change: str = "chg_1", noise: float = 0.1) -> Trial:
    """Points every 20 s, a day before noon and three hours since. effect: the factor on the wait with the new value."""
    source, periods = random.Random(change), the_periods(change)

    def series(key: SignalKey, start: float, end: float, course: Course) -> Series:
        return series_of(
            (NOON + timedelta(seconds=at), LEVELS[key] * course(at) * max(1 + source.gauss(0, noise), 0.0))
            for at in range(int(start), int(end), 20)
        )

    def calm(_: float) -> float:
        return 1.0

    def with_effect(at: float) -> float:
        return world(at) * (effect if is_on(periods, at) else 1.0)

    courses: dict[SignalKey, Course] = dict.fromkeys(LEVELS, calm)
    return Trial(
        goal=Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.1),
        plan=PLAN,
        settings=SETTINGS,
        baseline={key: series(key, -DAY, -WARM_UP, {**courses, WAIT: world}[key]) for key in LEVELS},
        trial={key: series(key, 0, SEEN, {**courses, WAIT: with_effect}[key]) for key in LEVELS},
        began_at=NOON,
        elapsed_seconds=SEEN,
        periods=periods,
    )


def steady(_: float) -> float:
    return 1.0


def an_incident(at: float) -> float:
    """It began an hour and a half ago, and ends five minutes after the change, by itself."""
    return 1.6 if -1.5 * HOUR < at < 5 * MINUTE else 1.0


def a_deploy(at: float) -> float:
    """Somebody else's, forty minutes into the trial."""
    return 0.7 if at > 40 * MINUTE else 1.0


def a_drift(at: float) -> float:
    return 1 - 0.1 * max(at + HOUR, 0) / HOUR


WORLDS = {"steady": steady, "incident": an_incident, "deploy": a_deploy, "drift": a_drift}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("change", ["chg_1", "chg_2", "chg_3"])
def test_a_gain_of_a_fifth_that_follows_the_knob_is_kept_whatever_else_goes_on(world: str, change: str) -> None:
    trial = a_trial(WORLDS[world], effect=0.8, change=change)
    verdict = judge(trial)
    assert (verdict.outcome, verdict.reason) == (Outcome.KEEP, VerdictReason.GAIN_PROVEN), verdict.explanation
    assert verdict.evidence[0].ratio == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("world", ["incident", "deploy", "drift"])
@pytest.mark.parametrize("change", ["chg_1", "chg_2", "chg_3"])
def test_what_gets_better_by_itself_is_not_kept(world: str, change: str) -> None:
    trial = a_trial(WORLDS[world], change=change)
    assert judge(trial).outcome is not Outcome.KEEP
    alone = judge(replace(trial, periods=()))
    if world == "drift":
        assert alone.outcome is Outcome.KEEP
    if world == "deploy":
        assert alone.reason is VerdictReason.UNTELLABLE
        assert "after the change than with it" in alone.explanation


def test_a_harm_that_follows_the_knob_ends_the_trial() -> None:
    trial = a_trial(steady, effect=0.8)
    periods = trial.periods
    harmed = series_of(
        (one.at, one.value * (1.4 if is_on(periods, (one.at - NOON).total_seconds()) else 1.0))
        for one in trial.trial[LATENCY].samples
    )
    verdict = judge(replace(trial, trial={**trial.trial, LATENCY: harmed}))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED)


def test_before_the_old_value_was_back_it_is_compared_with_the_time_before() -> None:
    trial = a_trial(steady, effect=0.8)
    first = replace(trial, periods=trial.periods[:1], elapsed_seconds=900)
    plain = replace(first, periods=())
    window, other = (AnalysisWindow(trial=one, seen_seconds=600) for one in (first, plain))
    assert compared(window, WAIT).ratio == pytest.approx(compared(other, WAIT).ratio, rel=1e-9)


def test_only_what_was_served_with_the_new_value_counts_as_failed() -> None:
    """Every request fails while the old value is back; none of that is the new one's doing."""
    trial = a_trial(steady)
    failing = series_of(
        (one.at, 0.01 if is_on(trial.periods, (one.at - NOON).total_seconds()) else 1.0)
        for one in trial.trial[ERRORS].samples
    )
    found = count_failures(replace(trial, trial={**trial.trial, ERRORS: failing}), ERRORS)
    assert found.after == pytest.approx(0.01)


def test_the_points_of_the_warm_ups_are_left_out() -> None:
    trial = a_trial(steady)
    kept = with_new_value(trial).trial[WAIT].samples
    assert all(any(one.is_on and one.start <= each.at < one.end for one in trial.periods) for each in kept)
    whole = with_new_value(replace(trial, periods=()))
    assert whole.trial[WAIT] == trial.trial[WAIT]


PROVEN = Verdict(outcome=Outcome.KEEP, reason=VerdictReason.GAIN_PROVEN, explanation="better")
NO_GAIN = Verdict(outcome=Outcome.ROLL_BACK, reason=VerdictReason.NO_GAIN, explanation="not better")
HARMED = Verdict(outcome=Outcome.ROLL_BACK, reason=VerdictReason.GUARDRAIL_HARMED, explanation="worse")


def test_nothing_but_harm_ends_the_trial_before_enough_periods_were_seen() -> None:
    trial = a_trial(steady)
    early = {verdict: withheld(verdict, trial, 1800, needed=5) for verdict in (PROVEN, NO_GAIN, HARMED)}
    assert [early[one].outcome for one in early] == [Outcome.EXTEND, Outcome.EXTEND, Outcome.ROLL_BACK]
    assert "of 5 periods were seen" in early[PROVEN].explanation
    assert withheld(PROVEN, trial, SEEN, needed=5) == PROVEN


def test_at_the_end_what_was_not_switched_often_enough_goes_back() -> None:
    trial = a_trial(steady)
    few = replace(trial, periods=trial.periods[:2])
    last = withheld(PROVEN, few, PLAN.longest_seconds, needed=5)
    assert (last.outcome, last.reason) == (Outcome.ROLL_BACK, VerdictReason.UNDECIDED)
    assert withheld(NO_GAIN, few, PLAN.longest_seconds, needed=5) == NO_GAIN
