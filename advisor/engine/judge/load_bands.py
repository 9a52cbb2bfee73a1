"""Failures at a load: a system that turns callers away at noon and never at night has two rates, not one. Pure."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.stats.persistence import persistence

_BANDS = 8
_BLOCKS_A_BAND = 4
_WIDTH = 1.1
"""Loads that differ by less are one: each band is a coefficient that is fitted, and leaves less to tell clumps by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Requests served in one block of time and those that failed; load: requests at each of its points."""

    failed: float
    requests: float
    load: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBands:
    """Blocks in up to eight bands of load with as many in each, and at least four, each a tenth wide or wider.

    cuts: the loads between the bands. failed, requests: sums in each band.
    """

    cuts: tuple[float, ...]
    failed: tuple[float, ...]
    requests: tuple[float, ...]

    def expected(self, block: Block) -> float:
        """Failures of `block` if it failed as often as those of its load did; 0 where none was seen at its load."""
        band = bisect_right(self.cuts, block.load)
        return self.failed[band] / self.requests[band] * block.requests if self.requests[band] > 0 else 0.0

    def at_the_load_of(self, blocks: Sequence[Block]) -> tuple[float, float]:
        """(failures, requests) that tell as much as these do of the rate at the loads of `blocks`.

        Post-stratification: each band weighs as much as it does in `blocks`, and the variance of that mean is that of
        so many requests drawn alike. All of them together where `blocks` are empty, or in a band nothing is known of.
        """
        weights = _sums(self.cuts, [(block.load, block.requests) for block in blocks])
        total = sum(weights)
        unknown = any(weight > 0 and served <= 0 for weight, served in zip(weights, self.requests, strict=True))
        if total <= 0 or unknown:
            return sum(self.failed), sum(self.requests)
        shares = [weight / total for weight in weights]
        weighed = [(share, f, n) for share, f, n in zip(shares, self.failed, self.requests, strict=True) if share > 0]
        requests = 1 / sum(share**2 / n for share, _, n in weighed)
        return requests * sum(share * f / n for share, f, n in weighed), requests


def load_bands(blocks: Sequence[Block]) -> LoadBands:
    """The bands of `blocks`."""
    loads = sorted(block.load for block in blocks)
    bands = max(1, min(_BANDS, len(loads) // _BLOCKS_A_BAND))
    cuts = _apart(loads[0], [loads[len(loads) * band // bands] for band in range(1, bands)]) if loads else ()
    return LoadBands(
        cuts=cuts,
        failed=_sums(cuts, [(block.load, block.failed) for block in blocks]),
        requests=_sums(cuts, [(block.load, block.requests) for block in blocks]),
    )


def clumping(blocks: Sequence[Block]) -> float:
    """Long-run variance over mean of the failures in a block; 1 for independent ones, more for those in a row.

    What the load explains is no clump: failures are held against those expected at their block's load.
    """
    failed = sum(block.failed for block in blocks)
    if failed <= 0 or len(blocks) < _BLOCKS_A_BAND:
        return 1.0
    bands, scale = load_bands(blocks), math.sqrt(failed / len(blocks))
    residuals = [(block.failed - bands.expected(block)) / scale for block in blocks if block.requests > 0]
    adjacent = [i > 0 for i in range(len(residuals))]
    return max(1.0, persistence(residuals, adjacent, fitted=len(bands.failed)).long_run_variance)


def _apart(lowest: float, cuts: Sequence[float]) -> tuple[float, ...]:
    """Those of `cuts` that lie far enough above the one before."""
    kept = [lowest]
    for cut in cuts:
        if cut >= kept[-1] * _WIDTH and cut > kept[-1]:
            kept.append(cut)
    return tuple(kept[1:])


def _sums(cuts: Sequence[float], amounts: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    """Of (load, amount), in each band."""
    sums = [0.0] * (len(cuts) + 1)
    for load, amount in amounts:
        sums[bisect_right(cuts, load)] += amount
    return tuple(sums)
