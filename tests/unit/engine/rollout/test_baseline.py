"""The usual day is one of the value that is now in force: no earlier value and no earlier trial may stand in for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from advisor.engine.rollout.baseline import Background, read_background
from advisor.model.change import ChangeRecord, Phase, State
from advisor.model.knob import KnobTarget, knob_target
from advisor.model.signal import Series
from advisor.testing.words import NOON, WAIT, a_change, a_plan, a_proposal
from tests.fakes.harness import TRIAL, RolloutHarness
from tests.fakes.past import ended

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
POOL = knob_target("db.pool_size", app="shop")
TTL = knob_target("cache.l2.ttl", app="shop")


def background(course: Callable[[datetime], float], *journal: ChangeRecord, history_seconds: float = 0.0) -> Background:
    """What a change at noon is compared with, of a wait that runs as `course` says, with three days on record."""
    harness = RolloutHarness(trial=TRIAL.model_copy(update={"earlier_days": (1, 2, 3)}))
    for number, record in enumerate(journal):
        harness.journal.add(replace(record, id=f"chg_{number}", version=0))
    harness.samples.functions = {WAIT: course}
    record = a_change(State.APPROVED, id="chg_now", plan=a_plan(guardrails=(), history_seconds=history_seconds))
    baseline = harness.rollout.read(record, NOON - HOUR, NOON)
    return read_background(record, baseline, None, harness.rollout)


def usual_wait(course: Callable[[datetime], float], *journal: ChangeRecord) -> Series | None:
    """What the hour around noon was like on the three days before."""
    found = background(course, *journal).usual
    return next((window.series for window in found if window.signal == WAIT), None)


def a_past_change(state: State, began_at: datetime, ended_at: datetime, target: KnobTarget = POOL) -> ChangeRecord:
    record = ended(state, proposal=a_proposal(target=target), seconds_ago=(NOON - ended_at).total_seconds())
    return replace(record, applying_since=began_at, trial_since=began_at)


def levels(series: Series | None) -> set[float]:
    assert series is not None
    return {round(value, 6) for value in series.values}


def test_every_day_on_record_counts_while_nothing_was_changed() -> None:
    assert levels(usual_wait(lambda at: 0.1)) == {0.1}


def test_days_before_the_last_kept_value_of_this_knob_do_not_count() -> None:
    """A wait of 400 ms until a larger pool was kept at midnight a day and a half ago; 100 ms since."""
    change = NOON - 1.5 * DAY
    kept = a_past_change(State.KEPT, change, change + HOUR)
    assert levels(usual_wait(lambda at: 0.1 if at >= change else 0.4, kept)) == {0.1}


def test_no_day_counts_when_the_value_in_force_is_younger_than_one() -> None:
    change = NOON - 0.5 * DAY
    kept = a_past_change(State.KEPT, change, change + HOUR)
    assert usual_wait(lambda at: 0.1 if at >= change else 0.4, kept) is None


def test_a_day_with_a_trial_that_was_rolled_back_does_not_count() -> None:
    """Yesterday from ten to twelve another value stood; the two days before were as today."""
    begun, over = NOON - DAY - 2 * HOUR, NOON - DAY
    tried = a_past_change(State.ROLLED_BACK, begun, over)
    assert levels(usual_wait(lambda at: 0.9 if begun <= at < over else 0.1, tried)) == {0.1}


def test_a_canary_counts_from_its_first_stage_on() -> None:
    """All took the value for an hour yesterday evening; some had it since the morning, when the day was judged on."""
    morning, evening = NOON - DAY - 2 * HOUR, NOON - DAY + 6 * HOUR
    tried = a_past_change(State.ROLLED_BACK, evening, evening + HOUR)
    staged = replace(tried, phases=(Phase(state=State.APPLYING, at=morning, reason="canary"), *tried.phases))
    assert levels(usual_wait(lambda at: 0.9 if morning <= at < evening + HOUR else 0.1, staged)) == {0.1}


def test_what_somebody_else_set_begins_a_new_time_too() -> None:
    change = NOON - 1.5 * DAY
    overwritten = a_past_change(State.SUPERSEDED, change - HOUR, change)
    assert levels(usual_wait(lambda at: 0.1 if at >= change else 0.4, overwritten)) == {0.1}


def test_of_another_knob_only_the_day_of_its_change_is_left_out() -> None:
    """It halved the wait yesterday at noon, for good: a step in that day, and none within each day before."""
    change = NOON - DAY
    other = a_past_change(State.KEPT, change, change + HOUR, TTL)
    assert levels(usual_wait(lambda at: 0.1 if at >= change else 0.2, other)) == {0.2}


def test_a_change_that_was_never_applied_disturbs_no_day() -> None:
    rejected = replace(ended(State.REJECTED), applying_since=None)
    assert levels(usual_wait(lambda at: 0.1, rejected)) == {0.1}


def test_the_days_before_the_baseline_stand_one_after_another_in_blocks() -> None:
    """Three days of blocks of the first window, 600 s: 432 of them, up to where the day before the change begins."""
    (older,) = background(lambda at: float(at.day), history_seconds=86_400).older
    assert older.signal == WAIT
    assert len(older.series.samples) == 432
    gaps = {(b.at - a.at).total_seconds() for a, b in pairwise(older.series.samples)}
    assert gaps == {600.0}
    assert older.series.samples[-1].at == NOON - DAY - timedelta(seconds=300)


def test_a_day_with_a_trial_is_a_gap_in_them() -> None:
    begun, over = NOON - DAY - 2 * HOUR, NOON - DAY
    tried = a_past_change(State.ROLLED_BACK, begun, over)
    (older,) = background(lambda at: 0.1, tried, history_seconds=86_400).older
    assert len(older.series.samples) == 2 * 144
