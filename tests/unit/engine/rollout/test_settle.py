"""A verdict carried out: confirmed for good, or put back; every step may be cut off and taken up again."""

from dataclasses import replace

import pytest

from advisor.engine.rollout.settle import begin_roll_back, keep, restore
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import KnobBusyError, KnobError, StaleEpochError
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from tests.fakes.knob import Crash
from tests.fakes.office import Office

PROVEN = Verdict(outcome=Outcome.KEEP, reason=VerdictReason.GAIN_PROVEN, explanation="waits fell")


@pytest.fixture
def office() -> Office:
    return Office()


def on_trial(office: Office, verdict: Verdict | None = None) -> ChangeRecord:
    record = office.brought_to(State.TRIAL)
    return record if verdict is None else office.desk.store(replace(record, verdict=verdict))


def rolling_back(office: Office) -> ChangeRecord:
    """The old value is owed, and nothing was put back yet."""
    record = on_trial(office)
    office.knob.crash("restore")
    with pytest.raises(Crash):
        begin_roll_back(record, office.desk, "harm")
    stored = office.latest()
    assert (stored.state, office.knob.live) == (State.ROLLING_BACK, [12])
    return stored


def test_a_kept_value_needs_nobody_any_more(office: Office) -> None:
    kept = keep(on_trial(office, PROVEN), office.desk)
    assert (kept.state, kept.phases[-1].reason) == (State.KEPT, "waits fell")
    assert office.knob.expires_at is None
    office.clock.advance(1_000_000)
    assert office.knob.live == [12]


def test_a_value_that_cannot_be_confirmed_now_stays_on_trial_until_it_can(office: Office) -> None:
    record = on_trial(office, PROVEN)
    office.knob.fail("hold", KnobBusyError("the board does not answer"))
    assert keep(record, office.desk).state is State.TRIAL
    assert office.cycle().state is State.KEPT


def test_a_value_that_can_never_be_confirmed_goes_back(office: Office) -> None:
    record = on_trial(office, PROVEN)
    office.knob.fail("hold", KnobError("the entry has expired"))
    back = keep(record, office.desk)
    assert back.state is State.ROLLED_BACK
    assert office.knob.live == [5]


def test_a_proven_value_that_some_instances_do_not_show_in_the_time_of_an_application_goes_back_on_all() -> None:
    office = Office(instances=5)
    record = on_trial(office, PROVEN)
    office.knob.live[3:] = [5, 5]  # two were replaced, and do not take the value
    assert keep(record, office.desk).state is State.TRIAL
    assert office.cycle(60).state is State.TRIAL  # plan.apply_seconds
    back = office.cycle(1)
    assert (back.state, office.knob.live) == (State.ROLLED_BACK, [5] * 5)
    assert "not shown everywhere: partial, 3 of 5 instances" in back.phases[-2].reason


def test_a_proven_value_that_every_instance_shows_in_time_is_kept() -> None:
    office = Office(instances=5)
    record = on_trial(office, PROVEN)
    office.knob.live[4] = 5
    assert keep(record, office.desk).state is State.TRIAL
    office.knob.live[4] = 12
    assert office.cycle(60).state is State.KEPT


def test_a_proven_value_that_cannot_be_read_is_left_as_it_is_until_it_can(office: Office) -> None:
    record = on_trial(office, PROVEN)
    office.knob.unreadable = "the board does not answer"
    assert keep(record, office.desk).state is State.TRIAL
    assert office.cycle(3600).state is State.TRIAL
    assert "shown everywhere" not in str(office.latest().phases)  # its time has not begun
    office.knob.unreadable = ""
    assert office.cycle().state is State.KEPT


def test_a_confirmation_cut_off_after_its_effect_is_repeated(office: Office) -> None:
    record = on_trial(office, PROVEN)
    office.knob.crash("hold", after_effect=True)
    with pytest.raises(Crash):
        keep(record, office.desk)
    assert office.latest().state is State.TRIAL
    assert office.cycle().state is State.KEPT


def test_a_roll_back_is_journalled_before_it_is_done_and_goes_on_after_a_crash(office: Office) -> None:
    rolling_back(office)
    back = office.cycle()
    assert (back.state, office.knob.live) == (State.ROLLED_BACK, [5])


def test_a_roll_back_cut_off_after_its_effect_is_only_booked(office: Office) -> None:
    record = on_trial(office)
    office.knob.crash("restore", after_effect=True)
    with pytest.raises(Crash):
        begin_roll_back(record, office.desk, "harm")
    assert office.cycle().state is State.ROLLED_BACK
    assert office.knob.live == [5]


def test_somebody_elses_value_is_not_overwritten_by_a_roll_back(office: Office) -> None:
    record = rolling_back(office)
    office.knob.move_by_hand(20)
    assert restore(record, office.desk).state is State.SUPERSEDED
    assert office.knob.live == [20]


def test_after_five_failed_attempts_everything_stops_and_a_person_is_called(office: Office) -> None:
    rolling_back(office)
    office.knob.fail("restore", KnobBusyError("no answer"), times=5)
    states = [office.cycle(seconds=5).state for _ in range(5)]  # within the 60 s that the value is held
    assert states == [State.ROLLING_BACK] * 4 + [State.STUCK]
    assert office.latest().restore_attempts == 5
    assert office.cycle().state is State.STUCK  # it holds the environment's one place
    assert office.latest().is_open


def test_a_value_that_is_never_seen_to_be_back_calls_a_person_in_the_end(office: Office) -> None:
    """5 attempts x 60 s: after 300 s of seeing nothing, whatever notes were added meanwhile."""
    record = rolling_back(office)
    office.knob.unreadable = "no instance shows this knob"
    office.clock.advance(150)
    office.desk.mark(record, "the advisor was stopped here")
    assert office.cycle(seconds=149).state is State.ROLLING_BACK
    assert office.cycle(seconds=2).state is State.STUCK


@pytest.mark.parametrize("step", ["keep", "restore", "renew"])
def test_a_leader_out_of_office_touches_no_knob(office: Office, step: str) -> None:
    record = rolling_back(office) if step == "restore" else on_trial(office, PROVEN)
    before = office.knob.written()
    office.take_office("b:2")
    steps = {
        "keep": lambda: keep(record, office.desk),
        "restore": lambda: restore(record, office.desk),
        "renew": lambda: office.desk.renew(record),
    }
    with pytest.raises(StaleEpochError, match="b:2 holds 2"):
        steps[step]()
    assert office.knob.written() == before
