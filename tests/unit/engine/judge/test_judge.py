"""The judge keeps proven gains only; anything missing, unclear or harmful goes back."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.engine.judge.history import thinned
from advisor.engine.judge.judge import judge
from advisor.engine.judge.trial import Control
from advisor.model.proposal import Better, Goal, Prediction
from advisor.model.signal import Series, SignalKey, series_of
from advisor.model.verdict import Outcome, VerdictReason
from advisor.stats.looks import looks
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan
from tests.fakes.trials import (
    BEFORE,
    CALM_AFTER,
    CALM_BEFORE,
    LONGEST,
    STEP_SECONDS,
    a_trial,
    after,
    before,
    with_trial,
)


def test_a_proven_gain_with_calm_guardrails_is_kept() -> None:
    verdict = judge(a_trial())
    assert (verdict.outcome, verdict.reason) == (Outcome.KEEP, VerdictReason.GAIN_PROVEN)
    goal = verdict.evidence[0]
    assert goal.role == "goal"
    assert goal.ratio == pytest.approx(0.2, rel=0.1)  # 20 ms / 100 ms
    assert goal.ratio_low < goal.ratio < goal.ratio_high < 1
    assert goal.deviations < -10  # ln(0.2) = -1.6, and blocks scatter by about 5% / sqrt(5 points)


def test_a_gain_is_not_kept_before_the_window_is_full() -> None:
    verdict = judge(a_trial(elapsed_seconds=599))
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.UNDECIDED)
    assert "the next look is in 1s" in verdict.explanation


def test_between_two_looks_the_answer_stays_however_often_it_is_asked_for() -> None:
    """What came in after the look at 600 s is not seen before the next one at 900 s."""
    worse_later = with_trial(a_trial(), wait=Series(samples=after(0.02).samples[:30] + after(9).samples[30:]))
    said = {judge(replace(worse_later, elapsed_seconds=seconds)).outcome for seconds in range(600, 900, 20)}
    assert said == {Outcome.KEEP}


def test_no_change_at_all_is_rolled_back() -> None:
    verdict = judge(with_trial(a_trial(), wait=after(0.1, seed=2)))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.NO_GAIN)


def test_a_gain_smaller_than_asked_for_is_rolled_back() -> None:
    verdict = judge(with_trial(a_trial(), wait=after(0.09)))  # a tenth better, 30% is asked for
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.NO_GAIN)


@pytest.mark.parametrize(("name", "harmed"), [("latency", after(0.4)), ("load", after(30))])
def test_harm_beyond_a_guardrail_goes_back_at_an_early_look_whatever_the_gain(name: str, harmed: Series) -> None:
    verdict = judge(replace(with_trial(a_trial(), **{name: harmed}), elapsed_seconds=300))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED)
    assert "worse is the most allowed" in verdict.explanation


def test_harm_that_is_not_ruled_out_keeps_a_gain_waiting() -> None:
    """p95 is as it was, but so noisy that 10% more cannot be excluded; the gain alone does not do."""
    noisy = a_trial(baseline={**a_trial().baseline, LATENCY: before(0.2, noise=0.5)})
    verdict = judge(with_trial(noisy, latency=after(0.2, noise=0.5)))
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.UNDECIDED)
    assert "harm to http.p95_seconds{app=shop} is not ruled out" in verdict.explanation


@pytest.mark.parametrize("signal", [WAIT, ERRORS, LATENCY, LOAD])
@pytest.mark.parametrize("elapsed", [600.0, 1800.0])
def test_no_data_is_never_a_gain(signal: SignalKey, elapsed: float) -> None:
    trial = a_trial(elapsed_seconds=elapsed)
    verdict = judge(replace(trial, trial={**trial.trial, signal: Series(problem="no such series")}))
    assert verdict.outcome is (Outcome.ROLL_BACK if elapsed == 1800 else Outcome.EXTEND)
    assert verdict.reason in (VerdictReason.NO_DATA, VerdictReason.NOT_ENOUGH_DATA)
    assert "no such series" in verdict.explanation


def test_a_window_with_gaps_is_no_evidence_even_if_its_points_look_good() -> None:
    gappy = replace(after(0.02), problem="12 of 30 points are missing")
    verdict = judge(with_trial(a_trial(), wait=gappy))
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.NOT_ENOUGH_DATA)


def test_few_independent_points_extend_and_then_go_back() -> None:
    """A wave of 40 minutes hardly moves within a trial of 30: its points are all the same one."""

    def wave(series: Series, mean: float) -> Series:
        turns = [(s.at, mean * (1 + 0.3 * math.sin((s.at - NOON).total_seconds() / 382))) for s in series.samples]
        return series_of(turns)

    slow = with_trial(a_trial(baseline={**a_trial().baseline, WAIT: wave(before(1), 0.1)}), wait=wave(after(1), 0.06))
    assert judge(slow).outcome is Outcome.EXTEND
    late = judge(replace(slow, elapsed_seconds=1800))
    assert late.outcome is Outcome.ROLL_BACK
    assert late.reason in (VerdictReason.NOT_ENOUGH_DATA, VerdictReason.UNDECIDED)


def test_a_load_that_was_never_seen_before_makes_the_windows_incomparable() -> None:
    """50/s to 90/s: waits that fell prove nothing."""
    verdict = judge(with_trial(a_trial(), load=after(90)))
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.LOAD_SHIFTED)


def test_what_a_lower_load_explains_is_no_gain() -> None:
    """The wait is the load / 500; the load swings between 30 and 70 before, and is low in the trial: 0.06 s."""

    def swing(at: float) -> float:
        return 50 + 20 * math.sin(at / 190) if at < 0 else 33 + 3 * math.sin(at / 190)

    def both(series: Series, of: Callable[[float], float]) -> Series:
        return series_of((s.at, s.value * of((s.at - NOON).total_seconds())) for s in series.samples)

    baseline = {**CALM_BEFORE, LOAD: both(before(1, noise=0.01), swing)}
    trial = {**CALM_AFTER, LOAD: both(after(1, noise=0.01), swing)}
    waits = {"b": both(before(1, seed=4), lambda at: swing(at) / 500), "t": both(after(1), lambda at: swing(at) / 500)}
    null = a_trial(
        goal=Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.1),
        baseline={**baseline, WAIT: waits["b"]},
        trial={**trial, WAIT: waits["t"]},
        elapsed_seconds=1800,
    )
    verdict = judge(null)
    assert verdict.outcome is Outcome.ROLL_BACK
    assert verdict.evidence[0].ratio == pytest.approx(1.0, abs=0.06)
    assert waits["t"].values[-1] < 0.08  # though a third lower than the 0.1 s before


def test_what_every_day_brings_at_this_hour_is_no_gain() -> None:
    """Waits fall by a third between noon and half past on every day, this one included."""

    def usual(at: float) -> float:
        return 0.1 * (1 - 0.33 / (1 + math.exp(-at / 120)))

    def shaped(series: Series) -> Series:
        return series_of((s.at, s.value * usual((s.at - NOON).total_seconds())) for s in series.samples)

    course = series_of(
        (NOON + timedelta(seconds=at), usual(at)) for at in range(int(BEFORE) - 60, int(LONGEST), STEP_SECONDS)
    )
    null = a_trial(
        goal=Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.1),
        baseline={**CALM_BEFORE, WAIT: shaped(before(1))},
        trial={**CALM_AFTER, WAIT: shaped(after(1))},
        elapsed_seconds=1800,
    )
    assert judge(null).outcome is Outcome.KEEP  # without earlier days nobody can know
    assert judge(replace(null, usual={WAIT: course})).outcome is Outcome.ROLL_BACK


def test_what_the_control_shows_as_well_is_no_gain() -> None:
    """Everything fell to a fifth at noon, with the new value and without it."""
    control = Control(baseline={WAIT: before(0.1, seed=8), **CALM_BEFORE}, trial={WAIT: after(0.02), **CALM_AFTER})
    verdict = judge(a_trial(control=control))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.NO_GAIN)
    idle = Control(baseline={WAIT: before(0.1, seed=8), **CALM_BEFORE}, trial={WAIT: after(0.1), **CALM_AFTER})
    assert judge(a_trial(control=idle)).outcome is Outcome.KEEP


def test_an_alarm_ends_it_at_once_without_statistics() -> None:
    verdict = judge(a_trial(alarms=("instances are gone",), elapsed_seconds=1))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.STOPPED)
    assert verdict.explanation == "instances are gone"


def test_a_gain_drowned_in_noise_is_extended_and_in_the_end_rolled_back() -> None:
    trial = a_trial(baseline={**a_trial().baseline, WAIT: before(0.1, noise=1.5)})
    noisy = with_trial(trial, wait=after(0.09, noise=1.5))
    assert judge(noisy).outcome is Outcome.EXTEND
    late = judge(replace(noisy, elapsed_seconds=1800))
    assert (late.outcome, late.reason) == (Outcome.ROLL_BACK, VerdictReason.UNDECIDED)
    held = judge(replace(noisy, elapsed_seconds=1800, undo_is_dear=True))
    assert (held.outcome, held.reason) == (Outcome.HOLD, VerdictReason.UNDECIDED)
    assert "a person decides" in held.explanation


def test_stalls_that_a_robust_mean_does_not_see_are_not_kept() -> None:
    """A point of p95 in every 140 s is twelve times as high since: one small block in five, cut away.

    Small blocks of 120 s / 6 = 20 s, so large ones of 1,800 s / 18 / 20 s = 5 of them.
    """
    stalls = series_of((s.at, s.value * (12 if i % 7 == 0 else 1)) for i, s in enumerate(after(0.2).samples))
    trial = a_trial(plan=a_plan(trial_seconds=120), elapsed_seconds=1800)
    assert judge(trial).outcome is Outcome.KEEP
    verdict = judge(with_trial(trial, latency=stalls))
    assert verdict.outcome is Outcome.ROLL_BACK
    assert "has bursts that make it" in verdict.explanation


def test_harm_that_comes_late_is_not_taken_for_stray_points() -> None:
    """p95 stands at 0.2 s with next to no noise, and at 0.5 s in the last three tenths of the trial: 1.3 times on the
    whole (2.5 ** 0.3), though the robust fit draws those points in.
    """

    def late(at: float) -> float:
        return 0.5 if at >= 0.7 * 1800 else 0.2

    points = series_of((s.at, late((s.at - NOON).total_seconds()) * s.value) for s in after(1, noise=0.01).samples)
    calm = a_trial(baseline={**a_trial().baseline, LATENCY: before(0.2, noise=0.01)}, elapsed_seconds=1800)
    verdict = judge(with_trial(calm, latency=points))
    assert verdict.outcome is Outcome.ROLL_BACK
    assert "p95" in verdict.explanation


def test_what_is_dear_to_undo_still_goes_back_when_it_harms() -> None:
    harmful = with_trial(a_trial(undo_is_dear=True, elapsed_seconds=300), latency=after(0.4))
    assert judge(harmful).outcome is Outcome.ROLL_BACK


def test_higher_can_be_better() -> None:
    hits = SignalKey(name="cache.hit_ratio")
    goal = Goal(signal=hits, better=Better.HIGHER, minimum_gain_ratio=0.1)
    rising = a_trial(goal=goal, baseline={**CALM_BEFORE, hits: before(0.3)}, trial={**CALM_AFTER, hits: after(0.8)})
    falling = a_trial(goal=goal, baseline={**CALM_BEFORE, hits: before(0.8)}, trial={**CALM_AFTER, hits: after(0.3)})
    assert judge(rising).outcome is Outcome.KEEP
    assert judge(falling).outcome is Outcome.ROLL_BACK


def test_a_wait_that_vanishes_altogether_is_a_gain_and_one_that_never_was_is_none() -> None:
    assert judge(with_trial(a_trial(), wait=after(0.0))).outcome is Outcome.KEEP
    never = a_trial(baseline={**a_trial().baseline, WAIT: before(0.0)})
    verdict = judge(with_trial(never, wait=after(0.0)))
    assert verdict.outcome is Outcome.EXTEND
    assert "the baseline is zero" in verdict.explanation


def test_numbers_of_a_window_without_data_are_not_numbers_not_zero() -> None:
    verdict = judge(replace(a_trial(), trial={}))
    assert all(math.isnan(metric.after) for metric in verdict.evidence)


def test_the_prediction_is_stored_beside_the_measurement() -> None:
    said = Prediction(signal=WAIT, unit="s", low=0.01, expected=0.015, high=0.03, model="erlang-c")
    check = judge(a_trial(prediction=said)).prediction
    assert check is not None
    assert check.is_covered
    assert (check.predicted, check.model) == (0.015, "erlang-c")
    assert check.measured == pytest.approx(0.02, rel=0.1)
    wrong = judge(a_trial(prediction=replace(said, low=0.001, high=0.002))).prediction
    assert wrong is not None
    assert not wrong.is_covered
    elsewhere = replace(said, signal=LATENCY)
    assert judge(a_trial(prediction=elsewhere)).prediction is None


def test_a_history_that_was_thinned_gives_the_same_verdict() -> None:
    trial = a_trial(elapsed_seconds=1800)
    end = NOON - timedelta(seconds=60)
    small = replace(trial, baseline={key: thinned(found, trial.plan, end) for key, found in trial.baseline.items()})
    assert len(small.baseline[WAIT].samples) == 36  # an hour in blocks of 100 s
    raw, thin = judge(trial), judge(small)
    assert (raw.outcome, raw.reason) == (thin.outcome, thin.reason)
    assert raw.evidence[0].ratio == pytest.approx(thin.evidence[0].ratio, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-3, 1e3), st.integers(0, 50))
def test_the_unit_of_a_metric_does_not_matter(factor: float, seed: int) -> None:
    """Seconds or milliseconds: the same verdict and the same ratio."""

    def scaled(series: Series) -> Series:
        return series_of((s.at, factor * s.value) for s in series.samples)

    trial = with_trial(a_trial(elapsed_seconds=1800), wait=after(0.08, noise=0.2, seed=seed))
    other = replace(
        trial,
        baseline={**trial.baseline, WAIT: scaled(trial.baseline[WAIT])},
        trial={**trial.trial, WAIT: scaled(trial.trial[WAIT])},
    )
    one, two = judge(trial), judge(other)
    assert (one.outcome, one.reason) == (two.outcome, two.reason)
    assert one.evidence[0].ratio == pytest.approx(two.evidence[0].ratio, rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 200))
def test_more_noise_widens_the_interval(seed: int) -> None:
    """Four times the noise around the same mean; the interval's width in the logarithm is what is compared."""

    def width(noise: float) -> float:
        calm = a_trial(baseline={**CALM_BEFORE, WAIT: before(0.1, noise=noise, seed=seed)}, elapsed_seconds=1800)
        goal = judge(with_trial(calm, wait=after(0.1, noise=noise, seed=seed))).evidence[0]
        return math.log(goal.ratio_high / goal.ratio_low)

    assert width(0.2) > width(0.05)


