"""The containers of a workload beside what they used."""

from collections.abc import Iterator

from advisor.model.kubernetes.container import Container
from advisor.model.kubernetes.usage import ContainerKey, ContainerUsage
from advisor.model.kubernetes.workload import Workload
from advisor.model.snapshot import Snapshot


def measured(snapshot: Snapshot, workload: Workload) -> Iterator[tuple[Container, ContainerUsage]]:
    """Its running containers, those of a webhook too, with their usage."""
    if snapshot.usage is None:
        return
    meta = workload.meta
    for container in (*workload.template.running, *workload.injected):
        key = ContainerKey(namespace=meta.namespace, kind=meta.kind, workload=meta.name, container=container.name)
        usage = snapshot.usage.containers.get(key)
        if usage is not None:
            yield container, usage
