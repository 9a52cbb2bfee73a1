"""A person's word on a change: the command line, the HTTP API and Slack all call this."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.engine.decide.manual_clear import cleared
from advisor.engine.rollout.hold import settled_by
from advisor.engine.rollout.transitions import Transitions
from advisor.model.change import ChangeRecord, Event
from advisor.model.errors import JournalError
from advisor.ports.clock import Clock
from advisor.ports.events import ChangeListener
from advisor.ports.journal import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Written in the name of the term in force: a person's word is not a new term.

    Every method raises JournalError when there is no such change or the journal fails, ConflictError when somebody
    else was quicker, IllegalTransitionError when the change does not wait for this word.
    """

    journal: Register
    listeners: Sequence[ChangeListener]
    clock: Clock

    def approve(self, change_id: str, who: str) -> ChangeRecord:
        """Let it happen; a held trial is kept."""
        record = self._find(change_id)
        if record.is_held:
            return self._settle(record, who, keep=True)
        return self._decide(replace(record, approved_by=who), Event.APPROVED, who)

    def reject(self, change_id: str, who: str) -> ChangeRecord:
        """Drop it; a held trial goes back."""
        record = self._find(change_id)
        if record.is_held:
            return self._settle(record, who, keep=False)
        return self._decide(replace(record, approved_by=""), Event.REJECTED, who)

    def clear(self, change_id: str, who: str) -> ChangeRecord:
        """Say that a target which had stopped may be changed again."""
        done = cleared(self._find(change_id), who)
        return self._transitions().note(done, self.clock.now(), f"cleared by {who}: the target may be changed again")

    def _decide(self, record: ChangeRecord, event: Event, who: str) -> ChangeRecord:
        return self._transitions().move(record, event, self.clock.now(), f"{event.value} by {who}")

    def _settle(self, record: ChangeRecord, who: str, *, keep: bool) -> ChangeRecord:
        """The next cycle carries it out."""
        settled = settled_by(record, who, keep=keep)
        return self._transitions().note(settled, self.clock.now(), f"to be {'kept' if keep else 'rolled back'}: {who}")

    def _find(self, change_id: str) -> ChangeRecord:
        record = self.journal.find(change_id)
        if record is None:
            raise JournalError(f"no change {change_id!r}", where="journal", fix="see: advisor changes")
        return record

    def _transitions(self) -> Transitions:
        term = self.journal.term()
        return Transitions(journal=self.journal, listeners=self.listeners, epoch=term.epoch if term else 0)
