"""What is told of a trial is what was measured, not what the judge made of it to compare it."""

import math
from dataclasses import replace

import pytest

from advisor.engine.judge.judge import judge
from advisor.model.effect import Effect, measured_effect
from advisor.model.proposal import Prediction
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.testing.words import WAIT
from tests.fakes.past import a_comparison, ended, kept
from tests.fakes.trials import a_trial, after, before, with_trial

WAITS = {**a_trial().baseline, WAIT: before(0.8)}
PROMISED = Prediction(signal=WAIT, unit="s", low=0.004, expected=0.008, high=0.012, model="erlang-c")


def test_a_fall_to_nothing_is_told_as_it_was_felt_and_not_as_a_hundredth() -> None:
    """No block is lower than a hundredth of the baseline's median, 0.8 s / 100; the callers waited 0.4 ms."""
    verdict = judge(with_trial(a_trial(baseline=WAITS, prediction=PROMISED), wait=after(0.0004)))
    assert verdict.reason is VerdictReason.GAIN_PROVEN
    assert verdict.explanation.endswith(" (judged: at most 1% of it)")
    goal = verdict.evidence[0]
    assert goal.is_at_floor
    assert goal.ratio == pytest.approx(0.01, rel=0.05)
    assert (goal.mean_before, goal.mean_after) == (pytest.approx(0.8, rel=0.05), pytest.approx(0.0004, rel=0.05))


def test_a_prediction_is_held_against_the_measured_value_so_that_the_floor_makes_none_true() -> None:
    """8 ms were promised, which is the floor of 0.8 s; 0.4 ms came."""
    verdict = judge(with_trial(a_trial(baseline=WAITS, prediction=PROMISED), wait=after(0.0004)))
    check = verdict.prediction
    assert check is not None
    assert check.measured == pytest.approx(0.0004, rel=0.05)
    assert not check.is_covered
    assert check.measured_low <= check.measured <= check.measured_high


def test_an_ordinary_gain_is_told_by_its_means_alone() -> None:
    verdict = judge(a_trial())
    assert "judged" not in verdict.explanation
    goal = verdict.evidence[0]
    assert not goal.is_at_floor
    assert goal.mean_after / goal.mean_before == pytest.approx(goal.ratio, rel=0.05)


def test_a_former_record_that_holds_the_floor_counts_as_not_measured() -> None:
    """0.8102 to 0.008102 is exactly a hundredth, whatever the callers felt."""
    old = replace(a_comparison(0.8102, 0.008102), mean_before=math.nan, mean_after=math.nan)
    verdict = Verdict(outcome=Outcome.KEEP, reason=VerdictReason.GAIN_PROVEN, explanation="", evidence=(old,))
    assert measured_effect(replace(kept(), verdict=verdict)) is None
    other = replace(old, after=0.4, ratio=0.4 / 0.8102)
    found = measured_effect(ended(kept().state, verdict=replace(verdict, evidence=(other,))))
    assert found == Effect(before=0.8102, after=0.4)