def test_a_null_change_under_autocorrelated_noise_is_kept_in_at_most_2_percent() -> None:
    """300 trials, AR(1) with phi 0.8 and 20% noise, each asked at every look as the daemon does."""
    source = random.Random(20260101)

    def walk(start: float, end: float) -> Series:
        level, points = source.gauss(0, 0.2), []
        for at in range(int(start), int(end), STEP_SECONDS):
            level = 0.8 * level + source.gauss(0, 0.2 * 0.6)
            points.append((NOON + timedelta(seconds=at), max(1 + level, 0.01)))
        return series_of(points)

    goal = Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.05)
    kept = 0
    for _ in range(300):
        null = a_trial(
            goal=goal, baseline={**CALM_BEFORE, WAIT: walk(BEFORE, -60)}, trial={**CALM_AFTER, WAIT: walk(0, LONGEST)}
        )
        outcomes = (judge(replace(null, elapsed_seconds=look.seconds)).outcome for look in looks(600, 1800))
        kept += next(outcome for outcome in outcomes if outcome is not Outcome.EXTEND) is Outcome.KEEP
    assert kept <= 6  # 2% of 300


def test_no_gain_is_not_said_before_one_could_have_begun() -> None:
    """The first window is full after 600 s; a gain may begin within 900 s."""
    waits = with_trial(a_trial(plan=a_plan(no_gain_seconds=900)), wait=after(0.1, seed=2))
    early, late = (judge(replace(waits, elapsed_seconds=seconds)) for seconds in (600, 900))
    assert (early.outcome, early.reason) == (Outcome.EXTEND, VerdictReason.UNDECIDED)
    assert "may still begin" in early.explanation
    assert (late.outcome, late.reason) == (Outcome.ROLL_BACK, VerdictReason.NO_GAIN)


def test_a_gain_that_begins_late_is_met() -> None:
    """Nothing for 600 s, then waits fall to a tenth; "no gain" after the first window would have ended it."""
    late = Series(samples=after(0.1, seed=2).samples[:30] + after(0.01).samples[30:])
    waits = with_trial(a_trial(plan=a_plan(no_gain_seconds=1800)), wait=late)
    assert judge(replace(waits, elapsed_seconds=600)).outcome is Outcome.EXTEND
    assert judge(replace(waits, elapsed_seconds=LONGEST)).outcome is Outcome.KEEP
