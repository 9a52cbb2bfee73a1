"""Points of a series gathered into blocks of equal length, and the logarithms of the blocks' means."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median

Blocks = Mapping[int, float]
"""Values by the number of their block; a block without a point is absent."""

_FLOOR_RATIO = 0.01
_SPARSE_FROM = 0.2


def floor_of(values: Iterable[float], at_least: float = 0.0) -> float:
    """What counts as next to nothing: a hundredth of the median; 0 when there is no positive number to go by.

    Logarithms need positive numbers, and a fall to a hundredth is as good as one to nothing.
    """
    known = list(values)
    return _FLOOR_RATIO * max(median(known) if known else 0.0, at_least)


def is_sparse(values: Sequence[float]) -> bool:
    """Whether so many are next to nothing that logarithms would tell of these alone: waits that are rare, errors in
    bursts. The mean tells of all that happened."""
    mean = fmean(values) if values else 0.0
    return mean > 0 and sum(value <= _FLOOR_RATIO * mean for value in values) > _SPARSE_FROM * len(values)


def shares_of(points: Iterable[tuple[float, float]], seconds: float, level: float) -> Blocks:
    """Each block's mean as a share of `level` (> 0)."""
    return {block: mean / level for block, mean in block_means(points, seconds).items()}


def block_means(points: Iterable[tuple[float, float]], seconds: float) -> dict[int, float]:
    """Mean of the points (second, value) in each block; block i covers [i, i + 1) times `seconds`.

    A block without a point is absent. The means of such means over the same blocks are the same.
    """
    sums: dict[int, float] = {}
    counts: dict[int, int] = {}
    for at, value in points:
        block = math.floor(at / seconds)
        sums[block] = sums.get(block, 0.0) + value
        counts[block] = counts.get(block, 0) + 1
    return {block: sums[block] / counts[block] for block in sorted(sums)}


def log_blocks(points: Iterable[tuple[float, float]], seconds: float, floor: float) -> Mapping[int, float]:
    """Logarithm of each block's mean; one below `floor` (> 0) counts as `floor`."""
    return {block: math.log(max(mean, floor)) for block, mean in block_means(points, seconds).items()}


def gathered(blocks: Mapping[int, float], together: int, *, robust: bool) -> Mapping[int, float]:
    """Blocks `together` times as long: of the values in each, the mean of the middle half.

    So a burst that is shorter than a quarter of a block leaves no trace in it, and calm noise is averaged nearly as
    well as by the plain mean. Fewer than four values, and all that are not to be `robust`, are averaged as they are.
    """
    if together == 1:
        return blocks
    found: dict[int, list[float]] = {}
    for block, value in blocks.items():
        found.setdefault(block // together, []).append(value)
    return {block: _middle_mean(values) if robust else sum(values) / len(values) for block, values in found.items()}


def _middle_mean(values: list[float]) -> float:
    cut = len(values) // 4
    middle = sorted(values)[cut : len(values) - cut]
    return sum(middle) / len(middle)
