"""Slow requests counted, where a histogram is on record: may be looked at in every cycle without a price. Pure.

"p95 is at most X" and "at most 5% take longer than X" are the same sentence, and the second one is counted: harm to the
slow ones alone shows at once, and also where the whole of latency moved little.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from advisor.engine.judge.load_bands import Block, clumping, load_bands
from advisor.engine.judge.request_blocks import Stretch, block_seconds, past, reference, request_blocks, since
from advisor.engine.judge.trial import Trial
from advisor.model.change import Guardrail
from advisor.model.signal import SignalKey
from advisor.stats.counts import is_above, rate_within

SLOWEST = 0.05
"""The share of requests above p95."""
_DEVIATIONS = 3.0
_FEWEST_BOUNDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowRequests:
    """Requests of the trial, and those slower than what is allowed.

    before: p95 in seconds, at the trial's load. surely_slow: slower than is allowed even if p95 was as high before as
    the counts leave open. clumping: so many come at once and count as one.
    """

    signal: SignalKey
    before: float
    requests_after: float
    surely_slow: float
    clumping: float

    def harm(self, rail: Guardrail, alpha: float) -> str:
        """The harm that is proven beyond the bound, wrong at any time with a chance of at most `alpha`; or ""."""
        events, exposure = self.surely_slow / self.clumping, self.requests_after / self.clumping
        if not is_above(SLOWEST, events=events, exposure=exposure, alpha=alpha):
            return ""
        most = max(self.before * (1 + rail.maximum_harm_ratio), self.before + rail.slack)
        share = self.surely_slow / self.requests_after
        return f"{self.signal} went from {self.before:.4g}: {share:.1%} now take longer than the {most:.4g} s allowed"

    @property
    def is_suspicious(self) -> bool:
        """Whether more than one in twenty took longer than is allowed, be it proven or not."""
        return self.surely_slow > SLOWEST * self.requests_after


def count_slow(trial: Trial, rail: Guardrail) -> SlowRequests | None:
    """The requests of the trial so far against the control's in the same time, or else those of the past.

    None where no histogram is on record, or p95 lies outside its bounds: then the quantile itself is compared.
    """
    earlier, later = reference(trial), since(trial)
    before, after = _ladder(trial, earlier, rail), _ladder(trial, later, rail)
    if before is None or after is None or before.bounds != after.bounds:
        return None
    known = before.at_the_load_of(after)
    middle, high = (known.slower_than(share) for share in (SLOWEST, known.lowest(SLOWEST)))
    off = _offset(trial, rail)
    allowed = _allowed(rail, high * off)
    if math.isnan(allowed) or allowed > before.bounds[-1]:
        return None
    slow = after.slow(allowed)
    return SlowRequests(
        signal=rail.signal,
        before=middle * off,
        requests_after=sum(block.requests for block in slow),
        surely_slow=sum(block.failed for block in slow),
        clumping=max(clumping(before.slow(middle)), clumping(slow)),
    )


def _allowed(rail: Guardrail, seconds: float) -> float:
    return max(seconds * (1 + rail.maximum_harm_ratio), seconds + rail.slack)


def _offset(trial: Trial, rail: Guardrail) -> float:
    """With a control: by which factor those that take the value were slower than it before; instances are not alike."""
    if trial.control is None:
        return 1.0
    own, other = (_ladder(trial, past(trial, windows), rail) for windows in (trial.baseline, trial.control.baseline))
    if own is None or other is None:
        return math.nan
    return _Shares.of(own).slower_than(SLOWEST) / _Shares.of(other).slower_than(SLOWEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ladder:
    """For each bound, in seconds and from the lowest on, the blocks with the requests that took longer."""

    bounds: tuple[float, ...]
    blocks: tuple[Sequence[Block], ...]

    def at_the_load_of(self, other: "_Ladder") -> "_Shares":
        """The shares that took longer, at the load of `other`."""
        counted = [load_bands(rung).at_the_load_of(other.blocks[0]) for rung in self.blocks]
        return _Shares(
            bounds=self.bounds,
            shares=tuple(slow / requests if requests > 0 else math.nan for slow, requests in counted),
            requests=counted[-1][1],
            clumping=max(clumping(rung) for rung in self.blocks),
        )

    def slow(self, seconds: float) -> Sequence[Block]:
        """Block by block, the requests that took longer than `seconds`; within a bucket they lie evenly.

        Below the lowest bound all of that bound's count, and above the highest those of the highest.
        """
        for number, (low, high) in enumerate(pairwise(self.bounds)):
            if low <= seconds <= high:
                part = (seconds - low) / (high - low)
                return [
                    replace(one, failed=one.failed + part * (other.failed - one.failed))
                    for one, other in zip(self.blocks[number], self.blocks[number + 1], strict=True)
                ]
        return self.blocks[0] if seconds < self.bounds[0] else self.blocks[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shares:
    """The share of requests that took longer than each bound. clumping: of the counts that it is known from."""

    bounds: tuple[float, ...]
    shares: tuple[float, ...]
    requests: float
    clumping: float = 1.0

    @classmethod
    def of(cls, ladder: _Ladder) -> "_Shares":
        sums = [(sum(b.failed for b in rung), sum(b.requests for b in rung)) for rung in ladder.blocks]
        return cls(
            bounds=ladder.bounds,
            shares=tuple(slow / requests if requests > 0 else math.nan for slow, requests in sums),
            requests=sums[-1][1],
        )

    def lowest(self, share: float) -> float:
        """The lowest share that the counts leave open where `share` was seen."""
        exposure = self.requests / self.clumping
        return rate_within(share * exposure, exposure, _DEVIATIONS)[0]

    def slower_than(self, share: float) -> float:
        """The seconds that this share took longer than; NaN where it lies outside the bounds."""
        rungs = list(zip(self.bounds, self.shares, strict=True))
        for (low, more), (high, less) in pairwise(rungs):
            if less <= share <= more:
                return low + (high - low) * ((more - share) / (more - less) if more > less else 0.0)
        return math.nan


def _ladder(trial: Trial, stretch: Stretch, rail: Guardrail) -> _Ladder | None:
    """None where a bound is not on record, or not at the same moments as the others."""
    if len(rail.within) < _FEWEST_BOUNDS or any(stretch.problem(key) for key in rail.within):
        return None
    seconds = block_seconds(trial, stretch, rail.within[0])
    faster: Mapping[float, Sequence[Block]] = {
        float(key.label("le")): request_blocks(trial, stretch, key, seconds) for key in rail.within
    }
    bounds = tuple(sorted(faster))
    if not faster[bounds[0]] or len({len(rung) for rung in faster.values()}) > 1:
        return None
    slower = tuple([replace(one, failed=max(one.requests - one.failed, 0.0)) for one in faster[le]] for le in bounds)
    return _Ladder(bounds=bounds, blocks=slower)
