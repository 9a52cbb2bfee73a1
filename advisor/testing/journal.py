"""A complete journal in memory, with the semantics of the real one: the same contract tests run on both."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from advisor.model.approval import Snooze
from advisor.model.change import ChangeRecord, Pause, State
from advisor.model.errors import (
    AmbiguousIdError,
    ChangeAlreadyOpenError,
    ConflictError,
    JournalError,
    StaleEpochError,
)
from advisor.model.term import Term
from advisor.ports.journal import Page


class InMemoryJournal:
    """Implements Book (Journal, Archive and Fights), Epochs and KillSwitch. While `down` is set every call fails."""

    def __init__(self) -> None:
        self.down = False
        self._changes: dict[str, ChangeRecord] = {}
        self._epoch = 0
        self._holder = ""
        self._pause: Pause | None = None
        self._snoozes: dict[tuple[str, str], Snooze] = {}

    def open_change(self, environment: str) -> ChangeRecord | None:
        self._check_up()
        found = (r for r in self._changes.values() if r.environment == environment and r.is_open)
        return next(found, None)

    def add(self, record: ChangeRecord) -> ChangeRecord:
        self._check_epoch(record.epoch)
        self._check_place(record)
        if record.id in self._changes:
            raise ConflictError("it is already stored", where=f"change {record.id}")
        stored = replace(record, version=1)
        self._changes[record.id] = stored
        return stored

    def advance(self, record: ChangeRecord) -> ChangeRecord:
        self._check_epoch(record.epoch)
        known = self._changes.get(record.id)
        if known is None or known.version != record.version:
            raise ConflictError(f"it is no longer at version {record.version}", where=f"change {record.id}")
        if record.is_open:
            self._check_place(record)
        stored = replace(record, version=record.version + 1)
        self._changes[record.id] = stored
        return stored

    def history(self, environment: str, limit: int = 100) -> Sequence[ChangeRecord]:
        return self.page(environment, limit).changes

    def page(self, environment: str, limit: int, *, before: int | None = None, states: Collection[State] = ()) -> Page:
        self._check_up()
        numbered = enumerate(self._changes.values(), start=1)
        found = [(number, one) for number, one in numbered if one.environment == environment]
        found = [(number, one) for number, one in found[::-1] if before is None or number < before]
        found = [(number, one) for number, one in found if not states or one.state in states]
        shown = [record.without_samples() for _, record in found[:limit]]
        return Page(changes=shown, next=found[limit - 1][0] if len(found) > limit else None)

    def fights(self, environment: str) -> Sequence[ChangeRecord]:
        self._check_up()
        return [r for r in reversed(self._changes.values()) if r.environment == environment and r.is_fight]

    def find(self, change_id: str) -> ChangeRecord | None:
        self._check_up()
        if change_id in self._changes:
            return self._changes[change_id]
        found = [record for key, record in self._changes.items() if change_id and key.startswith(change_id)]
        if len(found) > 1:
            raise AmbiguousIdError(f"several changes start with {change_id!r}")
        return found[0] if found else None

    def snoozes(self, environment: str) -> Sequence[Snooze]:
        self._check_up()
        return [snooze for (where, _), snooze in sorted(self._snoozes.items()) if where == environment]

    def snooze(self, environment: str, snooze: Snooze) -> None:
        self._check_up()
        self._snoozes[environment, snooze.rule] = snooze

    def take(self, holder: str) -> int:
        self._check_up()
        self._epoch += 1
        self._holder = holder
        return self._epoch

    def current_epoch(self) -> int:
        self._check_up()
        return self._epoch

    def term(self) -> Term | None:
        self._check_up()
        return Term(epoch=self._epoch, holder=self._holder) if self._epoch else None

    def paused(self) -> Pause | None:
        self._check_up()
        return self._pause

    def pause(self, reason: str, at: datetime, *, freeze: bool) -> Pause:
        self._check_up()
        self._pause = Pause(reason=reason, since=at, freeze=freeze)
        return self._pause

    def resume(self) -> None:
        self._check_up()
        self._pause = None

    def _check_place(self, record: ChangeRecord) -> None:
        open_change = self.open_change(record.environment)
        if open_change is not None and open_change.id != record.id:
            raise ChangeAlreadyOpenError(f"change {open_change.id} is open", where=f"environment {record.environment}")

    def _check_up(self) -> None:
        if self.down:
            raise JournalError("connection refused", where="journal")

    def _check_epoch(self, epoch: int) -> None:
        self._check_up()
        if epoch < self._epoch:
            raise StaleEpochError(f"epoch {epoch} is over; {self._epoch} leads", where="journal")
