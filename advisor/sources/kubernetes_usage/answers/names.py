"""Which pod and container a series is about, whatever its labels are called."""

from collections.abc import Mapping
from typing import NamedTuple

CLUSTER = "prometheus"
"""What a cluster is called of which Prometheus alone tells."""
SURFACE = "kubernetes-usage"
"""Under which days of usage stand in the notebook."""


class Place(NamedTuple):
    """A pod's container; container "" for the pod."""

    namespace: str
    pod: str
    container: str


def place_of(labels: Mapping[str, str]) -> Place:
    """What an exporter says wins over where the exporter itself runs; old names count where new ones are not."""
    return Place(
        labels.get("exported_namespace") or labels.get("namespace", ""),
        labels.get("exported_pod") or labels.get("pod") or labels.get("pod_name", ""),
        labels.get("exported_container") or labels.get("container") or labels.get("container_name", ""),
    )
