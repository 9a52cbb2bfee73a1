"""Who makes a cluster what git says, as Argo CD does: by server-side apply, in its name, over whatever is there."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.cluster.asking import Asking
from tests.cluster.cluster import Cluster

MANAGER = "argocd-controller"


def apply(cluster: Cluster, document: Mapping[str, Any], manager: str = MANAGER) -> None:
    metadata = document["metadata"]
    resource = cluster.dynamic.resources.get(api_version=document["apiVersion"], kind=document["kind"])
    path = resource.path(name=metadata["name"], namespace=metadata["namespace"])
    way = {"content_type": "application/apply-patch+yaml", "fieldManager": manager, "force": "true"}
    answer = Asking(cluster).ask("patch", path, dict(document), **way)
    assert answer.status in (200, 201), answer.body


@contextmanager
def applying(cluster: Cluster, document: Mapping[str, Any], every_seconds: float) -> Iterator[None]:
    """Again and again meanwhile, and once before anything else."""
    ended = threading.Event()

    def again() -> None:
        while not ended.wait(every_seconds):
            apply(cluster, document)

    apply(cluster, document)
    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
