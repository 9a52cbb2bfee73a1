"""Objects that a real API server takes: those of `tests/fakes/manifests.py`, in a namespace and on our only node."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.manifests import deployment

NODE = "node-1"
"""There is no scheduler: a pod says itself that it runs there."""


def node() -> dict[str, Any]:
    room = {"cpu": "64", "memory": "256Gi", "pods": "5000"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE},
        "status": {"allocatable": room, "capacity": room},
    }


def placed(document: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    return {**document, "metadata": {**document["metadata"], "namespace": namespace}}


def running(name: str, namespace: str, containers: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    """A Deployment whose pods run: kwok starts what is on a node."""
    return placed(deployment(name, containers, pod={"nodeName": NODE}, **spec), namespace)
