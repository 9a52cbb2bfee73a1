"""A person's word, by whichever way it comes: journalled in the name of the term in force, and told to who listens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.approvals import Approvals
from advisor.model.approval import Snooze
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import (
    ChangeAlreadyOpenError,
    ConflictError,
    IllegalTransitionError,
    JournalError,
    PlanChangedError,
)
from advisor.model.proposal import Risk
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.meter import FakeListener
from advisor.testing.words import NOON, a_change

HELD = Verdict(outcome=Outcome.HOLD, reason=VerdictReason.UNDECIDED, explanation="nothing is proven")


@pytest.fixture
def journal() -> InMemoryJournal:
    journal = InMemoryJournal()
    journal.take("the daemon")
    return journal


def approvals(journal: InMemoryJournal, *listeners: FakeListener | AdvisorMetrics) -> Approvals:
    return Approvals(journal=journal, listeners=listeners, clock=FakeClock())


def test_an_approval_is_journalled_with_the_name_and_told(journal: InMemoryJournal) -> None:
    listener = FakeListener()
    record = journal.add(a_change(version=0, epoch=1))
    approved = approvals(journal, listener).approve(record.id, "ada")
    assert (approved.state, approved.approved_by, approved.epoch) == (State.APPROVED, "ada", 1)
    assert approved.phases[-1].reason == "approved by ada"
    assert listener.states == [State.APPROVED]


def test_a_rejection_counts_in_the_same_metric_as_any_other_end(journal: InMemoryJournal) -> None:
    metrics = AdvisorMetrics()
    record = journal.add(a_change(version=0, epoch=1))
    approvals(journal, metrics).reject(record.id, "ada")
    labels = {"knob": record.proposal.target.knob, "outcome": "rejected"}
    assert metrics.registry.get_sample_value("advisor_changes_total", labels) == 1


def test_the_first_word_wins_and_the_second_is_told_so(journal: InMemoryJournal) -> None:
    record = journal.add(a_change(version=0, epoch=1))
    approvals(journal).approve(record.id, "ada")
    with pytest.raises(IllegalTransitionError, match="approved is not possible while it is approved"):
        approvals(journal).approve(record.id, "bob")
    with pytest.raises(ConflictError):
        journal.advance(record)


def test_a_held_trial_is_settled_by_the_word_and_the_word_stands_in_its_life(journal: InMemoryJournal) -> None:
    listener = FakeListener()
    record = journal.add(replace(a_change(State.TRIAL, verdict=HELD), version=0, epoch=1))
    settled = approvals(journal, listener).reject(record.id, "ada")
    assert settled.verdict is not None
    assert settled.verdict.outcome is Outcome.ROLL_BACK
    assert listener.notes == [settled.phases[-1].reason] == ["to be rolled back: ada"]


def test_a_fight_is_cleared_once_with_the_name(journal: InMemoryJournal) -> None:
    listener = FakeListener()
    record = journal.add(replace(a_change(State.SUPERSEDED), version=0, epoch=1))
    done = approvals(journal, listener).clear(record.id, "ada")
    assert done.cleared_by == "ada"
    assert listener.notes == ["cleared by ada: the target may be changed again"]
    with pytest.raises(IllegalTransitionError, match="cleared by ada"):
        approvals(journal).clear(record.id, "bob")


def test_a_change_that_is_not_there_is_named(journal: InMemoryJournal) -> None:
    with pytest.raises(JournalError, match="no change 'chg_nope'"):
        approvals(journal).approve("chg_nope", "ada")


# ---- what an approval is bound to


def test_what_was_shown_is_what_may_be_approved(journal: InMemoryJournal) -> None:
    record = journal.add(a_change(version=0, epoch=1))
    with pytest.raises(PlanChangedError, match="no longer what was shown"):
        approvals(journal).approve(record.id, "ada", plan="0123456789abcdef")
    approved = approvals(journal).approve(record.id, "ada", plan=record.plan_hash)
    assert [(one.who, one.plan) for one in approved.approvals] == [("ada", record.plan_hash)]


def test_a_fingerprint_tells_every_change_of_what_is_shown() -> None:
    record = a_change()
    others = [
        replace(record, proposal=replace(record.proposal, proposed=31)),
        replace(record, proposal=replace(record.proposal, undo="something else")),
        replace(record, proposal=replace(record.proposal, risk=Risk.HIGH)),
        replace(record, plan=replace(record.plan, guardrails=())),
    ]
    hashes = {each.plan_hash for each in [record, *others]}
    assert len(hashes) == 1 + len(others)
    assert replace(record, version=7, approved_by="ada").plan_hash == record.plan_hash


def test_an_approval_that_comes_too_late_is_refused_and_says_when_it_expired(journal: InMemoryJournal) -> None:
    record = journal.add(replace(a_change(version=0, epoch=1), expires_at=NOON))
    with pytest.raises(IllegalTransitionError, match="it expired at "):
        Approvals(journal=journal, listeners=(), clock=FakeClock(NOON)).approve(record.id, "ada")


def test_the_second_person_is_told_who_was_first(journal: InMemoryJournal) -> None:
    record = journal.add(a_change(version=0, epoch=1))
    approvals(journal).reject(record.id, "ada", "not today")
    with pytest.raises(IllegalTransitionError, match="rejected by ada: not today"):
        approvals(journal).approve(record.id, "bob")


# ---- two people


def two_people(journal: InMemoryJournal) -> Approvals:
    return Approvals(journal=journal, listeners=(), clock=FakeClock(), two_people=Risk.HIGH)


def of_risk(risk: Risk) -> ChangeRecord:
    record = a_change(version=0, epoch=1)
    return replace(record, proposal=replace(record.proposal, risk=risk))


def test_a_high_risk_takes_two_people_and_the_same_one_twice_is_one(journal: InMemoryJournal) -> None:
    record = journal.add(of_risk(Risk.HIGH))
    first = two_people(journal).approve(record.id, "ada")
    assert first.state is State.PROPOSED
    assert "a second person must approve it" in first.phases[-1].reason
    with pytest.raises(IllegalTransitionError, match="ada has approved it already"):
        two_people(journal).approve(record.id, "ada")
    second = two_people(journal).approve(record.id, "bob")
    assert (second.state, second.approved_by) == (State.APPROVED, "ada and bob")


def test_a_lower_risk_takes_one(journal: InMemoryJournal) -> None:
    record = journal.add(of_risk(Risk.MEDIUM))
    assert two_people(journal).approve(record.id, "ada").state is State.APPROVED


def test_whoever_decides_on_what_has_gone_on_since_is_told_so(journal: InMemoryJournal) -> None:
    read = journal.add(a_change(version=0, epoch=1))
    approvals(journal).approve(read.id, "ada", version=read.version)
    with pytest.raises(ConflictError, match="it has gone on since it was read"):
        approvals(journal).reject(read.id, "bob", version=read.version)
    found = journal.find(read.id)
    assert found is not None
    assert (found.state, found.approved_by) == (State.APPROVED, "ada")


# ---- rolling back


def test_a_change_on_trial_is_marked_and_the_next_cycle_puts_it_back(journal: InMemoryJournal) -> None:
    record = journal.add(replace(a_change(State.TRIAL), version=0, epoch=1))
    asked = approvals(journal).roll_back(record.id, "ada", "callers complain")
    assert asked.state is State.TRIAL
    assert asked.roll_back_asked == "rolled back by ada: callers complain"
    with pytest.raises(IllegalTransitionError, match="it is to be rolled back by ada"):
        approvals(journal).roll_back(record.id, "bob")


def test_a_kept_change_is_taken_up_again_to_be_put_back(journal: InMemoryJournal) -> None:
    record = journal.add(replace(a_change(State.KEPT), version=0, epoch=1))
    back = approvals(journal).roll_back(record.id, "ada")
    assert (back.state, back.is_open, back.phases[-1].reason) == (State.ROLLING_BACK, True, "rolled back by ada")


def test_a_kept_change_waits_while_another_is_open(journal: InMemoryJournal) -> None:
    kept = journal.add(replace(a_change(State.KEPT), version=0, epoch=1))
    journal.add(replace(a_change(), id="chg_other", version=0, epoch=1))
    with pytest.raises(ChangeAlreadyOpenError, match="chg_other is open"):
        approvals(journal).roll_back(kept.id, "ada")


@pytest.mark.parametrize("state", [State.PROPOSED, State.APPROVED, State.REJECTED, State.ROLLED_BACK])
def test_what_was_not_changed_cannot_be_put_back(journal: InMemoryJournal, state: State) -> None:
    record = journal.add(replace(a_change(state), version=0, epoch=1))
    with pytest.raises(IllegalTransitionError, match=f"not possible while it is {state}"):
        approvals(journal).roll_back(record.id, "ada")


# ---- snoozing


def test_a_snoozed_rule_loses_the_change_it_has_proposed(journal: InMemoryJournal) -> None:
    record = journal.add(a_change(version=0, epoch=1))
    until = NOON + timedelta(days=1)
    snooze = Snooze(rule=record.proposal.rule, until=until, who="ada", reason="release week")
    approvals(journal).snooze(record.environment, snooze)
    found = journal.find(record.id)
    assert found is not None
    assert (found.state, list(journal.snoozes(record.environment))) == (State.REJECTED, [snooze])
    assert "is snoozed until" in found.phases[-1].reason


def test_what_the_policy_approved_is_dropped_too_and_what_a_person_approved_is_not(journal: InMemoryJournal) -> None:
    record = journal.add(replace(a_change(State.APPROVED, approved_by="policy"), version=0, epoch=1))
    snooze = Snooze(rule=record.proposal.rule, until=NOON + timedelta(days=1), who="ada")
    approvals(journal).snooze(record.environment, snooze)
    assert (found := journal.find(record.id)) is not None
    assert found.state is State.REJECTED
    other = journal.add(replace(a_change(), id="chg_other", version=0, epoch=1))
    approvals(journal).approve(other.id, "bob")
    approvals(journal).snooze(record.environment, snooze)
    assert (found := journal.find(other.id)) is not None
    assert found.state is State.APPROVED


@pytest.mark.parametrize("became", [State.KEPT, State.ROLLED_BACK])
def test_a_kept_change_is_not_put_back_under_what_a_later_one_has_set(journal: InMemoryJournal, became: State) -> None:
    """Its entry on the board is gone, and the value is not its own any more."""
    kept = journal.add(replace(a_change(State.KEPT), version=0, epoch=1))
    later = a_change(became, applying_since=NOON)
    journal.add(replace(later, id="chg_later", version=0, epoch=1))
    with pytest.raises(IllegalTransitionError, match=r"change chg_later has set db\.pool_size"):
        approvals(journal).roll_back(kept.id, "ada")


def test_one_that_was_proposed_later_and_never_begun_is_no_obstacle(journal: InMemoryJournal) -> None:
    kept = journal.add(replace(a_change(State.KEPT), version=0, epoch=1))
    journal.add(replace(a_change(State.EXPIRED), id="chg_later", version=0, epoch=1))
    assert approvals(journal).roll_back(kept.id, "ada").state is State.ROLLING_BACK
