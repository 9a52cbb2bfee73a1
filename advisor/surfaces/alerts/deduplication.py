"""Which alerts were taken before: senders repeat, two of a pair both send, and both go on after a restart of ours."""

import uuid
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from advisor.ports.notebook import Notebook

REMEMBERED = 50_000
"""Five bursts of 10,000; some 8 MB at most."""
_SURFACE, _PREFIX = "alerts", "answered/"
_KEYS_A_NOTE, _MOST_NOTES = 200, 128
"""3.4 kB a note, and 25,600 keys in all: half of what is remembered."""


class SeenAlerts:
    """Remembers the latest keys, `most` of them. Not safe for threads: its owner locks."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        if key not in self._keys:
            return False
        self._keys.move_to_end(key)
        return True

    def forget(self, key: str) -> None:
        self._keys.pop(key, None)

    def add(self, key: str) -> None:
        self._keys[key] = None
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)


class AnsweredAlerts:
    """The keys of alerts that were answered, for the next start and for the other replicas.

    One note is filled after another, and the oldest are dropped: a write for what was answered together, none for what
    is repeated. Every method raises JournalError. Used from one thread only.
    """

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._note = _new_note()
        self._keys: tuple[str, ...] = ()

    def keys(self) -> Iterator[str]:
        """All that are known, the oldest first."""
        for _, text in self._notebook.entries(_SURFACE, _PREFIX):
            yield from text.split()

    def add(self, keys: Iterable[str]) -> None:
        left = list(keys)
        while left:
            if len(self._keys) == _KEYS_A_NOTE:
                self._begin_note()
            room = _KEYS_A_NOTE - len(self._keys)
            filled = (*self._keys, *left[:room])
            self._notebook.write(_SURFACE, self._note, " ".join(filled))
            self._keys, left = filled, left[room:]

    def _begin_note(self) -> None:
        notes = [key for key, _ in self._notebook.entries(_SURFACE, _PREFIX)]
        for old in notes[: max(0, len(notes) - _MOST_NOTES + 1)]:
            self._notebook.drop(_SURFACE, old)
        self._note, self._keys = _new_note(), ()


def _new_note() -> str:
    return _PREFIX + uuid.uuid4().hex
