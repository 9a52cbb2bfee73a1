"""Windows that were covered too badly to count: a rate spreads what it saw over all of its window."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from advisor.clients.prometheus_points import Points
from advisor.sources.kubernetes_usage.answers.asking import Series, Span
from advisor.sources.kubernetes_usage.tallies.hours import Numbers
from advisor.sources.kubernetes_usage.tallies.targets import Targets

_Values = tuple[str, ...]
_Points = Points | Sequence[tuple[float, float]]


@dataclass(slots=True)
class Holes:
    """by_target: holes are told of targets, which is a small part of what it costs to tell them of each series. Then a
    window in which a series began or ended is a hole as well; else it is told as any other.
    """

    by_target: bool
    _targets: Targets = field(default_factory=Targets, init=False)
    _moments: dict[_Values, list[Numbers]] = field(default_factory=dict, init=False)
    """Of series: unix seconds."""
    _ended: set[_Values] | None = field(default=None, init=False)
    """Series with a point at the end of the part before; None before the first one."""

    def add(self, series: Iterable[Series]) -> None:
        """Of targets, or of series that have a point where the window is a hole."""
        if self.by_target:
            self._targets.add(series)
            return
        for one in series:
            if len(one.points):
                self._moments.setdefault(one.source.values, []).append(np.asarray(one.points, dtype=float)[:, 0])

    def left_out(self, series: Sequence[Series], part: Span) -> Sequence[Series]:
        """The series of this part, in the order of time, without the points that stand on a hole."""
        if not self._moments and not self.by_target:
            return series
        whole = _Whole(part)
        kept = [(one.source, self._covered(one, whole)) for one in series]
        if self.by_target:
            end = part.last.timestamp()
            self._ended = {one.source.values for one in series if len(one.points) and one.points[-1][0] == end}
        begins = min((float(points[0][0]) for _, points in kept if len(points)), default=0.0)
        return [Series(begins, source, points) for source, points in kept]

    def _covered(self, one: Series, whole: "_Whole") -> _Points:
        """The points of it that count."""
        source, points = one.source, one.points
        if not len(points):
            return points
        if not self.by_target:
            own = self._moments.get(source.values)
            return _without(points, np.concatenate(own)) if own else points
        is_new = self._is_new(source.values)
        if len(points) < whole.steps or is_new:
            points = whole.of(np.asarray(points, dtype=float), is_new=is_new)
        moments = self._targets.holes_of(source.labels)
        return _without(points, moments) if len(moments) else points

    def _is_new(self, values: _Values) -> bool:
        """Not there at the end of the part before."""
        return self._ended is not None and values not in self._ended


class _Whole:
    """Points whose windows have one on either side, so far as a part of the time goes. Many series lack the same."""

    def __init__(self, part: Span) -> None:
        self.steps, self._step_seconds = part.steps, part.step_seconds
        self._begins, self._ends = part.first.timestamp(), part.last.timestamp()
        self._known: dict[tuple[bool, bytes], NDArray[np.bool_]] = {}

    def of(self, points: Points, *, is_new: bool) -> Points:
        """is_new: the series was not there before the part."""
        times = points[:, 0]
        key = (is_new, times.tobytes())
        if key not in self._known:
            goes_on = np.diff(times) < 1.5 * self._step_seconds
            before = np.concatenate([[not is_new and times[0] == self._begins], goes_on])
            self._known[key] = before & np.append(goes_on, times[-1] == self._ends)
        kept: Points = points[self._known[key]]
        return kept


def _without(points: _Points, moments: Numbers) -> Points:
    several = np.asarray(points, dtype=float).reshape(-1, 2)
    kept: Points = several[~np.isin(several[:, 0], moments)]
    return kept
