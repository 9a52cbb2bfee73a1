"""Series as Prometheus keeps them, made one a container: what several of them say of one counts once."""

from collections.abc import Iterable, Iterator

import numpy as np

from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import Place


def folded(series: Iterable[Series]) -> Iterator[tuple[Place, Series]]:
    """One a container, with the greatest of what its series say of a moment."""
    alike: dict[Place, list[Series]] = {}
    for one in series:
        alike.setdefault(one.source.place, []).append(one)
    for place, several in alike.items():
        yield place, several[0] if len(several) == 1 else _greatest(several)


def _greatest(several: list[Series]) -> Series:
    points = np.concatenate([np.asarray(one.points, dtype=float).reshape(-1, 2) for one in several])
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    is_last = np.diff(points[:, 0], append=np.inf) > 0
    return several[0]._replace(points=points[is_last])
