"""A verdict carried out: confirmed for good, or put back; every step may be cut off and taken up again."""

from dataclasses import replace

import pytest

from advisor.engine.rollout.settle import begin_roll_back, keep, restore
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import KnobBusyError, KnobError, StaleEpochError
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.testing.knob import Crash
from tests.fakes.harness import RolloutHarness

PROVEN = Verdict(outcome=Outcome.KEEP, reason=VerdictReason.GAIN_PROVEN, explanation="waits fell")


@pytest.fixture
def harness() -> RolloutHarness:
    return RolloutHarness()


def on_trial(harness: RolloutHarness, verdict: Verdict | None = None) -> ChangeRecord:
    record = harness.brought_to(State.TRIAL)
    return record if verdict is None else harness.rollout.store(replace(record, verdict=verdict))


def rolling_back(harness: RolloutHarness) -> ChangeRecord:
    """The old value is owed, and nothing was put back yet."""
    record = on_trial(harness)
    harness.knob.crash("restore")
    with pytest.raises(Crash):
        begin_roll_back(record, harness.rollout, "harm")
    stored = harness.latest()
    assert (stored.state, harness.knob.live) == (State.ROLLING_BACK, [12])
    return stored


def test_a_kept_value_needs_nobody_any_more(harness: RolloutHarness) -> None:
    kept = keep(on_trial(harness, PROVEN), harness.rollout)
    assert (kept.state, kept.phases[-1].reason) == (State.KEPT, "waits fell")
    assert harness.knob.expires_at is None
    harness.clock.advance(1_000_000)
    assert harness.knob.live == [12]


def test_a_value_that_cannot_be_confirmed_now_stays_on_trial_until_it_can(harness: RolloutHarness) -> None:
    record = on_trial(harness, PROVEN)
    harness.knob.fail("renew", KnobBusyError("the board does not answer"))
    assert keep(record, harness.rollout).state is State.TRIAL
    assert harness.cycle().state is State.KEPT


def test_a_value_that_can_never_be_confirmed_goes_back(harness: RolloutHarness) -> None:
    record = on_trial(harness, PROVEN)
    harness.knob.fail("renew", KnobError("the entry has expired"))
    back = keep(record, harness.rollout)
    assert back.state is State.ROLLED_BACK
    assert harness.knob.live == [5]


def test_a_proven_value_that_some_instances_do_not_show_in_the_time_of_an_application_goes_back_on_all() -> None:
    harness = RolloutHarness(instances=5)
    record = on_trial(harness, PROVEN)
    harness.knob.live[3:] = [5, 5]  # two were replaced, and do not take the value
    assert keep(record, harness.rollout).state is State.TRIAL
    assert harness.cycle(60).state is State.TRIAL  # plan.apply_seconds
    back = harness.cycle(1)
    assert (back.state, harness.knob.live) == (State.ROLLED_BACK, [5] * 5)
    assert "not shown everywhere: partial, 3 of 5 instances" in back.phases[-2].reason


def test_since_when_a_confirmed_value_is_not_shown_outlives_the_process_and_any_wording() -> None:
    harness = RolloutHarness(instances=5)
    record = on_trial(harness, PROVEN)
    harness.knob.live[3:] = [5, 5]
    keep(record, harness.rollout)
    waiting = harness.latest()
    phases = (*waiting.phases[:-1], replace(waiting.phases[-1], reason="put in other words"))
    harness.journal.advance(replace(waiting, phases=phases))
    harness.rollout = harness.take_term("another process")
    assert harness.cycle(60).state is State.TRIAL
    assert harness.cycle(1).state is State.ROLLED_BACK


def test_a_proven_value_that_every_instance_shows_in_time_is_kept() -> None:
    harness = RolloutHarness(instances=5)
    record = on_trial(harness, PROVEN)
    harness.knob.live[4] = 5
    assert keep(record, harness.rollout).state is State.TRIAL
    harness.knob.live[4] = 12
    assert harness.cycle(60).state is State.KEPT


def test_a_proven_value_that_cannot_be_read_is_left_as_it_is_until_it_can(harness: RolloutHarness) -> None:
    record = on_trial(harness, PROVEN)
    harness.knob.unreadable = "the board does not answer"
    assert keep(record, harness.rollout).state is State.TRIAL
    assert harness.cycle(3600).state is State.TRIAL
    assert "shown everywhere" not in str(harness.latest().phases)  # its time has not begun
    harness.knob.unreadable = ""
    assert harness.cycle().state is State.KEPT


def test_a_confirmation_cut_off_after_its_effect_is_repeated(harness: RolloutHarness) -> None:
    record = on_trial(harness, PROVEN)
    harness.knob.crash("renew", after_effect=True)
    with pytest.raises(Crash):
        keep(record, harness.rollout)
    assert harness.latest().state is State.TRIAL
    assert harness.cycle().state is State.KEPT


def test_a_roll_back_is_journalled_before_it_is_done_and_goes_on_after_a_crash(harness: RolloutHarness) -> None:
    rolling_back(harness)
    back = harness.cycle()
    assert (back.state, harness.knob.live) == (State.ROLLED_BACK, [5])


def test_a_roll_back_cut_off_after_its_effect_is_only_booked(harness: RolloutHarness) -> None:
    record = on_trial(harness)
    harness.knob.crash("restore", after_effect=True)
    with pytest.raises(Crash):
        begin_roll_back(record, harness.rollout, "harm")
    assert harness.cycle().state is State.ROLLED_BACK
    assert harness.knob.live == [5]


def test_somebody_elses_value_is_not_overwritten_by_a_roll_back(harness: RolloutHarness) -> None:
    record = rolling_back(harness)
    harness.knob.move_by_hand(20)
    assert restore(record, harness.rollout).state is State.SUPERSEDED
    assert harness.knob.live == [20]


def test_after_five_failed_attempts_everything_stops_and_a_person_is_called(harness: RolloutHarness) -> None:
    rolling_back(harness)
    harness.knob.fail("restore", KnobBusyError("no answer"), times=5)
    states = [harness.cycle(seconds=5).state for _ in range(5)]  # within the 60 s that the value is held
    assert states == [State.ROLLING_BACK] * 4 + [State.STUCK]
    assert harness.latest().restore_attempts == 5
    assert harness.cycle().state is State.STUCK  # it holds the environment's one place
    assert harness.latest().is_open


def test_a_value_that_is_never_seen_to_be_back_calls_a_person_in_the_end(harness: RolloutHarness) -> None:
    """5 attempts x 60 s: after 300 s of seeing nothing, whatever notes were added meanwhile."""
    record = rolling_back(harness)
    harness.knob.unreadable = "no instance shows this knob"
    harness.clock.advance(150)
    harness.rollout.mark(record, "the advisor was stopped here")
    assert harness.cycle(seconds=149).state is State.ROLLING_BACK
    assert harness.cycle(seconds=2).state is State.STUCK


@pytest.mark.parametrize("step", ["keep", "restore", "renew"])
def test_a_leader_out_of_office_touches_no_knob(harness: RolloutHarness, step: str) -> None:
    record = rolling_back(harness) if step == "restore" else on_trial(harness, PROVEN)
    before = harness.knob.written()
    harness.take_term("b:2")
    steps = {
        "keep": lambda: keep(record, harness.rollout),
        "restore": lambda: restore(record, harness.rollout),
        "renew": lambda: harness.rollout.renew(record),
    }
    with pytest.raises(StaleEpochError, match="b:2 holds 2"):
        steps[step]()
    assert harness.knob.written() == before
