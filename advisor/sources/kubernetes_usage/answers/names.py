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
    get = labels.get
    return Place(
        get("exported_namespace") or get("namespace", ""),
        get("exported_pod") or get("pod") or get("pod_name", ""),
        get("exported_container") or get("container") or get("container_name", ""),
    )
