"""Objects that a real API server takes: those of `tests/fakes/manifests.py`, in a namespace and on our only node."""

from collections.abc import Mapping
from typing import Any

from advisor.servers.cluster.objects import NODE
from tests.fakes.manifests import deployment


def placed(document: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    return {**document, "metadata": {**document["metadata"], "namespace": namespace}}


def running(name: str, namespace: str, containers: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    """A Deployment whose pods run: kwok starts what is on a node."""
    return placed(deployment(name, containers, pod={"nodeName": NODE}, **spec), namespace)
