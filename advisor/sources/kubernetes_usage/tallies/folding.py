"""Series as Prometheus keeps them, made one a container: what several of them say of one counts once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import Place, place_of

_Labels = frozenset[tuple[str, str]]


def folded(series: Iterable[Series]) -> Iterator[tuple[Place, Series]]:
    """One a container, with the greatest of what its series say of a moment."""
    alike: dict[Place, list[Series]] = {}
    for one in series:
        alike.setdefault(place_of(one.labels), []).append(one)
    for place, several in alike.items():
        yield place, several[0] if len(several) == 1 else _greatest(several)


def _greatest(several: list[Series]) -> Series:
    points = np.concatenate([np.asarray(one.points, dtype=float).reshape(-1, 2) for one in several])
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    is_last = np.diff(points[:, 0], append=np.inf) > 0
    return replace(several[0], points=points[is_last])


@dataclass(frozen=True, slots=True)
class Holes:
    """When (unix seconds) a window of a series was covered too badly to count."""

    moments: dict[_Labels, list[NDArray[np.float64]]] = field(default_factory=dict)

    def add(self, series: Iterable[Series]) -> None:
        """Of series that have a point where the window is a hole."""
        for one in series:
            if len(one.points):
                self.moments.setdefault(_key(one), []).append(np.asarray(one.points, dtype=float)[:, 0])

    def left_out(self, series: Iterable[Series]) -> Iterable[Series]:
        """The series without the points that stand on a hole of theirs."""
        if not self.moments:
            return series
        kept = [self._covered(one) for one in series]
        begins = min((float(one.points[0][0]) for one in kept if len(one.points)), default=0.0)
        return [replace(one, begins=begins) for one in kept]

    def _covered(self, one: Series) -> Series:
        moments = self.moments.get(_key(one))
        if moments is None or not len(one.points):
            return one
        points = np.asarray(one.points, dtype=float)
        return replace(one, points=points[~np.isin(points[:, 0], np.concatenate(moments))])


def _key(one: Series) -> _Labels:
    return frozenset(one.labels.items())
