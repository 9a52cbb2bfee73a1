"""One end for many requests, whatever each of them may take."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """at: on the scale of `time.monotonic`."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def at_most(self, seconds: float) -> "Deadline":
        """That of one request, which never ends later than this one."""
        return min(self, Deadline.after(seconds), key=lambda one: one.at)

    @property
    def left_seconds(self) -> float:
        """0 or below when it is over."""
        return self.at - time.monotonic()
