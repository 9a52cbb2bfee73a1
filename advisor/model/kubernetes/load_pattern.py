"""How the demand of a workload moves in time: the guide's load patterns."""

from dataclasses import dataclass
from enum import StrEnum


class LoadPattern(StrEnum):
    STEADY = "steady"
    DAILY = "daily"
    """Rises and falls with the hour, much alike every day."""
    BURSTY = "bursty"
    """Short rises at any time, many a day."""
    GROWING = "growing"
    FLASH_CROWD = "flash crowd"
    """Seldom, and then several times as much within minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternGuess:
    """confidence: the model's own chance (0 to 1) that it is this one. features: what it looked at, by name."""

    pattern: LoadPattern
    confidence: float
    features: dict[str, float]
