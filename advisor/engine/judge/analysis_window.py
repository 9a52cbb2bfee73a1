"""A trial seen by one look: every series in blocks of one length, as logarithms. Pure.

Everything grows with the trial: a look at its first hours is by longer blocks, and against a longer past, than one at
its first minutes. So noise is measured on the scale on which it disturbs, and a sudden harm against what just was.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter, sub
from statistics import fmean, median

from advisor.engine.judge.trial import Trial, Windows, read
from advisor.model.course import MarkKind
from advisor.model.signal import Series, SignalKey
from advisor.stats.blocks import Blocks, floor_of, gathered, is_sparse, log_blocks, shares_of

_BLOCKS_A_LOOK = 18
_BASELINE_LOOKS = 8
_ANOTHER = frozenset({MarkKind.RELEASE, MarkKind.CHANGE})
_SECOND = itemgetter(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisWindow:
    """seen_seconds: of the trial, counted from its beginning; the past begins at `start`, which is negative.

    robust: whether a large block leaves bursts out; without, everything that happened counts in full.
    """

    trial: Trial
    seen_seconds: float
    robust: bool = True
    _ready: dict[tuple[str, SignalKey, "Grid", float], Blocks] = field(default_factory=dict)

    @property
    def start(self) -> float:
        plan = self.trial.plan
        reach = -max(_BASELINE_LOOKS * self.seen_seconds, plan.baseline_seconds + plan.warm_up_seconds)
        return max(reach, self._released)

    @property
    def _released(self) -> float:
        """When the application last became another one, in seconds before the trial; what lies before is not its past.

        With a control, both were released.
        """
        if self.trial.control is not None:
            return -math.inf
        seconds = (
            (mark.at - self.trial.began_at).total_seconds() for mark in self.trial.marks if mark.kind in _ANOTHER
        )
        return max((at for at in seconds if at < -self.trial.plan.warm_up_seconds), default=-math.inf)

    def before(self, signal: SignalKey) -> Sequence[tuple[float, float]]:
        """(second, value) of the baseline's points."""
        return self._early(self.trial.baseline, signal)

    def after(self, signal: SignalKey) -> Sequence[tuple[float, float]]:
        """(second, value) of the trial's points."""
        return self._late(self.trial.trial, signal)

    def means(self, signal: SignalKey) -> tuple[float, float]:
        """Of all points of the baseline, and of those seen of the trial; NaN of none."""
        plan = self.trial.plan
        start = -(plan.baseline_seconds + plan.warm_up_seconds)
        early = [value for at, value in self.before(signal) if at >= start]
        late = [value for _, value in self.after(signal)]
        return (fmean(early) if early else math.nan), (fmean(late) if late else math.nan)

    def floor(self, signal: SignalKey, slack: float = 0.0) -> float:
        """What the blocks of `signal` are no lower than; see `floor_of`."""
        return floor_of((value for _, value in self.before(signal)), slack)

    def is_sparse(self, signal: SignalKey) -> bool:
        """Whether its blocks are shares of its mean, and not logarithms: before the change it was mostly nothing."""
        return is_sparse([value for _, value in self.before(signal)])

    def grid(self, signal: SignalKey) -> "Grid":
        """Small blocks: a sixth of the first window, or the points' own distance where that is longer. Large ones: so
        many small ones that what is seen, or the past if that is shorter, holds eighteen: fewer would not tell how
        much they resemble each other, and doubt about that costs more than what shorter blocks still do."""
        before = self.before(signal)
        distance = max(distance_of(before), distance_of(self.after(signal)))
        small = max(self.trial.plan.block_seconds, distance)
        span = min(self.seen_seconds, -before[0][0]) if before else self.seen_seconds
        return Grid(small_seconds=small, together=max(1, int(span / _BLOCKS_A_LOOK / small)))

    def blocks(self, signal: SignalKey, grid: "Grid", slack: float = 0.0) -> Blocks:
        """Of the instances on trial, over both windows; none when the baseline is zero. slack: see `floor_of`.

        Logarithms, or of a sparse signal shares of its mean before.
        """
        return self._gathered("trial", (self.trial.baseline, self.trial.trial), signal, grid, slack)

    def usual(self, signal: SignalKey, grid: "Grid") -> Blocks:
        """Of the same hours on earlier days; none when they are not on record."""
        return self._gathered("usual", (self.trial.usual, self.trial.usual), signal, grid)

    def control(self, signal: SignalKey, grid: "Grid", slack: float = 0.0) -> Blocks:
        """Of the instances that kept the old value; none without a control."""
        control = self.trial.control
        return self._gathered("control", (control.baseline, control.trial), signal, grid, slack) if control else {}

    def _gathered(
        self, name: str, windows: tuple[Windows, Windows], signal: SignalKey, grid: "Grid", slack: float = 0.0
    ) -> Blocks:
        key = (name, signal, grid, slack)
        if key not in self._ready:
            early, late = self._early(windows[0], signal), self._late(windows[1], signal)
            known = [value for _, value in early]
            sparse, floor = self.is_sparse(signal), floor_of(known, slack)
            if sparse and any(known):
                small = shares_of([*early, *late], grid.small_seconds, fmean(known))
            else:
                small = log_blocks([*early, *late], grid.small_seconds, floor) if floor > 0 and not sparse else {}
            self._ready[key] = gathered(small, grid.together, robust=self.robust and not sparse)
        return self._ready[key]

    def _early(self, windows: Windows, signal: SignalKey) -> Sequence[tuple[float, float]]:
        return points_of(read(windows, signal), self.trial.began_at, self.start, 0.0)

    def _late(self, windows: Windows, signal: SignalKey) -> Sequence[tuple[float, float]]:
        return points_of(read(windows, signal), self.trial.began_at, 0.0, self.seen_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Small blocks of so many seconds; `together` of them make one large one."""

    small_seconds: float
    together: int


def points_of(series: Series, began_at: datetime, start: float, end: float) -> Sequence[tuple[float, float]]:
    """(second, value) of the points in [start, end), in seconds from the trial's beginning."""
    points = series.since(began_at)
    return points[bisect_left(points, start, key=_SECOND) : bisect_left(points, end, key=_SECOND)]


def distance_of(points: Sequence[tuple[float, float]]) -> float:
    """The usual one between a point and the next, in seconds; 0 when there are fewer than two."""
    seconds = [at for at, _ in points]
    return median(map(sub, seconds[1:], seconds)) if len(seconds) > 1 else 0.0
