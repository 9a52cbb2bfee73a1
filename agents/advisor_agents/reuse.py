"""How soon keys come back, and how often their values change: what a fitting TTL follows from."""

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_MOST_KEYS = 10_000


@dataclass(slots=True)
class _Key:
    asked_at: float
    digest: bytes = b""


class ReuseStatistics:
    """Remembers the last 10,000 keys (about 2 MB): when each was asked for, and a digest of its last loaded value."""

    def __init__(self, *, most_keys: int = _MOST_KEYS, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_keys = most_keys
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: OrderedDict[str, _Key] = OrderedDict()

    def asked(self, key: str) -> float | None:
        """Seconds since `key` was last asked for; None for a key not known."""
        now = self._clock()
        with self._lock:
            known = self._keys.get(key)
            if known is None:
                self._keys[key] = _Key(now)
                if len(self._keys) > self._most_keys:
                    self._keys.popitem(last=False)
                return None
            gap, known.asked_at = now - known.asked_at, now
            self._keys.move_to_end(key)
            return gap

    def loaded(self, key: str, value: Any) -> bool | None:
        """Whether the origin's value differs from the one loaded before; None when that is not known."""
        try:
            text = json.dumps(value, sort_keys=True)
        except (TypeError, ValueError):
            return None
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        with self._lock:
            known = self._keys.get(key)
            if known is None:
                return None
            former, known.digest = known.digest, digest
        return former != digest if former else None

    def renew(self) -> None:
        """A lock that nobody holds, in a process that was forked."""
        self._lock = threading.Lock()
