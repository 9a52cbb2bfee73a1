"""A kept change, looked at again: what lasts stays, what fades or harms late is taken back, no data changes nothing."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from advisor.engine.judge.probation import looks_made, stretches_at, watched
from advisor.engine.judge.trial import Trial, Windows
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Series, SignalKey, series_of
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.settings.trial import TrialSettings
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan

HOUR = 3600.0
DAY, LONGEST, FIRST = 24 * HOUR, 12 * HOUR, 900.0
PLAN = a_plan(
    warm_up_seconds=120, baseline_seconds=HOUR, trial_seconds=FIRST, longest_seconds=LONGEST, history_seconds=DAY
)
LEVELS = {WAIT: 0.1, ERRORS: 0.01, LATENCY: 0.2, LOAD: 50.0}

Course = Callable[[float], float]
"""The factor on a level, by the second of the trial."""


def series(signal: SignalKey, start: float, end: float, course: Course, seed: int) -> Series:
    """A point a minute with independent noise of a tenth."""
    source = random.Random(f"{signal}/{start}/{seed}")
    return series_of(
        (NOON + timedelta(seconds=at), LEVELS[signal] * course(at) * max(1 + source.gauss(0, 0.1), 0.0))
        for at in range(int(start), int(end), 60)
    )


def calm(_: float) -> float:
    return 1.0


def a_kept_change(seed: int = 1, *, baseline: Course = calm, **courses: Course) -> Trial:
    """A day before noon, twelve hours since; a gain of a tenth is wanted."""
    names = {"wait": WAIT, "errors": ERRORS, "latency": LATENCY, "load": LOAD}
    since: dict[SignalKey, Course] = {names[name]: course for name, course in courses.items()}
    before: Windows = {key: series(key, -DAY, -120, baseline, seed) for key in LEVELS}
    after: Windows = {key: series(key, 0, LONGEST, since.get(key, calm), seed) for key in LEVELS}
    return Trial(
        goal=Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.1),
        plan=PLAN,
        settings=TrialSettings(),
        baseline=before,
        trial=after,
        began_at=NOON,
        elapsed_seconds=0,
    )


def at(trial: Trial, seconds: float) -> Verdict:
    """What is said after so many seconds, with what is measured by then."""
    end = NOON + timedelta(seconds=seconds)
    seen = {
        key: replace(one, samples=tuple(sample for sample in one.samples if sample.at < end))
        for key, one in trial.trial.items()
    }
    return watched(replace(trial, trial=seen, elapsed_seconds=seconds))


def first_end(trial: Trial, step: float = FIRST) -> tuple[float, Verdict]:
    """When the probation ends, of looks one first window apart."""
    seconds = step
    while (verdict := at(trial, seconds)).outcome is Outcome.EXTEND:
        seconds += step
    return seconds, verdict


def lasting(_: float) -> float:
    return 0.8


@pytest.mark.parametrize("seed", range(4))
def test_a_gain_that_lasts_is_kept_when_the_longest_window_is_over(seed: int) -> None:
    seconds, verdict = first_end(a_kept_change(seed, wait=lasting))
    assert (seconds, verdict.outcome, verdict.reason) == (LONGEST, Outcome.KEEP, VerdictReason.GAIN_PROVEN)
    assert "the gain lasts" in verdict.explanation


def test_a_gain_that_lasts_over_a_day_with_hours_is_kept() -> None:
    """Waits rise and fall by a fifth with the time of day; the same hours of earlier days are on record."""

    def hours(seconds: float) -> float:
        return 1 + 0.2 * math.sin(2 * math.pi * seconds / DAY)

    trial = a_kept_change(1, baseline=hours, wait=lambda at: 0.8 * hours(at))
    usual = {key: series(key, -DAY, LONGEST, hours, 8) for key in LEVELS}
    calm_rails = {key: series(key, 0, LONGEST, hours, 1) for key in (ERRORS, LATENCY, LOAD)}
    trial = replace(trial, usual=usual, trial={**trial.trial, **calm_rails})
    assert first_end(trial)[1].outcome is Outcome.KEEP


@pytest.mark.parametrize("half_life", [0.5 * HOUR, 1 * HOUR, 1.5 * HOUR])
def test_a_gain_that_fades_within_hours_is_taken_back(half_life: float) -> None:
    """After five half-lives less than a hundredth is left of a gain of 20%."""
    trial = a_kept_change(wait=lambda at: 1 - 0.2 * 0.5 ** (at / half_life))
    seconds, verdict = first_end(trial)
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.GAIN_GONE)
    assert "the gain is gone" in verdict.explanation
    assert verdict.evidence[0].role == "goal"
    assert seconds >= half_life  # half of it was there until then


def test_a_gain_that_fades_to_a_half_of_what_was_wanted_is_taken_back() -> None:
    trial = a_kept_change(wait=lambda at: 0.8 if at < 2 * HOUR else 0.96)
    assert first_end(trial)[1].reason is VerdictReason.GAIN_GONE


def test_harm_that_comes_late_is_seen_within_the_hour() -> None:
    trial = a_kept_change(wait=lasting, latency=lambda at: 1.0 if at < 6 * HOUR else 1.6)
    seconds, verdict = first_end(trial)
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED)
    assert 6 * HOUR < seconds <= 7 * HOUR
    assert "http.p95_seconds" in verdict.explanation


def test_harm_that_leaks_on_is_taken_back_before_it_has_doubled() -> None:
    """Latency rises by a tenth an hour: 10% are allowed, and at 12 h it would be 2.2 times as high."""
    trial = a_kept_change(wait=lasting, latency=lambda at: 1 + 0.1 * at / HOUR)
    seconds, verdict = first_end(trial)
    assert verdict.reason is VerdictReason.GUARDRAIL_HARMED
    assert seconds < 10 * HOUR


def test_errors_that_come_late_are_seen_within_the_hour() -> None:
    """One request in a hundred fails, then one in twenty; of 50 per second that is 180,000 an hour."""
    trial = a_kept_change(wait=lasting, errors=lambda at: 1.0 if at < 6 * HOUR else 5.0)
    seconds, verdict = first_end(trial)
    assert verdict.reason is VerdictReason.GUARDRAIL_HARMED
    assert 6 * HOUR < seconds <= 7 * HOUR


@pytest.mark.parametrize("dear", [{"undo_is_dear": True}, {"leaving_is_cheap": True}])
def test_where_undo_is_dear_a_gain_that_is_gone_is_left_to_a_person_and_harm_is_not(dear: dict[str, Any]) -> None:
    faded = replace(a_kept_change(wait=lambda at: 0.8 if at < 2 * HOUR else 1.0), **dear)
    verdict = first_end(faded)[1]
    assert (verdict.outcome, verdict.reason) == (Outcome.HOLD, VerdictReason.GAIN_GONE)
    harmful = replace(a_kept_change(wait=lasting, latency=lambda at: 1.0 if at < 6 * HOUR else 1.6), **dear)
    assert first_end(harmful)[1].outcome is Outcome.ROLL_BACK


def test_an_alarm_takes_it_back_at_once() -> None:
    verdict = at(replace(a_kept_change(wait=lasting), alarms=("instances are gone",)), 5 * HOUR)
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.STOPPED)


def test_without_data_nothing_is_taken_back_and_nothing_is_said_to_last() -> None:
    blind = dict.fromkeys(LEVELS, Series(problem="Prometheus does not answer"))
    seconds, verdict = first_end(replace(a_kept_change(wait=lasting), trial=blind))
    assert (seconds, verdict.outcome, verdict.reason) == (LONGEST, Outcome.KEEP, VerdictReason.NOT_ENOUGH_DATA)
    assert "Prometheus does not answer" in verdict.explanation


def test_between_two_looks_the_answer_stays() -> None:
    trial = a_kept_change(wait=lambda at: 0.8 if at < 2 * HOUR else 1.0)
    gone = first_end(trial)[0]
    assert at(trial, gone + 1) == at(trial, gone + FIRST - 1)
    assert looks_made(PLAN, gone + 1) == looks_made(PLAN, gone + FIRST - 1) == looks_made(PLAN, gone)


def test_a_look_is_due_once_a_window_and_once_at_the_end() -> None:
    """12 h hold 48 windows of 15 min, the last of which ends with the probation."""
    assert [looks_made(PLAN, seconds) for seconds in (0, 899, 900, 1800, LONGEST - 1)] == [0, 0, 1, 2, 47]
    assert looks_made(PLAN, LONGEST) == looks_made(PLAN, 3 * LONGEST) == 49


def test_the_long_looks_share_no_point_and_leave_none_out() -> None:
    """After the first window of 900 s they end at 1350 s, 2025 s, ... and at 12 h."""
    ends = [1350.0 * 1.5**number for number in range(8)] + [LONGEST]
    stretches = [stretches_at(PLAN, end)[-1] for end in ends]
    assert [one.end for one in stretches] == ends
    assert stretches[0].start == FIRST
    assert all(one.end == other.start for one, other in pairwise(stretches))
    assert sum(one.gain_chance for one in stretches) == pytest.approx(0.002)
