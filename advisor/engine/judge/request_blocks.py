"""Requests in blocks of time, and those of them that a share picks out: the failed, the slow. Pure."""

import math
from dataclasses import dataclass

from advisor.engine.judge.analysis_window import distance_of, points_of
from advisor.engine.judge.load_bands import Block
from advisor.engine.judge.switch_back import with_new_value
from advisor.engine.judge.trial import Trial, Windows, read
from advisor.model.signal import LOAD_SIGNAL, SignalKey

_BLOCKS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Windows of a trial from `start` to `end`, in seconds from its beginning."""

    windows: Windows
    start: float
    end: float

    def problem(self, signal: SignalKey) -> str:
        """Why the requests of `signal` cannot be counted here; "" when they can."""
        return read(self.windows, signal).problem or read(self.windows, load_of(signal)).problem


def load_of(share: SignalKey) -> SignalKey:
    """The requests that `share` is one of: those of its application."""
    return SignalKey(name=LOAD_SIGNAL, labels=tuple(pair for pair in share.labels if pair[0] != "le"))


def reference(trial: Trial) -> Stretch:
    """What the trial is held against: the control in the same time, or else the past."""
    if trial.control is not None:
        return Stretch(windows=trial.control.trial, start=0.0, end=trial.elapsed_seconds)
    return past(trial, trial.baseline)


def past(trial: Trial, windows: Windows) -> Stretch:
    """All that is on record of before the trial."""
    return Stretch(windows=windows, start=-trial.plan.history_seconds - trial.plan.longest_seconds, end=0.0)


def since(trial: Trial) -> Stretch:
    """The trial so far; of one that switches back, what was served with the new value."""
    return Stretch(windows=with_new_value(trial).trial, start=0.0, end=trial.elapsed_seconds)


def block_seconds(trial: Trial, stretch: Stretch, signal: SignalKey) -> float:
    """So that what is compared with holds 24 blocks: fewer would not tell whether failures come in a row.

    Not longer than what the longest window needs for as many, and not shorter than the points' distance.
    """
    points = points_of(read(stretch.windows, signal), trial.began_at, stretch.start, stretch.end)
    longest = max(trial.plan.block_seconds, trial.plan.longest_seconds / _BLOCKS)
    known = (points[-1][0] - points[0][0]) / _BLOCKS if points else longest
    return max(distance_of(points), min(longest, known))


def request_blocks(trial: Trial, stretch: Stretch, signal: SignalKey, seconds: float) -> list[Block]:
    """The requests of each block and those that the share `signal` picks out; none where a point stands alone.

    Requests are the rate times the points' distance: overlapping rates count each request once on average.
    """
    within = (trial.began_at, stretch.start, stretch.end)
    shares = points_of(read(stretch.windows, signal), *within)
    rates = dict(points_of(read(stretch.windows, load_of(signal)), *within))
    if len(shares) < 2:
        return []
    distance = distance_of(shares)
    seconds = max(seconds, distance)
    blocks: dict[int, list[tuple[float, float]]] = {}
    for at, share in shares:
        if at in rates:
            counted = (max(share, 0.0), max(rates[at], 0.0) * distance)
            blocks.setdefault(math.floor(at / seconds), []).append(counted)
    return [
        Block(
            failed=sum(share * served for share, served in points),
            requests=(requests := sum(served for _, served in points)),
            load=requests / len(points),
        )
        for points in blocks.values()
    ]
