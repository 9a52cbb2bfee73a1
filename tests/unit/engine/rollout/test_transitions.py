"""Every step goes into the journal first, and then to everybody who listens."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from advisor.engine.rollout.transitions import Transitions
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.errors import IllegalTransitionError, JournalError
from advisor.surfaces.change_log import ChangeLog
from advisor.testing.journal import InMemoryJournal
from advisor.testing.meter import FakeListener
from advisor.testing.words import NOON, a_change


class Raises:
    """A listener of somebody else's, with a fault."""

    def change_moved(self, record: ChangeRecord) -> None:
        raise KeyError("slack")

    def change_noted(self, record: ChangeRecord) -> None:
        raise KeyError("slack")


def steps_of(journal: InMemoryJournal, *listeners: Any) -> Transitions:
    return Transitions(journal=journal, listeners=listeners, epoch=journal.take("a"))


def test_a_listener_that_raises_neither_stops_the_change_nor_the_listeners_after_it() -> None:
    journal, listener = InMemoryJournal(), FakeListener()
    steps = steps_of(journal, Raises(), listener)
    with capture_logs() as logs:
        record = steps.open(a_change(version=0))
        record = steps.move(record, Event.APPROVED, NOON, "ada said so")
        steps.note(record, NOON, "the clock was put back")
    assert listener.states == [State.PROPOSED, State.APPROVED]
    assert listener.notes == ["the clock was put back"]
    assert [(line["event"], line["listener"]) for line in logs] == [("listener_failed", "Raises")] * 3


def test_nobody_is_told_of_a_step_that_the_journal_does_not_have() -> None:
    journal, listener = InMemoryJournal(), FakeListener()
    steps = steps_of(journal, listener)
    record = steps.open(a_change(version=0))
    with pytest.raises(IllegalTransitionError):
        steps.move(record, Event.KEPT, NOON, "no such step")
    journal.down = True
    with pytest.raises(JournalError):
        steps.move(record, Event.APPROVED, NOON, "the disk is full")
    assert listener.states == [State.PROPOSED]


def test_the_log_names_each_step_after_the_state_it_led_to_with_target_values_and_reason() -> None:
    steps = steps_of(InMemoryJournal(), ChangeLog())
    with capture_logs() as logs:
        record = steps.open(a_change(version=0))
        steps.move(record, Event.REJECTED, NOON, "too bold")
    assert [line["event"] for line in logs] == ["change_proposed", "change_rejected"]
    assert {name: logs[-1][name] for name in ("change_id", "rule_id", "old", "new", "reason")} == {
        "change_id": record.id,
        "rule_id": record.proposal.rule,
        "old": record.proposal.current,
        "new": record.proposal.proposed,
        "reason": "too bold",
    }
