"""A person's word, by whichever way it comes: journalled in the name of the term in force, and told to who listens."""

from dataclasses import replace

import pytest

from advisor.engine.approvals import Approvals
from advisor.model.change import State
from advisor.model.errors import ConflictError, IllegalTransitionError, JournalError
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.meter import FakeListener
from advisor.testing.words import a_change

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
