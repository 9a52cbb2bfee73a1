"""A press decides about what was shown, once; whoever comes too late is told why, and a journal that fails is said."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.engine.approvals import Approvals
from advisor.model.change import ChangeRecord, State
from advisor.model.proposal import Risk
from advisor.model.verdict import Outcome as Judged
from advisor.model.verdict import Verdict, VerdictReason
from advisor.surfaces.slack.actions import (
    APPROVE,
    KEEP,
    PUT_BACK,
    REJECT,
    ROLL_BACK,
    SNOOZE,
    SNOOZE_RULE,
    WITHDRAW,
    Decision,
)
from advisor.surfaces.slack.hearing.decisions import Decider, Decisions, End
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.words import a_change

MARA = Decider(user="U0MARA", team="T0HARBOUR", name="mara")
KIM = Decider(user="U0KIM", team="T0HARBOUR", name="kim")
HELD = Verdict(outcome=Judged.HOLD, reason=VerdictReason.UNDECIDED, explanation="nothing was proven")


class House:
    """Decisions on a journal in memory that holds `record`."""

    def __init__(self, record: ChangeRecord, two_people: Risk | None = None) -> None:
        self.journal, self.clock = InMemoryJournal(), FakeClock()
        self.record = self.journal.add(replace(record, version=0, epoch=0))
        word = Approvals(journal=self.journal, listeners=(), clock=self.clock, two_people=two_people)
        self.decisions = Decisions(self.journal, lambda: word, self.clock)

    def press(self, action: str, who: Decider = MARA, reason: str = "", **changes: Any) -> tuple[End, str]:
        shown = Decision(change_id=self.record.id, plan_hash=self.record.plan_hash)
        outcome = self.decisions.carry_out(action, replace(shown, **changes), who, reason)
        return outcome.end, outcome.told

    def now(self) -> ChangeRecord:
        found = self.journal.find(self.record.id)
        assert found is not None
        return found


def of_risk(risk: Risk) -> ChangeRecord:
    return replace(a_change(), proposal=replace(a_change().proposal, risk=risk))


def held() -> ChangeRecord:
    return a_change(State.TRIAL, verdict=HELD)


def test_approved_twice_is_approved_once() -> None:
    house = House(a_change())
    assert house.press(APPROVE) == (End.DONE, "Approved; the next cycle applies it.")
    end, told = house.press(APPROVE, KIM)
    assert end is End.REFUSED
    assert told == "Nothing was decided: it is approved already: approved by mara (slack T0HARBOUR/U0MARA)."


@pytest.mark.parametrize(("first", "second"), [(APPROVE, REJECT), (REJECT, APPROVE)])
def test_of_approve_and_reject_the_first_wins(first: str, second: str) -> None:
    house = House(a_change())
    assert house.press(first)[0] is End.DONE
    state = house.now().state
    end, told = house.press(second, KIM)
    assert (end, house.now().state) == (End.REFUSED, state)
    assert "by mara (slack T0HARBOUR/U0MARA)" in told


def test_an_approval_is_withdrawn_by_a_button_of_its_own() -> None:
    house = House(a_change())
    assert house.press(WITHDRAW)[0] is End.REFUSED
    house.press(APPROVE)
    assert house.press(WITHDRAW, KIM, "not before the sale")[0] is End.DONE
    assert house.now().phases[-1].reason == "rejected by kim (slack T0HARBOUR/U0KIM): not before the sale"


@pytest.mark.parametrize("action", ["advisor_other", "", "APPROVE", SNOOZE_RULE])
@pytest.mark.parametrize("record", [a_change(), held()], ids=["proposed", "held"])
def test_an_unknown_action_is_never_taken_for_an_approval(action: str, record: ChangeRecord) -> None:
    house = House(record)
    assert house.press(action) == (End.REFUSED, "Nothing was decided: this button is not known here.")
    assert house.now() == house.record


def test_an_expired_change_is_not_approved() -> None:
    house = House(a_change())
    house.clock.advance(timedelta(days=1).total_seconds())
    end, told = house.press(APPROVE)
    assert (end, house.now().state) == (End.REFUSED, State.PROPOSED)
    assert "it expired at 2026-01-02 12:00:00Z" in told


@pytest.mark.parametrize("action", [APPROVE, REJECT])
def test_another_plan_than_was_shown_is_not_decided_on(action: str) -> None:
    house = House(a_change())
    end, told = house.press(action, plan_hash="0" * 16)
    assert (end, told) == (End.STALE, "Nothing was decided: the plan has changed since this was shown.")
    assert house.now() == house.record


@pytest.mark.parametrize("change_id", ["chg_", "chg_0123456789a", "", "chg_0123456789ab0"])
def test_a_part_of_an_id_is_no_id(change_id: str) -> None:
    assert House(a_change()).press(APPROVE, change_id=change_id)[0] is End.REFUSED


@pytest.mark.parametrize(("action", "outcome"), [(KEEP, Judged.KEEP), (PUT_BACK, Judged.ROLL_BACK)])
def test_a_held_trial_is_settled_by_its_own_buttons(action: str, outcome: Judged) -> None:
    house = House(held())
    assert house.press(action)[0] is End.DONE
    verdict = house.now().verdict
    assert verdict is not None
    assert verdict.outcome is outcome


@pytest.mark.parametrize("action", [APPROVE, REJECT])
def test_an_old_button_of_the_proposal_settles_no_held_trial(action: str) -> None:
    house = House(held())
    assert house.press(action)[0] is End.REFUSED
    assert house.now() == house.record


@pytest.mark.parametrize("action", [KEEP, PUT_BACK])
def test_a_button_of_a_held_trial_decides_no_proposal(action: str) -> None:
    house = House(a_change())
    assert house.press(action)[0] is End.REFUSED
    assert house.now() == house.record


def test_rolling_back_is_not_held_up_by_a_plan_that_reads_differently_now() -> None:
    house = House(a_change(State.TRIAL))
    assert house.press(ROLL_BACK, plan_hash="0" * 16)[0] is End.DONE
    assert house.now().roll_back_asked == "rolled back by mara (slack T0HARBOUR/U0MARA)"
    end, told = house.press(ROLL_BACK, KIM)
    assert end is End.REFUSED
    assert "it is to be rolled back by mara" in told


def test_what_was_never_applied_cannot_be_rolled_back() -> None:
    assert House(a_change()).press(ROLL_BACK)[0] is End.REFUSED


def test_a_rule_is_snoozed_and_its_proposal_dropped() -> None:
    house = House(a_change())
    end, told = house.press(SNOOZE, duration="4h")
    assert (end, told) == (End.DONE, "pool-exhaustion proposes nothing until 2026-01-01 16:00 UTC.")
    (snooze,) = house.journal.snoozes(house.record.environment)
    assert (snooze.rule, snooze.who) == ("pool-exhaustion", str(MARA))
    assert house.now().state is State.REJECTED


@pytest.mark.parametrize("duration", ["", "10y", "1000000h", "-1h", "x"])
def test_a_time_that_is_not_on_the_menu_snoozes_nothing(duration: str) -> None:
    house = House(a_change())
    assert house.press(SNOOZE, duration=duration)[0] is End.REFUSED
    assert house.journal.snoozes(house.record.environment) == []


def test_a_high_risk_takes_two_people() -> None:
    house = House(of_risk(Risk.HIGH), two_people=Risk.HIGH)
    end, told = house.press(APPROVE)
    assert (end, told) == (End.FIRST_OF_TWO, "Noted. Its risk is high: a second person must approve it too.")
    assert house.now().state is State.PROPOSED
    assert house.press(APPROVE, KIM)[0] is End.DONE
    assert house.now().approved_by == f"{MARA} and {KIM}"


def test_nobody_becomes_two_people_by_taking_another_name() -> None:
    house = House(of_risk(Risk.HIGH), two_people=Risk.HIGH)
    house.press(APPROVE)
    renamed = replace(MARA, name="kim (slack T0HARBOUR/U0KIM)")
    end, told = house.press(APPROVE, renamed)
    assert (end, house.now().state) == (End.REFUSED, State.PROPOSED)
    assert "mara (slack T0HARBOUR/U0MARA) has approved it already" in told


def test_a_journal_that_is_down_decides_nothing_and_that_is_told() -> None:
    house = House(a_change())
    house.journal.down = True
    assert house.press(APPROVE) == (
        End.UNREACHABLE,
        "Nothing was decided: the journal cannot be reached. Press again soon.",
    )
    house.journal.down = False
    assert house.press(APPROVE)[0] is End.DONE


class Busy(InMemoryJournal):
    """Something is noted of the change each time somebody has read it, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def find(self, change_id: str) -> ChangeRecord | None:
        found = super().find(change_id)
        if found is not None and self._times > 0:
            self._times -= 1
            self.advance(found)
        return found


@pytest.mark.parametrize(("times", "end"), [(1, End.DONE), (2, End.DONE), (20, End.REFUSED)])
def test_a_note_that_comes_between_reading_and_deciding_is_no_decision(times: int, end: End) -> None:
    journal, clock = Busy(0), FakeClock()
    record = journal.add(replace(a_change(), version=0, epoch=0))
    journal._times = times
    word = Approvals(journal=journal, listeners=(), clock=clock)
    shown = Decision(change_id=record.id, plan_hash=record.plan_hash)
    assert Decisions(journal, lambda: word, clock).carry_out(APPROVE, shown, MARA).end is end
