"""What an application allows to be set. A value outside is refused, whoever asks."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Rejection(StrEnum):
    """Why a wanted value was not taken."""

    MALFORMED = "malformed"
    WRONG_TYPE = "wrong_type"
    OUT_OF_BOUNDS = "out_of_bounds"
    STALE_EPOCH = "stale_epoch"
    RESTART_NEEDED = "restart_needed"
    APPLY_FAILED = "apply_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """minimum and maximum are both allowed. kind: int for counts, float for seconds and shares."""

    minimum: float
    maximum: float
    kind: type[int] | type[float] = int

    def __post_init__(self) -> None:
        if not self.minimum <= self.maximum:
            raise ValueError(f"bounds are empty: minimum {self.minimum} is above maximum {self.maximum}")

    def refuse(self, value: object) -> Rejection | None:
        """Why `value` cannot be taken; None when it can. True, NaN, 2.5 for a count and text are of the wrong type."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Rejection.WRONG_TYPE
        if isinstance(value, float) and not math.isfinite(value):
            return Rejection.WRONG_TYPE
        if self.kind is int and value != int(value):
            return Rejection.WRONG_TYPE
        if not self.minimum <= value <= self.maximum:
            return Rejection.OUT_OF_BOUNDS
        return None
