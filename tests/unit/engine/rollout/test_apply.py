"""From a choice to a value in force: intent first, then the write, then the look; nothing is believed unseen."""

from datetime import timedelta

import pytest

from advisor.engine.rollout.apply import begin, open_change
from advisor.model.change import State
from advisor.model.errors import KnobBusyError, KnobError, StaleEpochError
from advisor.model.report import Choice
from advisor.testing.knob import Crash
from advisor.testing.words import LATENCY, LOAD, WAIT, a_proposal
from tests.fakes.harness import RolloutHarness, noisy


@pytest.fixture
def harness() -> RolloutHarness:
    return RolloutHarness()


def test_nothing_chosen_is_nothing_journalled(harness: RolloutHarness) -> None:
    assert open_change(Choice(proposal=None, reason="nothing to propose"), harness.rollout) is None
    assert harness.journal.history("default") == []


def test_what_policy_allows_is_approved_in_its_name(harness: RolloutHarness) -> None:
    record = harness.choose()
    assert (record.state, record.approved_by, record.epoch) == (State.APPROVED, "policy", 1)
    assert harness.knob.written() == []


def test_what_needs_a_person_waits_for_one_and_is_never_approved_by_time(harness: RolloutHarness) -> None:
    choice = Choice(proposal=a_proposal(), reason="saves most", needs_approval=True)
    record = open_change(choice, harness.rollout)
    assert record is not None
    assert record.state is State.PROPOSED
    assert harness.cycle(seconds=86_399).state is State.PROPOSED
    expired = harness.cycle(seconds=1)  # 86,400 s: the day that approval_expires_seconds gives
    assert (expired.state, expired.phases[-1].reason) == (State.EXPIRED, "nobody decided in time")
    assert harness.knob.written() == []


def test_the_intent_is_in_the_journal_before_the_write(harness: RolloutHarness) -> None:
    record = harness.choose()
    harness.knob.crash("apply")
    with pytest.raises(Crash):
        begin(record, harness.rollout)
    stored = harness.latest()
    assert stored.state is State.APPLYING
    assert (stored.proposal.current, stored.proposal.proposed) == (5, 12)
    assert {window.signal for window in stored.baseline} >= {WAIT, LOAD}
    assert harness.knob.live == [5]


def test_a_written_and_shown_value_begins_the_trial(harness: RolloutHarness) -> None:
    record = begin(harness.choose(), harness.rollout)
    assert (record.state, record.trial_since) == (State.TRIAL, harness.clock.now())
    assert harness.knob.live == [12]
    assert harness.knob.expires_at is not None  # the dead man's switch is set from the first moment


@pytest.mark.parametrize("fault", ["no series", "no answer", "too few points"])
def test_no_baseline_no_change(harness: RolloutHarness, fault: str) -> None:
    match fault:
        case "no series":
            del harness.samples.functions[WAIT]
        case "no answer":
            harness.samples.down = True
        case _:
            harness.with_settings(baseline_seconds=30.0)  # three points at 10 s
            harness.rollout.journal.advance(harness.choose())
    record = harness.latest() if fault == "too few points" else harness.choose()
    assert begin(record, harness.rollout).state is State.APPROVED
    assert harness.knob.written() == []


def test_a_value_that_cannot_be_read_is_not_changed(harness: RolloutHarness) -> None:
    harness.knob.unreadable = "no instance shows this knob"
    assert begin(harness.choose(), harness.rollout).state is State.APPROVED
    assert harness.knob.written() == []


def test_a_knob_that_moved_since_it_was_proposed_is_left_alone(harness: RolloutHarness) -> None:
    record = harness.choose()
    harness.knob.move_by_hand(8)
    expired = begin(record, harness.rollout)
    assert expired.state is State.EXPIRED
    assert "has moved since" in expired.phases[-1].reason
    assert (harness.knob.live, harness.knob.written()) == ([8], [])


def test_what_could_not_be_begun_in_time_expires(harness: RolloutHarness) -> None:
    harness.samples.down = True
    harness.choose()
    assert harness.cycle(seconds=86_400).state is State.EXPIRED


def test_a_refused_write_with_the_old_value_live_has_failed(harness: RolloutHarness) -> None:
    record = harness.choose()
    harness.knob.fail("apply", KnobError("out of bounds"))
    failed = begin(record, harness.rollout)
    assert failed.state is State.FAILED
    assert "out of bounds" in failed.phases[-1].reason


