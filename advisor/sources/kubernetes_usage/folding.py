"""Series as Prometheus keeps them, made one a container: what several of them say of one counts once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from advisor.sources.kubernetes_usage.asking import Series
from advisor.sources.kubernetes_usage.names import Place, place_of

Labels = frozenset[tuple[str, str]]
Holes = Mapping[Labels, NDArray[np.float64]]
"""When (unix seconds) a window of a series was covered too badly to count."""


def folded(series: Iterable[Series]) -> Iterator[Series]:
    """One a container, with the greatest of what its series say of a moment."""
    alike: dict[Place, list[Series]] = {}
    for one in series:
        alike.setdefault(place_of(one.labels), []).append(one)
    for several in alike.values():
        yield several[0] if len(several) == 1 else _greatest(several)


def _greatest(several: list[Series]) -> Series:
    points = np.concatenate([np.asarray(one.points, dtype=float).reshape(-1, 2) for one in several])
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    is_last = np.diff(points[:, 0], append=np.inf) > 0
    return replace(several[0], points=points[is_last])


def holes_in(series: Iterable[Series]) -> Holes:
    """Of series that have a point where the window is a hole."""
    found: dict[Labels, list[NDArray[np.float64]]] = {}
    for one in series:
        if len(one.points):
            found.setdefault(_key(one), []).append(np.asarray(one.points, dtype=float)[:, 0])
    return {key: np.concatenate(moments) for key, moments in found.items()}


def covered(series: Iterable[Series], holes: Holes) -> Iterable[Series]:
    """Without the points that stand on a hole."""
    if not holes:
        return series
    kept = [_covered(one, holes.get(_key(one))) for one in series]
    begins = min((float(one.points[0][0]) for one in kept if len(one.points)), default=0.0)
    return [replace(one, begins=begins) for one in kept]


def _covered(one: Series, moments: NDArray[np.float64] | None) -> Series:
    if moments is None or not len(one.points):
        return one
    points = np.asarray(one.points, dtype=float)
    return replace(one, points=points[~np.isin(points[:, 0], moments)])


def _key(one: Series) -> Labels:
    return frozenset(one.labels.items())
