"""Requests that fail, counted: at any time, in clumps, and at the load at which they fail."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.judge.failures import count_failures
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


def test_a_past_that_is_short_beside_the_longest_window_still_tells_whether_failures_come_in_a_row() -> None:
    """75 s before the change, every 3 s a point, as recorded of a pool too small: about 10 of 73 requests a second
    failed, and in the 80 s after it none did. Blocks of 1/24 of the longest window would be 6 in all."""
    failed = [14.0, 15.0, 14.8, 10.8, 9.0, 11.1, 13.0, 13.1, 15.3, 13.3, 10.5, 6.8]
    failed += [9.1, 10.1, 11.0, 10.5, 10.9, 7.9, 9.9, 13.3, 9.9, 9.1, 6.0, 10.2]

    def every_three_seconds(values: Sequence[float], start: float) -> Series:
        return series_of((NOON + timedelta(seconds=start + 3 * at), value) for at, value in enumerate(values))

    errors = {
        ERRORS: every_three_seconds([value / 73 for value in failed], -75),
        LOAD: every_three_seconds([73] * 25, -75),
    }
    none = {ERRORS: every_three_seconds([0.0] * 27, 0), LOAD: every_three_seconds([73] * 27, 0)}
    plan = a_plan(trial_seconds=40, longest_seconds=300, baseline_seconds=90, history_seconds=300)
    found = count_failures(a_trial(plan=plan, baseline=errors, trial=none, elapsed_seconds=80), ERRORS)
    assert found.before == pytest.approx(0.15, abs=0.01)
    assert found.after == 0
    assert found.is_harmless(plan.guardrails[0], alpha=0.05)


def test_too_few_requests_are_not_enough() -> None:
    """0.2/s are 120 in 600 s and 360 in 1800 s: 200 are needed."""
    quiet = a_trial(baseline={**a_trial().baseline, LOAD: before(0.2)})
    quiet = with_trial(quiet, load=after(0.2))
    verdict = judge(quiet)
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.NOT_ENOUGH_DATA)
    assert "120 requests were served" in verdict.explanation or "119 requests were served" in verdict.explanation


def test_failures_that_were_many_all_the_time_and_are_gone_are_no_harm_that_may_have_been() -> None:
    """From 10% to 20% and back within the hour before: one clump, as far as counts tell. It has certainly fallen."""
    hour = [(s.at, 0.15 + 0.05 * math.sin((s.at - NOON).total_seconds() / 573)) for s in before(1).samples]
    trial = a_trial(baseline={**a_trial().baseline, ERRORS: series_of(hour)})
    trial = with_trial(trial, errors=series_of((s.at, 0.0) for s in after(1).samples))
    assert not count_failures(trial, ERRORS).is_harmless(trial.plan.guardrails[0], alpha=0.05)
    assert judge(trial).outcome is Outcome.KEEP


def test_a_share_that_is_mostly_nothing_and_more_on_the_whole_has_not_fallen() -> None:
    """Before 0.35% to 0.65%, up and down within the hour. Then nothing fails, but half of all do for 20 s in 1800."""
    hour = [(s.at, 0.005 * (1 + 0.3 * math.sin((s.at - NOON).total_seconds() / 573))) for s in before(1).samples]
    trial = a_trial(baseline={**a_trial().baseline, ERRORS: series_of(hour)})
    burst = [(s.at, 0.5 if (s.at - NOON).total_seconds() == 300 else 0.0) for s in after(1).samples]
    trial = replace(with_trial(trial, errors=series_of(burst)), elapsed_seconds=1800)
    assert judge(trial).outcome is not Outcome.KEEP
