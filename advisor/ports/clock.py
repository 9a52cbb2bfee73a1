"""The time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only way to the time."""

    def now(self) -> datetime:
        """Aware UTC time."""

    def monotonic(self) -> float:
        """Seconds that never jump, for measuring how long something took."""
