"""Tier 1: a bounded dictionary in the process, least recently used out first, with a time to live that can be moved."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class MemoryTier(Generic[V]):
    """Every operation takes constant time. Safe to use from several threads.

    ttl_seconds and max_items may be set at any time: an entry is served for as long as the present TTL allows, counted
    from when it was stored. evicted is called with "expired" or "capacity" for each entry dropped.
    """

    def __init__(
        self,
        *,
        ttl_seconds: float,
        max_items: int,
        evicted: Callable[[str], None] = lambda reason: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ttl_seconds = ttl_seconds
        self._max_items = max_items
        self._evicted = evicted
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def max_items(self) -> int:
        return self._max_items

    @max_items.setter
    def max_items(self, value: int) -> None:
        with self._lock:
            self._max_items = value
            self._make_room()

    def get(self, key: str) -> tuple[V] | None:
        """The value in a tuple of one, as None may be a value; None when there is none that is fresh."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            stored_at, value = entry
            if self._clock() - stored_at >= self.ttl_seconds:
                del self._entries[key]
                self._evicted("expired")
                return None
            self._entries.move_to_end(key)
            return (value,)

    def put(self, key: str, value: V) -> None:
        with self._lock:
            self._entries[key] = (self._clock(), value)
            self._entries.move_to_end(key)
            self._make_room()

    def drop(self, key: str) -> None:
        """Forget one key; nothing happens when it is not there."""
        with self._lock:
            self._entries.pop(key, None)

    def renew(self) -> None:
        """A lock that nobody holds, in a process that was forked."""
        self._lock = threading.Lock()

    def _make_room(self) -> None:
        while len(self._entries) > self._max_items:
            self._entries.popitem(last=False)
            self._evicted("capacity")
