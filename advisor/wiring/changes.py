"""A person's word on a change, written into the journal."""

from dataclasses import replace

from advisor.clock import SystemClock
from advisor.engine.decide.manual_clear import cleared
from advisor.engine.rollout.hold import is_held, settled_by
from advisor.engine.rollout.lifecycle import transition
from advisor.journal.repository import open_journal
from advisor.model.change import ChangeRecord, Event
from advisor.model.errors import JournalError
from advisor.settings.schema import Settings


def decide_change(settings: Settings, change_id: str, *, approve: bool, who: str) -> ChangeRecord:
    """A person's word on a change that waits for it, or is held. Raises JournalError, IllegalTransitionError."""
    journal = open_journal(settings.journal.url)
    try:
        record = journal.find(change_id)
        if record is None:
            raise JournalError(f"no change {change_id!r}", where="journal", fix="see: advisor changes")
        if is_held(record):
            return journal.advance(replace(settled_by(record, who, keep=approve), epoch=journal.current_epoch()))
        event = Event.APPROVED if approve else Event.REJECTED
        decided = transition(record, event, SystemClock().now(), f"{event.value} by {who}")
        # In the name of the term in force: a person's word is not a new term.
        return journal.advance(replace(decided, approved_by=who if approve else "", epoch=journal.current_epoch()))
    finally:
        journal.close()


def clear_change(settings: Settings, change_id: str, *, who: str) -> ChangeRecord:
    """A person's word that a target which had stopped may be changed again. Raises as `decide_change`."""
    journal = open_journal(settings.journal.url)
    try:
        record = journal.find(change_id)
        if record is None:
            raise JournalError(f"no change {change_id!r}", where="journal", fix="see: advisor changes")
        done = cleared(record, who, SystemClock().now())
        return journal.advance(replace(done, epoch=journal.current_epoch()))
    finally:
        journal.close()
