"""Windows that were covered too badly to count: a rate spreads what it saw over all of its window."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from advisor.sources.kubernetes_usage.answers.asking import Series, Span
from advisor.sources.kubernetes_usage.tallies.hours import Numbers

_Values = tuple[str, ...]


@dataclass(slots=True)
class Holes:
    """by_target: holes are told of targets, which is a small part of what it costs to tell them of each series. Then a
    window in which a series began or ended is a hole as well; else it is told as any other.
    """

    by_target: bool
    _moments: dict[_Values, dict[_Values, list[Numbers]]] = field(default_factory=dict, init=False)
    """By the names of labels, and their values: unix seconds."""
    _ended: set[_Values] | None = field(default=None, init=False)
    """Series with a point at the end of the part before; None before the first one."""

    def add(self, series: Iterable[Series]) -> None:
        """Of targets, or of series, that have a point where the window is a hole."""
        for one in series:
            if len(one.points):
                names = tuple(sorted(one.labels))
                moments = self._moments.setdefault(names, {}).setdefault(_values(names, one.labels), [])
                moments.append(np.asarray(one.points, dtype=float)[:, 0])

    def left_out(self, series: Sequence[Series], part: Span) -> Sequence[Series]:
        """The series of this part, in the order of time, without the points that stand on a hole."""
        if not self._moments and not self.by_target:
            return series
        longest = max((len(one.points) for one in series), default=0)
        kept = [self._covered(one, part, longest) for one in series]
        if self.by_target:
            end = part.last.timestamp()
            self._ended = {_key(one) for one in series if len(one.points) and one.points[-1][0] == end}
        begins = min((float(one.points[0][0]) for one in kept if len(one.points)), default=0.0)
        return [one if one.begins == begins else replace(one, begins=begins) for one in kept]

    def _covered(self, one: Series, part: Span, longest: int) -> Series:
        """longest: points of a series that was there all along. What all of them lack, targets tell."""
        moments, is_new = self._of(one.labels), self._is_new(one)
        has_edges = self.by_target and len(one.points) < longest
        if not len(one.points) or not (moments or has_edges or is_new):
            return one
        points = np.asarray(one.points, dtype=float)
        begins = points[0, 0]
        if has_edges:
            points = points[_is_inside(points[:, 0], part)]
        if is_new:
            points = points[points[:, 0] > begins]
        if moments:
            points = points[~np.isin(points[:, 0], np.concatenate(moments))]
        return replace(one, points=points)

    def _is_new(self, one: Series) -> bool:
        """Not there at the end of the part before."""
        return self._ended is not None and _key(one) not in self._ended

    def _of(self, labels: Mapping[str, str]) -> list[Numbers]:
        """A series has the labels of its target; one that it lost on its way here differs from none."""
        found: list[Numbers] = []
        for names, by_values in self._moments.items():
            known = tuple(name for name in names if name in labels)
            if known == names:
                found += by_values.get(_values(names, labels), ())
            elif self.by_target:
                own = dict(zip(known, _values(known, labels), strict=True))
                for values, moments in by_values.items():
                    theirs = dict(zip(names, values, strict=True))
                    found += moments if all(theirs[name] == value for name, value in own.items()) else ()
        return found


def _is_inside(times: Numbers, part: Span) -> NDArray[np.bool_]:
    """Of which points the windows beside them have one as well, so far as the part goes."""
    goes_on = np.diff(times) < 1.5 * part.step_seconds
    begins, ends = part.first.timestamp(), part.last.timestamp()
    inside: NDArray[np.bool_] = np.concatenate([[times[0] == begins], goes_on])
    inside &= np.concatenate([goes_on, [times[-1] == ends]])
    return inside


def _values(names: _Values, labels: Mapping[str, str]) -> _Values:
    return tuple(labels[name] for name in names)


def _key(one: Series) -> _Values:
    """A server gives the labels of a series in the same order each time."""
    return tuple(one.labels.values())
