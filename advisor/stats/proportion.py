"""How large a share may truly be of which only a few cases were seen."""

import math


def highest_share(count: int, total: int, confidence: float = 0.95) -> float:
    """The upper bound of the share when `count` of `total` independent cases had it (Clopper and Pearson 1934).

    One-sided and exact: a larger share would show so few with a chance below 1 - confidence. Of none in n cases it is
    1 - (1 - confidence)^(1/n), about 3/n at 95%. 1 when there was no case.

    Raises ValueError unless 0 <= count <= total.
    """
    if not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is no share")
    if count == total:
        return 1.0
    low, high = count / total, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(count, total, middle) > 1 - confidence else (low, middle)
    return high


def lowest_share(count: int, total: int, confidence: float = 0.95) -> float:
    """The lower bound, likewise."""
    return 1 - highest_share(total - count, total, confidence)


def _at_most(count: int, total: int, share: float) -> float:
    """The chance of `count` or fewer in `total` cases; 0 < share < 1."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return 0.0
    return math.fsum(
        math.exp(
            math.lgamma(total + 1)
            - math.lgamma(seen + 1)
            - math.lgamma(total - seen + 1)
            + seen * math.log(share)
            + (total - seen) * math.log1p(-share)
        )
        for seen in range(count + 1)
    )
