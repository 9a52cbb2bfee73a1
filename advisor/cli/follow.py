"""Changes as they happen: each step of any, or the moment at which one has come to a state."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing

from pydantic import SecretStr

from advisor.journal.repository import open_journal
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import ConfigurationError

_EVERY_SECONDS = 1.0
"""One short read of the journal."""


def steps(read: Callable[[], Sequence[ChangeRecord]], pause: Callable[[], None]) -> Iterator[ChangeRecord]:
    """Each change that is new or has another state or reason than a moment ago, the older first; without end."""
    known: Mapping[str, tuple[State, str]] = {record.id: (record.state, record.why) for record in read()}
    while True:
        pause()
        latest = read()
        yield from (record for record in reversed(latest) if known.get(record.id) != (record.state, record.why))
        known = {record.id: (record.state, record.why) for record in latest}


def every_step(journal: SecretStr, environment: str, limit: int) -> Iterator[ChangeRecord]:
    """Of the latest `limit` changes. Raises JournalError."""

    def read() -> Sequence[ChangeRecord]:
        with closing(open_journal(journal, read_only=True)) as opened:
            return opened.history(environment, limit)

    return steps(read, lambda: time.sleep(_EVERY_SECONDS))


def change_of(journal: SecretStr, change_id: str) -> ChangeRecord:
    """Raises ConfigurationError when there is no such change, JournalError."""
    with closing(open_journal(journal, read_only=True)) as opened:
        record = opened.find(change_id)
    if record is None:
        raise ConfigurationError(f"there is no change {change_id!r}", fix="`advisor changes list` names them all")
    return record


def until(journal: SecretStr, change_id: str, wanted: Sequence[State], seconds: float) -> ChangeRecord:
    """The change once it is in one of these states, or has ended, or `seconds` have passed, whichever comes first.

    Raises ConfigurationError when there is no such change, JournalError.
    """
    deadline = time.monotonic() + seconds
    while True:
        record = change_of(journal, change_id)
        left = deadline - time.monotonic()
        if record.state in wanted or not record.is_open or left <= 0:
            return record
        time.sleep(min(_EVERY_SECONDS, left))
