"""A list that Slack keeps, such as the members of a user group: remembered for minutes, read again before a refusal."""

import threading
from collections.abc import Callable, Collection

import structlog

from advisor.model.errors import AdvisorError
from advisor.ports.clock import Clock

log = structlog.get_logger()

FRESH_SECONDS = 300.0
"""For so long nobody asks again about somebody who is on the list."""
AGAIN_SECONDS = 15.0
"""Whatever is pressed, a list is read at most so often: Slack allows 20 calls a minute for the lists of all groups."""


class Roster:
    """What is older, or cannot be read, counts as not known."""

    def __init__(
        self, name: str, read: Callable[[], Collection[str]], clock: Clock, fresh_seconds: float = FRESH_SECONDS
    ) -> None:
        """name: what the log calls it. read: may take seconds and raises AdvisorError."""
        self._name = name
        self._read = read
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._items: Collection[str] = ()
        self._read_at = self._asked_at = float("-inf")
        self._done = threading.Event()
        self._done.set()
        self._lock = threading.Lock()

    def items(self) -> Collection[str] | None:
        """All of it; None when it is not known."""
        with self._lock:
            is_fresh = self._clock.monotonic() - self._read_at <= self._fresh_seconds
            return self._items if is_fresh else None

    def holds(self, item: str) -> bool | None:
        """Whether `item` is on it; None when that is not known."""
        items = self.items()
        return None if items is None else item in items

    def refresh(self) -> threading.Event:
        """Read it in a thread of its own, unless that is under way or was just done; set once that has ended."""
        with self._lock:
            now = self._clock.monotonic()
            if self._done.is_set() and now - self._asked_at >= AGAIN_SECONDS:
                self._asked_at = now
                self._done = threading.Event()
                threading.Thread(target=self._fill, args=(self._done,), name="slack-roster", daemon=True).start()
            return self._done

    def _fill(self, done: threading.Event) -> None:
        try:
            items = frozenset(self._read())
            with self._lock:
                self._items, self._read_at = items, self._clock.monotonic()
        except AdvisorError as error:
            log.warning("slack_list_unreadable", list=self._name, error=str(error))
        finally:
            done.set()
