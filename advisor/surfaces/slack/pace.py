"""No faster than Slack wants, and slower while it is ill."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

POST, UPDATE, FILES = "chat.postMessage", "chat.update", "files"
_SECONDS_APART = {POST: 1.0, UPDATE: 60 / 45}
"""About 1 a second and channel; 50 a minute over all messages, with a tenth in reserve [apis/web-api/rate-limits]."""
_FIRST_WAIT_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 120.0


class NotYetError(Exception):
    """Not now: in `seconds` again. No fault, so no AdvisorError."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"in {seconds:.1f} s")


@dataclass(slots=True)
class Pace:
    """For one channel. monotonic: the clock's. spread: from 0 to 1, which keeps replicas from marching in step."""

    monotonic: Callable[[], float]
    spread: Callable[[], float] = random.random
    _free_at: dict[str, float] = field(default_factory=dict)
    _all_free_at: float = 0.0
    _failures: int = 0

    def book(self, method: str) -> None:
        """Take the next place for a call of `method`. Raises NotYetError when it is not free yet."""
        self.check(method)
        self._free_at[method] = self.monotonic() + _SECONDS_APART.get(method, 0.0)

    def check(self, method: str) -> None:
        """Raises NotYetError when the next place for a call of `method` is not free yet."""
        wait = max(self._free_at.get(method, 0.0), self._all_free_at) - self.monotonic()
        if wait > 0:
            raise NotYetError(wait)

    def check_all(self) -> None:
        """Raises NotYetError while everything waits."""
        wait = self._all_free_at - self.monotonic()
        if wait > 0:
            raise NotYetError(wait)

    def hold(self, method: str, seconds: float) -> None:
        """Slack said so: of this method only."""
        self._free_at[method] = self.monotonic() + seconds

    def hold_all(self, seconds: float) -> None:
        self._all_free_at = self.monotonic() + seconds

    def release(self) -> None:
        """What everything waited for is mended."""
        self._all_free_at = 0.0

    def failed(self) -> None:
        """Everything waits, each time in a row twice as long, up to two minutes."""
        wait = min(_FIRST_WAIT_SECONDS * 2.0 ** min(self._failures, 10), _LONGEST_WAIT_SECONDS)
        self._failures += 1
        self.hold_all(wait * (0.5 + self.spread() / 2))

    def worked(self) -> None:
        self._failures = 0
