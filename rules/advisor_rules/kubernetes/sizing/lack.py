"""The requests that containers lack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.model.kubernetes.container import Container
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Workload

MISSING = "kubernetes.missing_requests"
"""What is counted: pairs of a container and a resource that it does not ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A container of the template that asks for nothing of some resources."""

    container: Container
    resources: tuple[ResourceName, ...]

    def __str__(self) -> str:
        return f"{self.container.name} ({' and '.join(self.resources)})"


def lacks(workload: Workload, names: Sequence[ResourceName] = tuple(ResourceName)) -> tuple[Lack, ...]:
    """Of its template and of what a webhook adds to its pods; one-shot init containers need none to run well."""
    pairs: dict[str, tuple[Container, list[ResourceName]]] = {}
    for name in names:
        for container in (*workload.template.without_request(name), *_injected(workload, name)):
            pairs.setdefault(container.name, (container, []))[1].append(name)
    return tuple(Lack(container=container, resources=tuple(found)) for container, found in pairs.values())


def closed_by_zero(workload: Workload, lack: Lack) -> tuple[ResourceName, ...]:
    """The resources whose limit is 0, of the container or of its pod: no server takes a request above that."""
    limits = (lack.container.resources.limits, workload.template.pod.limits)
    return tuple(name for name in lack.resources if any(one.of(name) == 0 for one in limits))


def _injected(workload: Workload, name: ResourceName) -> Iterator[Container]:
    if not workload.template.pod.requests.of(name):
        yield from (one for one in workload.injected if not one.resources.requests.of(name))
