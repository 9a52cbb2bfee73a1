"""The one way by which a change takes a step: into the journal first, then to everybody who listens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from advisor.engine.rollout.lifecycle import note, transition
from advisor.engine.rollout.listeners import tell
from advisor.model.change import ChangeRecord, Event
from advisor.ports.events import ChangeListener
from advisor.ports.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """Every write is in the name of the term `epoch`, and raises JournalError; then nobody has been told anything."""

    journal: Journal
    listeners: Sequence[ChangeListener]
    epoch: int

    def open(self, record: ChangeRecord) -> ChangeRecord:
        """A new change."""
        stored = self.journal.add(replace(record, epoch=self.epoch))
        self._tell(stored, lambda listener: listener.change_moved(stored))
        return stored

    def move(self, record: ChangeRecord, event: Event, now: datetime, reason: str) -> ChangeRecord:
        """`record` after `event`. Raises IllegalTransitionError when its state does not know the event."""
        stored = self.store(transition(record, event, now, reason))
        self._tell(stored, lambda listener: listener.change_moved(stored))
        return stored

    def note(self, record: ChangeRecord, now: datetime, reason: str) -> ChangeRecord:
        """`record` where it was, with something worth knowing added to its phases."""
        stored = self.store(note(record, now, reason))
        self._tell(stored, lambda listener: listener.change_noted(stored))
        return stored

    def store(self, record: ChangeRecord) -> ChangeRecord:
        """What was learnt of `record`, without a step that anybody is told of."""
        return self.journal.advance(replace(record, epoch=self.epoch))

    def _tell(self, record: ChangeRecord, event: Callable[[ChangeListener], None]) -> None:
        tell(self.listeners, event, change_id=record.id)
