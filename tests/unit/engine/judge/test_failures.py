"""Requests that fail, counted: at any time, in clumps, and at the load at which they fail."""

import math
from dataclasses import replace

from advisor.engine.judge.judge import judge
from advisor.model.signal import Series, series_of
from advisor.model.verdict import Outcome, VerdictReason
from advisor.testing.words import ERRORS, LOAD, NOON, WAIT, a_plan
from tests.fakes.trials import (
    CALM_BEFORE,
    a_trial,
    after,
    before,
    with_trial,
)


def test_errors_are_counted_and_end_a_trial_in_any_cycle() -> None:
    """50/s at 1%, and 1% + 0.5 points allowed: 5% of the 3,000 requests of a minute are 150 where 45 are the most."""
    verdict = judge(replace(with_trial(a_trial(), errors=after(0.05)), elapsed_seconds=60))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED)
    assert "is harm" in verdict.explanation


def test_a_rise_of_few_errors_within_the_slack_is_no_harm() -> None:
    """0.1% to 0.3% is three times as much, and 0.2 points are less than the half point of slack."""
    trial = a_trial(baseline={**a_trial().baseline, ERRORS: before(0.001)})
    assert judge(with_trial(trial, errors=after(0.003))).outcome is Outcome.KEEP


def test_errors_that_come_in_clumps_prove_less() -> None:
    """Every tenth minute of the past had 10% errors: one such minute in the trial is nothing new."""
    spiky = [(s.at, 0.1 if (s.at.minute % 10 == 0) else 0.0) for s in before(0.01).samples]
    trial = a_trial(baseline={**a_trial().baseline, ERRORS: series_of(spiky)})
    minute = [(s.at, 0.1 if s.at.minute == 0 else 0.0) for s in after(0.01).samples]
    assert judge(replace(with_trial(trial, errors=series_of(minute)), elapsed_seconds=60)).outcome is Outcome.EXTEND
    calm = a_trial(baseline={**a_trial().baseline, ERRORS: before(0.01)})
    verdict = judge(replace(with_trial(calm, errors=series_of(minute)), elapsed_seconds=60))
    assert verdict.reason is VerdictReason.GUARDRAIL_HARMED


def test_errors_of_busy_hours_that_are_gone_are_no_harm_that_may_have_been() -> None:
    """Above 55/s a third of the requests failed, and none does in the trial: the load explains when, not chance."""

    def swing(series: Series) -> Series:
        return series_of((s.at, 50 + 20 * math.sin((s.at - NOON).total_seconds() / 95)) for s in series.samples)

    loads = swing(before(1))
    failing = series_of((s.at, 0.3 if s.value > 55 else 0.0) for s in loads.samples)
    plan = a_plan(guardrails=a_plan().guardrails[:2])
    busy = a_trial(plan=plan, baseline={**CALM_BEFORE, WAIT: before(0.1), LOAD: loads, ERRORS: failing})
    gone = series_of((s.at, 0.0) for s in after(1).samples)
    verdict = judge(replace(with_trial(busy, load=swing(after(1)), errors=gone), elapsed_seconds=1800))
    assert verdict.outcome is Outcome.KEEP


def test_too_few_requests_are_not_enough() -> None:
    """0.2/s are 120 in 600 s and 360 in 1800 s: 200 are needed."""
    quiet = a_trial(baseline={**a_trial().baseline, LOAD: before(0.2)})
    quiet = with_trial(quiet, load=after(0.2))
    verdict = judge(quiet)
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.NOT_ENOUGH_DATA)
    assert "120 requests were served" in verdict.explanation or "119 requests were served" in verdict.explanation
