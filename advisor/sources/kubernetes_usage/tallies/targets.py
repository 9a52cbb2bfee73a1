"""When targets were scraped too rarely, and which of them a series is of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.tallies.hours import Numbers

_OWN = frozenset({"namespace", "pod", "container", "pod_name", "container_name", "id", "image", "name", "cpu"})
"""What a container's series say of themselves. A target may be in a namespace and a pod of its own: where labels are
honoured, as they must be for kubelets that a service names, its series have those of the containers all the same."""
_NEVER: Numbers = np.empty(0)
_Labels = Mapping[str, str]


@dataclass(slots=True)
class Targets:
    """Labels of targets, and unix seconds of the points whose window was covered too badly."""

    _told: list[tuple[_Labels, Numbers]] = field(default_factory=list, init=False)
    _found: dict[tuple[str | None, ...], Numbers] = field(default_factory=dict, init=False)
    _names: tuple[str, ...] = field(default=(), init=False)

    def add(self, series: Iterable[Series]) -> None:
        """Of each target the points of the query `target_holes`: an odd value is a hole."""
        for one in series:
            labels = {name: value for name, value in one.source.labels.items() if name not in _OWN}
            points = np.asarray(one.points, dtype=float).reshape(-1, 2)
            self._told.append((labels, points[points[:, 1] % 2 == 1, 0]))
        self._names = tuple(sorted({name for labels, _ in self._told for name in labels}))
        self._found.clear()

    def holes_of(self, labels: _Labels) -> Numbers:
        """Of the target that shows it, or of all that may: a label may be dropped on the way, or written anew."""
        key = tuple(map(labels.get, self._names))
        if key not in self._found:
            self._found[key] = self._holes_of({name: labels[name] for name in self._names if name in labels})
        return self._found[key]

    def _holes_of(self, known: _Labels) -> Numbers:
        alike = [moments for labels, moments in self._told if _agree(labels, known, known)]
        if not alike:
            alike = [moments for labels, moments in self._told if _agree(labels, known, ("job",))]
        return np.unique(np.concatenate([_NEVER, *alike]))


def _agree(one: _Labels, other: _Labels, names: Iterable[str]) -> bool:
    return all(one[name] == other.get(name) for name in names if name in one)
