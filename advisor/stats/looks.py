"""When a trial is looked at, and how much of the allowed error each look may use up."""

import math
from dataclasses import dataclass

_GROWTH = 1.5
_EARLY = (0.25, 0.5)
SOONER, LATER = 1.0, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look. seconds: of the trial it sees. early: before the first window is full, for harm only."""

    seconds: float
    share: float
    share_before: float
    early: bool
    last: bool

    def alpha(self, total: float, power: float) -> float:
        """The part of `total` that belongs to this look: total * share^power spent so far, as Kim and DeMets (1987).

        Looks share nothing, so their errors add up to `total` at most, whatever the noise does (Bonferroni).
        """
        return total * (math.pow(self.share, power) - math.pow(self.share_before, power))


def looks(first_seconds: float, longest_seconds: float) -> tuple[Look, ...]:
    """Two early looks, one at the first window's end, each next half as long again, and one at the longest's end."""
    times = [first_seconds * part for part in _EARLY]
    at = first_seconds
    while at * _GROWTH**0.5 < longest_seconds:
        times.append(at)
        at *= _GROWTH
    times.append(longest_seconds)
    return tuple(
        Look(
            seconds=seconds,
            share=seconds / longest_seconds,
            share_before=before / longest_seconds,
            early=seconds < first_seconds,
            last=seconds == longest_seconds,
        )
        for before, seconds in zip([0.0, *times], times, strict=False)
    )
