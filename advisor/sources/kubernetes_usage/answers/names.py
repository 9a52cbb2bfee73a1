"""Which pod and container a series is about, whatever its labels are called."""

from collections.abc import Mapping
from typing import Any, NamedTuple

CLUSTER = "prometheus"
"""What a cluster is called of which Prometheus alone tells."""
SURFACE = "kubernetes-usage"
"""Under which days of usage stand in the notebook."""


class Place(NamedTuple):
    """A pod's container; container "" for the pod."""

    namespace: str
    pod: str
    container: str


class Source(NamedTuple):
    """Whose points a series has. values: of its labels, which a server gives in the same order each time."""

    labels: Mapping[str, str]
    place: Place
    values: tuple[str, ...]

    def named(self, name: str) -> "Source":
        """The same of a metric's name, which comes first."""
        return Source({"__name__": name, **self.labels}, self.place, (name, *self.values))


def place_of(labels: Mapping[str, str]) -> Place:
    """What an exporter says wins over where the exporter itself runs; old names count where new ones are not."""
    get = labels.get
    return Place(
        get("exported_namespace") or get("namespace", ""),
        get("exported_pod") or get("pod") or get("pod_name", ""),
        get("exported_container") or get("container") or get("container_name", ""),
    )


def source_of(labels: Mapping[str, Any]) -> Source:
    """labels: of JSON, as in `texts_of`."""
    texts = texts_of(labels)
    return Source(texts, place_of(texts), tuple(texts.values()))


def texts_of(labels: Mapping[str, Any]) -> Mapping[str, str]:
    """labels: of JSON, whose names are texts."""
    if set(map(type, labels.values())) <= {str}:
        return labels
    return dict(zip(labels, map(str, labels.values()), strict=True))
