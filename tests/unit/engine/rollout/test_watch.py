"""A change on trial, cycle by cycle: what is live first, then the samples; no data is never a gain."""

from datetime import datetime, timedelta

import pytest

from advisor.engine.judge.restarts import age_signal
from advisor.model.change import State
from advisor.model.errors import KnobBusyError
from advisor.model.verdict import Outcome, VerdictReason
from tests.fakes.knob import Crash
from tests.fakes.office import Office, noisy
from tests.fakes.words import LATENCY, WAIT


@pytest.fixture
def office() -> Office:
    started = Office()
    started.brought_to(State.TRIAL)
    return started


def test_a_gain_is_proven_and_kept_after_the_whole_window_and_not_before(office: Office) -> None:
    began = office.latest().trial_since
    assert began is not None
    kept = office.until_closed()
    assert (kept.state, office.knob.live) == (State.KEPT, [12])
    assert (kept.phases[-1].at - began).total_seconds() >= 1020  # 120 s of warm-up and 900 s of window


def test_the_value_is_held_in_every_cycle(office: Office) -> None:
    for _ in range(8):
        office.cycle()
        assert office.knob.expires_at is not None
        assert (office.knob.expires_at - office.clock.now()).total_seconds() == 60
    assert office.latest().state is State.TRIAL


def test_a_renewal_that_fails_once_does_no_harm(office: Office) -> None:
    office.knob.fail("hold", KnobBusyError("no answer"))
    assert office.cycle().state is State.TRIAL
    assert office.until_closed().state is State.KEPT


def test_no_gain_goes_back(office: Office) -> None:
    office.samples.functions[WAIT] = lambda at: noisy(at, 0.1)  # as it was with 5
    back = office.until_closed()
    assert (back.state, office.knob.live) == (State.ROLLED_BACK, [5])


def test_harm_goes_back_before_the_window_is_full(office: Office) -> None:
    began = office.latest().trial_since
    assert began is not None
    office.samples.functions[LATENCY] = lambda at: noisy(at, 0.5)
    back = office.until_closed()
    assert (back.state, office.knob.live) == (State.ROLLED_BACK, [5])
    assert (back.phases[-1].at - began).total_seconds() < 1020


def test_prometheus_down_for_the_rest_of_the_trial_extends_it_and_then_goes_back(office: Office) -> None:
    """F10: at most longest_seconds, 3,600 s after the warm-up of 120 s; the value is held all the while."""
    began = office.latest().trial_since
    assert began is not None
    office.samples.down = True
    back = office.until_closed()
    assert (back.state, office.knob.live) == (State.ROLLED_BACK, [5])
    assert 3720 <= (back.phases[-2].at - began).total_seconds() <= 3735  # one cycle of 15 s later at most
    assert back.verdict is not None
    assert back.verdict.outcome is Outcome.ROLL_BACK


def test_prometheus_down_for_a_while_is_waited_out(office: Office) -> None:
    office.samples.down = True
    for _ in range(20):
        assert office.cycle().state is State.TRIAL
    office.samples.down = False
    assert office.until_closed().state is State.KEPT


@pytest.mark.parametrize("value", [5, 20])
def test_a_value_moved_by_hand_ends_the_trial_whatever_the_samples_say(office: Office, value: int) -> None:
    office.knob.move_by_hand(value)
    writes = office.knob.written()
    assert office.cycle().state is State.SUPERSEDED
    assert (office.knob.live, office.knob.written()) == ([value], writes)


def test_a_value_that_fell_back_by_itself_while_nobody_was_there_is_booked_as_rolled_back(office: Office) -> None:
    back = office.cycle(seconds=61)
    assert back.state is State.ROLLED_BACK
    assert "fell back by itself" in back.phases[-2].reason
    assert office.knob.live == [5]


def test_a_value_that_cannot_be_read_for_a_while_is_neither_kept_nor_dropped(office: Office) -> None:
    office.knob.unreadable = "Prometheus does not answer"
    assert office.cycle().state is State.TRIAL
    office.knob.unreadable = ""
    assert office.until_closed().state is State.KEPT


def cycles_until_kept() -> int:
    twin = Office()
    twin.brought_to(State.TRIAL)
    count = 0
    while twin.latest().is_open:
        twin.cycle()
        count += 1
    assert twin.latest().state is State.KEPT
    return count


def test_a_verdict_to_keep_is_stored_first_and_needs_no_second_judgement(office: Office) -> None:
    """Killed between the verdict and its confirmation, in the cycle in which a twin of this office keeps the value."""
    for _ in range(cycles_until_kept() - 1):
        assert office.cycle().state is State.TRIAL
    office.knob.fail("hold", KnobBusyError("no answer"))  # the renewal
    office.knob.crash("hold")  # the confirmation
    with pytest.raises(Crash):
        office.cycle()
    stored = office.latest()
    assert stored.state is State.TRIAL
    assert stored.verdict is not None
    assert stored.verdict.outcome is Outcome.KEEP
    office.samples.down = True  # whatever can be read now: the verdict stands
    assert office.cycle().state is State.KEPT


def test_the_clock_put_back_an_hour_begins_the_window_anew_and_waits_no_hour(office: Office) -> None:
    """F9. Without the check the trial would be "warming up" until the clock has caught up."""
    for _ in range(4):
        office.cycle()
    office.clock.jump(-3600)
    office.cycle(seconds=1)
    moved = office.latest()
    assert moved.trial_since == office.clock.now()
    assert "clock was put back" in moved.phases[-1].reason
    began = office.clock.now()
    assert office.until_closed().state is State.KEPT
    assert (office.clock.now() - began).total_seconds() < 3000


def test_the_clock_put_forward_an_hour_keeps_nothing_it_has_not_seen(office: Office) -> None:
    """F9. The switch of the value has fired by that clock, and the window holds points from before the change."""
    office.clock.jump(3600)
    assert office.cycle().state is State.ROLLED_BACK
    assert office.knob.live == [5]


def released_at(office: Office, release: datetime) -> None:
    """The processes have run for a day, and are replaced by new ones at `release`."""

    def age(at: datetime) -> float:
        return (at - release).total_seconds() + (86_400 if at < release else 0)

    office.samples.functions[age_signal("shop")] = age


def test_a_new_release_during_the_trial_is_no_gain_of_the_change(office: Office) -> None:
    """F12: the wait fell, as it should, but half an hour ago it was another program."""
    began = office.latest().trial_since
    assert began is not None
    released_at(office, began + timedelta(minutes=5))
    back = office.until_closed()
    assert (back.state, office.knob.live) == (State.ROLLED_BACK, [5])
    assert back.verdict is not None
    assert back.verdict.reason is VerdictReason.REPLACED
    assert "half of the processes are younger than the change" in back.phases[-2].reason
    assert (back.phases[-2].at - began).total_seconds() <= 300 + 45  # two points of 10 s, and a cycle of 15 s


def test_a_release_before_the_change_is_part_of_its_baseline(office: Office) -> None:
    began = office.latest().applying_since
    assert began is not None
    released_at(office, began - timedelta(minutes=5))
    assert office.until_closed().state is State.KEPT
