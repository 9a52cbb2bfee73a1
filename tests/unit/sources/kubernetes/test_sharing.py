"""What is equal in a large cluster is held once: three pods of a ReplicaSet differ in their names alone."""

from typing import Any

from advisor.model.kubernetes.workload import Pod
from advisor.sources.kubernetes.objects import Objects, read_piece
from tests.fakes.manifests import container

APP = container(requests={"cpu": "250m", "memory": "256Mi"}, limits={"memory": "512Mi"})


def pod(name: str, *containers: dict[str, Any]) -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7c9d", "uid": "7", "controller": True}
    metadata = {"name": name, "namespace": "shop", "labels": {"app": "web"}, "ownerReferences": [owner]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": list(containers)}}


def read(*documents: dict[str, Any]) -> list[Pod]:
    objects = Objects()
    for document in documents:
        assert objects.add(document)
    return objects.pods


def test_pods_share_containers_labels_and_owner() -> None:
    first, second = read(pod("web-1", APP), pod("web-2", dict(APP)))
    assert first.template.containers is second.template.containers
    assert first.template.labels is second.template.labels
    assert first.meta.owner is second.meta.owner
    assert first.meta.namespace is second.meta.namespace
    assert (first.meta.name, second.meta.name) == ("web-1", "web-2")


def test_one_that_differs_is_its_own() -> None:
    larger = container(requests={"cpu": "251m", "memory": "256Mi"}, limits={"memory": "512Mi"})
    first, second = read(pod("web-1", APP), pod("web-2", larger))
    assert first.template.containers != second.template.containers


def test_of_an_object_one_piece_is_kept() -> None:
    piece = read_piece(pod("web-1", APP))
    assert piece is not None
    assert piece.part == "pods"
    broken = read_piece(pod("web-1"))
    assert broken is not None
    assert (broken.part, str(broken.item)) == ("skipped", f"{broken.item.what}: has no containers (a pod needs one)")
    assert read_piece({"apiVersion": "v1", "kind": "Secret"}) is None
