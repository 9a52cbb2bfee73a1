"""What the walk asks of the durable record, and of the lock that one process holds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from advisor.model.approval import Snooze
from advisor.model.change import ChangeRecord, Pause, State
from advisor.model.term import Term


class Journal(Protocol):
    """The durable record of every change."""

    def open_change(self, environment: str) -> ChangeRecord | None:
        """The one change that is open, if any. Raises JournalError."""

    def add(self, record: ChangeRecord) -> ChangeRecord:
        """Store a new change. Raises ChangeAlreadyOpenError, StaleEpochError, JournalError."""

    def advance(self, record: ChangeRecord) -> ChangeRecord:
        """Store `record` over its former version and return it with the next one.

        `record.version` is the version it was read with. Raises ConflictError, StaleEpochError, JournalError.
        """

    def history(self, environment: str, limit: int = 100) -> Sequence[ChangeRecord]:
        """The latest changes, newest first, the open one included; without their samples. Raises JournalError."""


class Archive(Protocol):
    """Single changes, whole."""

    def find(self, change_id: str) -> ChangeRecord | None:
        """The change whose id starts with `change_id`, None for "". Raises AmbiguousIdError when several do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some changes, newest first, without their samples. next: where the page after this one begins; None: the last."""

    changes: Sequence[ChangeRecord]
    next: int | None


class Pages(Protocol):
    """The changes from the newest to the oldest, some at a time; new ones do not shift the pages."""

    def page(self, environment: str, limit: int, *, before: int | None = None, states: Collection[State] = ()) -> Page:
        """At most `limit` changes. before: `next` of the former page. states: only those in one of them, if any.

        Raises JournalError.
        """


class Fights(Protocol):
    """What the journal knows of other owners of a knob."""

    def fights(self, environment: str) -> Sequence[ChangeRecord]:
        """Every change that somebody else overwrote and that no person has cleared, newest first, however old.

        Raises JournalError.
        """


class Snoozes(Protocol):
    """Rules that a person does not want to hear of for a while."""

    def snoozes(self, environment: str) -> Sequence[Snooze]:
        """Those that were said, by rule; one that is over may still be among them. Raises JournalError."""

    def snooze(self, environment: str, snooze: Snooze) -> None:
        """Store it, over a former one of the same rule. Raises JournalError."""


class Book(Journal, Archive, Fights, Snoozes, Protocol):
    """The journal as the walk uses it."""


class Epochs(Protocol):
    """Numbers the leadership terms: whoever takes a newer one shuts all older ones out."""

    def take(self, holder: str) -> int:
        """The next epoch, larger than every one before it. Raises JournalError."""

    def term(self) -> Term | None:
        """The term in force; None before the first. Raises JournalError."""


class Register(Book, Epochs, Protocol):
    """The journal as whoever speaks for a person uses it: it knows the changes, and whose term it is."""


class LeaderLock(Protocol):
    """The place that one process at a time can have: by a database, a file, or a cluster's lease."""

    def hold(self) -> int | None:
        """Take the place, or confirm that it is still ours: the number of this holding, None while another has it.

        Another number than the last one means that it was lost in between. Raises JournalError or TransientError when
        it cannot be told.
        """

    def release(self) -> None:
        """Give it up; nothing happens when it is not ours."""


class KillSwitch(Protocol):
    """Durable pause, honoured before every write."""

    def paused(self) -> Pause | None:
        """The pause in force. Raises JournalError."""

    def pause(self, reason: str, at: datetime, *, freeze: bool) -> Pause:
        """Start or replace a pause."""

    def resume(self) -> None:
        """End it; nothing happens when there is none."""
