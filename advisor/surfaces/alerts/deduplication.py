"""Which alerts were taken before: senders repeat, and two of a pair both send."""

from collections import OrderedDict

_REMEMBERED = 50_000
"""Five bursts of 10,000; some 8 MB at most."""


class SeenAlerts:
    """Remembers the latest keys, `most` of them. Not safe for threads: its owner locks."""

    def __init__(self, most: int = _REMEMBERED) -> None:
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
