"""Whether a series broke elsewhere than where a break is claimed."""

from collections.abc import Sequence
from itertools import accumulate

_FEWEST = 3
_MORE = 1.05
"""As a factor: noise that lasts lets neighbouring places explain about as much as the true one."""


def explained_by_break(series: Sequence[float]) -> Sequence[float]:
    """For each place, the part of the sum of squares that another level from there on explains; 0 where fewer than
    three points lie on either side."""
    n = len(series)
    mean = sum(series) / n if n else 0.0
    sums = [0.0, *accumulate(value - mean for value in series)]
    return [
        sums[place] ** 2 * n / (place * (n - place)) if _FEWEST <= place <= n - _FEWEST else 0.0 for place in range(n)
    ]


def rival_break(series: Sequence[float], claimed: range) -> int | None:
    """The place outside `claimed` from which on another level explains clearly more than from any place within."""
    explained = explained_by_break(series)
    own = max((explained[place] for place in claimed if 0 <= place < len(explained)), default=0.0)
    others = [place for place in range(len(explained)) if place not in claimed]
    best = max(others, key=lambda place: explained[place], default=None)
    return best if best is not None and explained[best] > _MORE * own else None
