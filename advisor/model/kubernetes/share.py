"""A part of the pods, as budgets and rollouts give it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A number of pods, or a percentage of them, which is rounded up."""

    value: int
    is_percent: bool = False

    def of(self, pods: int) -> int:
        return math.ceil(pods * self.value / 100) if self.is_percent else self.value