def test_a_write_that_failed_after_its_effect_is_adopted_and_not_repeated(harness: RolloutHarness) -> None:
    record = harness.choose()
    harness.knob.fail("apply", KnobBusyError("the connection broke"), after_effect=True)
    assert begin(record, harness.rollout).state is State.TRIAL
    assert harness.knob.written() == ["apply"]


def test_three_of_five_instances_are_given_time_and_then_all_go_back() -> None:
    harness = RolloutHarness(instances=5)
    record = harness.choose()
    harness.knob.takers = 3
    assert begin(record, harness.rollout).state is State.APPLYING
    assert harness.cycle(seconds=59).state is State.APPLYING
    back = harness.cycle(seconds=2)  # 61 s: over the 60 s of apply_seconds
    assert back.state is State.ROLLED_BACK
    assert "3 of 5" in back.phases[-2].reason
    assert harness.knob.live == [5] * 5


def test_instances_that_are_late_but_in_time_begin_the_trial_then() -> None:
    harness = RolloutHarness(instances=5)
    harness.knob.is_slow = True
    record = begin(harness.choose(), harness.rollout)
    assert record.state is State.APPLYING
    harness.knob.settle()
    assert harness.cycle(seconds=15).state is State.TRIAL


def test_the_next_baseline_waits_until_the_change_before_is_warm(harness: RolloutHarness) -> None:
    """warm-up 120 s + baseline 900 s: from 1,020 s after the roll-back on its window shows the old value alone."""
    harness.brought_to(State.TRIAL)
    harness.knob.move_by_hand(5)
    assert harness.cycle().state is State.SUPERSEDED
    record = harness.choose()
    harness.clock.advance(1019)
    record = begin(record, harness.rollout)
    assert record.state is State.APPROVED
    harness.clock.advance(1)
    assert begin(record, harness.rollout).state is State.TRIAL


@pytest.mark.parametrize("call", ["apply", "inspect"])
def test_a_newer_term_stops_the_walk(harness: RolloutHarness, call: str) -> None:
    record = harness.choose()
    harness.knob.fail("apply", StaleEpochError("term 2 has written"))
    with pytest.raises(StaleEpochError):
        begin(record, harness.rollout)


def with_a_trend(harness: RolloutHarness, until: float) -> None:
    """Latency rises from 100 ms two hours ago by 200 ms every two hours, and stays from `until` seconds on."""
    start = harness.clock.now() - timedelta(hours=2)
    harness.samples.functions[LATENCY] = lambda at: noisy(
        at, 0.1 + 0.2 * min((at - start).total_seconds(), 7200 + until) / 7200
    )


def test_a_baseline_that_the_judge_could_not_use_is_waited_for_and_said(harness: RolloutHarness) -> None:
    with_a_trend(harness, until=1200)
    harness.choose()
    waiting = harness.cycle()
    assert waiting.state is State.APPROVED
    assert waiting.baseline_wait is not None
    assert "http.p95_seconds{app=shop}: " in waiting.baseline_wait.lacking
    assert harness.knob.written() == []
    for _ in range(500):
        if harness.cycle().state is State.TRIAL:
            break
    begun = harness.latest()
    assert (begun.state, begun.baseline_wait) == (State.TRIAL, None)
    assert begun.trial_since is not None
    assert begun.trial_since >= waiting.created_at + timedelta(seconds=1200)  # no sooner than it is steady


def test_it_waits_no_longer_than_the_setting_and_restarts_do_not_count_anew(harness: RolloutHarness) -> None:
    """warm-up 120 s + baseline 900 s + 600 s = 1,620 s from the first look on."""
    harness.with_settings(baseline_wait_seconds=600.0)
    with_a_trend(harness, until=100_000)
    harness.choose()
    harness.cycle()
    harness.rollout = harness.take_term("b:2")
    assert harness.cycle(seconds=1600).state is State.APPROVED
    expired = harness.cycle(seconds=30)
    assert expired.state is State.EXPIRED
    assert expired.phases[-1].reason.startswith("not begun within 27m: no baseline, no change: http.p95_seconds")


def test_the_whole_past_is_read_again_only_when_it_has_grown_by_a_block(harness: RolloutHarness) -> None:
    """Blocks of 900 s / 6 = 150 s."""
    with_a_trend(harness, until=100_000)
    harness.choose()
    first = harness.cycle().baseline_wait
    assert first is not None
    assert harness.cycle(seconds=149).baseline_wait == first
    later = harness.cycle(seconds=1).baseline_wait
    assert later is not None
    assert (later.since, later.read_at) == (first.since, harness.clock.now())
