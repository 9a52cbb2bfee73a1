"""What was kept is watched on by the daemon, stands in nobody's way, and is taken back like any other roll-back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.engine.decide.track_record import calibrate
from advisor.engine.judge.restarts import age_signal
from advisor.engine.rollout.apply import open_change
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.effect import was_judged
from advisor.model.errors import KnobBusyError
from advisor.model.report import Choice
from advisor.model.verdict import Outcome, VerdictReason
from advisor.settings.policy import KnobPolicy, Mode, Permission, PolicySettings
from advisor.testing.knob import Crash
from advisor.testing.words import LATENCY, WAIT, a_proposal
from tests.fakes.harness import RolloutHarness, noisy


@pytest.fixture
def harness() -> RolloutHarness:
    started = RolloutHarness()
    started.brought_to(State.KEPT)
    return started


def fades_from_now(harness: RolloutHarness) -> None:
    """With 12 connections callers wait as long as they did with 5; what was measured before stays so."""
    gone = harness.clock.now()
    gained = 0.5 / 12
    harness.samples.functions[WAIT] = lambda at: noisy(
        at, 0.1 if at >= gone or at < gone - timedelta(seconds=1100) else gained
    )


def harms_from_now(harness: RolloutHarness) -> None:
    harmful = harness.clock.now()
    harness.samples.functions[LATENCY] = lambda at: noisy(at, 0.5 if at >= harmful else 0.2)


def until(harness: RolloutHarness, done: Callable[[ChangeRecord], bool], most: int = 300) -> ChangeRecord:
    for _ in range(most):
        if done(harness.latest()):
            break
        harness.cycle()
    return harness.latest()


def is_over(record: ChangeRecord) -> bool:
    return not record.is_on_probation and not record.is_open


def came_of(record: ChangeRecord) -> str:
    return record.probation.came_of if record.probation else "no probation"


def test_a_kept_change_is_watched_until_its_longest_window_is_over(harness: RolloutHarness) -> None:
    """120 s of warm-up and 3,600 s since the value was in force."""
    record = harness.latest()
    assert record.is_on_probation
    assert not record.is_open
    assert record.probation is not None
    assert record.trial_since is not None
    assert record.probation.until == record.trial_since + timedelta(seconds=3720)
    record = until(harness, is_over)
    assert (record.state, harness.knob.live) == (State.KEPT, [12])
    assert 0 <= (harness.clock.now() - record.trial_since).total_seconds() - 3720 <= 15
    assert came_of(record).startswith("over: the gain lasts")


def test_each_look_is_journalled_and_between_them_nothing_is(harness: RolloutHarness) -> None:
    """The next looks are due 1,800 s and 2,700 s after the warm-up."""
    versions = set()
    for _ in range(130):  # 1,950 s
        harness.cycle()
        versions.add(harness.latest().version)
    assert len(versions) == 3
    seen = harness.latest().probation
    assert seen is not None
    assert seen.verdict is not None
    assert seen.verdict.outcome is Outcome.EXTEND


def test_a_gain_that_goes_is_taken_back_with_the_reason(harness: RolloutHarness) -> None:
    fades_from_now(harness)
    record = until(harness, is_over)
    assert (record.state, harness.knob.live) == (State.ROLLED_BACK, [5])
    assert record.probation is not None
    assert record.probation.verdict is not None
    assert record.probation.verdict.reason is VerdictReason.GAIN_GONE
    assert "the gain is gone" in record.phases[-2].reason
    assert record.verdict is not None
    assert record.verdict.outcome is Outcome.KEEP  # what the trial said stays on record


def test_harm_that_comes_late_is_taken_back_with_the_reason(harness: RolloutHarness) -> None:
    harms_from_now(harness)
    record = until(harness, is_over)
    assert (record.state, harness.knob.live) == (State.ROLLED_BACK, [5])
    assert "http.p95_seconds" in came_of(record)


def test_what_was_taken_back_counts_against_the_knob(harness: RolloutHarness) -> None:
    kept = calibrate([harness.latest()]).knob("db.pool_size")
    assert kept is not None
    assert (kept.kept, kept.rolled_back) == (1, 0)
    fades_from_now(harness)
    record = until(harness, is_over)
    assert was_judged(record)
    counted = calibrate([record]).knob("db.pool_size")
    assert counted is not None
    assert (counted.kept, counted.rolled_back) == (0, 1)


def the_next(harness: RolloutHarness, approved: bool = True) -> ChangeRecord:
    """Another change of the pool, from 12 on."""
    choice = Choice(proposal=a_proposal(current=12, proposed=20), reason="saves most", needs_approval=not approved)
    record = open_change(choice, harness.rollout)
    assert record is not None
    return record


def test_the_next_change_ends_it_at_once(harness: RolloutHarness) -> None:
    first = harness.latest().id
    the_next(harness)
    record = until(harness, lambda record: record.state is State.TRIAL, most=200)
    assert record.id != first
    harness.cycle()
    ended = harness.journal.find(first)
    assert ended is not None
    assert (ended.state, ended.is_on_probation) == (State.KEPT, False)
    assert came_of(ended) == f"over: change {record.id} was begun"


def test_a_change_that_only_waits_does_not_end_it_and_gives_its_place_up_for_a_taking_back(
    harness: RolloutHarness,
) -> None:
    first, second = harness.latest().id, the_next(harness, approved=False).id
    harms_from_now(harness)
    until(harness, lambda _: not harness.journal.find(first).is_on_probation)  # type: ignore[union-attr]
    taken_back, dropped = harness.journal.find(first), harness.journal.find(second)
    assert taken_back is not None
    assert dropped is not None
    assert (taken_back.state, dropped.state) == (State.ROLLED_BACK, State.EXPIRED)
    assert first in dropped.why
    assert harness.knob.live == [5]


def test_in_a_pause_nothing_is_taken_back_and_after_it_is(harness: RolloutHarness) -> None:
    harms_from_now(harness)
    harness.journal.pause("test", harness.clock.now(), freeze=False)
    record = until(harness, lambda record: not record.is_on_probation, most=250)
    assert (record.state, harness.knob.live) == (State.KEPT, [12])
    harness.journal.resume()
    assert until(harness, is_over).state is State.ROLLED_BACK


def test_when_the_mode_is_no_longer_apply_nothing_is_taken_back(harness: RolloutHarness) -> None:
    harms_from_now(harness)
    harness.rollout = replace(harness.rollout, mode=Mode.PROPOSE)
    record = until(harness, lambda record: not record.is_on_probation, most=250)
    assert (record.state, harness.knob.live) == (State.KEPT, [12])


def test_a_knob_that_is_never_changed_any_more_is_left_and_the_log_says_why(
    harness: RolloutHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    harms_from_now(harness)
    never = PolicySettings(knobs={"db.pool_size": KnobPolicy(permission=Permission.NEVER)})
    harness.rollout = replace(harness.rollout, policy=never)
    record = until(harness, lambda record: not record.is_on_probation, most=250)
    assert (record.state, harness.knob.live) == (State.KEPT, [12])
    assert "to be taken back" in capsys.readouterr().out


def test_a_value_moved_by_hand_ends_it(harness: RolloutHarness) -> None:
    harness.knob.move_by_hand(20)
    writes = harness.knob.written()
    record = until(harness, is_over)
    assert (record.state, harness.knob.live, harness.knob.written()) == (State.KEPT, [20], writes)
    assert "no longer in force" in came_of(record)


def test_a_new_release_ends_it(harness: RolloutHarness) -> None:
    release = harness.clock.now() + timedelta(seconds=60)
    harness.samples.functions[age_signal("shop")] = lambda at: (
        (at - release).total_seconds() + (86_400 if at < release else 0)
    )
    fades_from_now(harness)
    record = until(harness, is_over)
    assert record.state is State.KEPT
    assert "half of the processes are younger" in came_of(record)


def test_a_person_may_roll_back_what_is_on_probation(harness: RolloutHarness) -> None:
    record = harness.rollout.move(harness.latest(), Event.ROLL_BACK_ASKED, "rolled back by ada")
    assert not record.is_on_probation
    assert came_of(record) == "rolled back by ada"
    assert until(harness, is_over).state is State.ROLLED_BACK
    assert not was_judged(harness.latest())  # a person's word says nothing of the knob


def test_what_is_dear_to_undo_is_left_to_a_person_when_its_gain_goes() -> None:
    harness = RolloutHarness()
    harness.choose(undo_is_dear=True)
    until(harness, lambda record: record.state is State.KEPT)
    fades_from_now(harness)
    record = until(harness, is_over)
    assert (record.state, harness.knob.live) == (State.KEPT, [12])
    assert came_of(record).startswith("left to a person: the gain is gone")
    assert "probation left to a person" in harness.listener.notes[-1]


def test_switched_off_nothing_is_watched_on() -> None:
    harness = RolloutHarness()
    harness.with_settings(probation=False)
    assert harness.brought_to(State.KEPT).probation is None


@pytest.mark.parametrize(("call", "after_effect"), [("inspect", False), ("restore", False), ("restore", True)])
def test_killed_in_a_taking_back_the_next_start_ends_it(harness: RolloutHarness, call: Any, after_effect: bool) -> None:
    harms_from_now(harness)
    harness.knob.crash(call, after_effect=after_effect)
    with pytest.raises(Crash):
        until(harness, is_over)
    harness.rollout = harness.take_term("b:2")
    record = until(harness, is_over)
    assert (record.state, harness.knob.live) == (State.ROLLED_BACK, [5])


def test_a_restore_that_fails_is_tried_again(harness: RolloutHarness) -> None:
    harms_from_now(harness)
    harness.knob.fail("restore", KnobBusyError("no answer"), times=2)
    record = until(harness, is_over)
    assert (record.state, harness.knob.live) == (State.ROLLED_BACK, [5])
