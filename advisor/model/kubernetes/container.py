"""A container of a pod template or of a pod, and a template's sum."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from advisor.model.kubernetes.resources import Amounts, ResourceName, Resources, largest, total


class ContainerRole(StrEnum):
    APP = "app"
    SIDECAR = "sidecar"
    """An init container with restartPolicy Always: it runs for the pod's whole life."""
    INIT = "init"
    """Runs once, before the others."""


class QosClass(StrEnum):
    """Who is evicted first when a node runs out of memory: BestEffort."""

    GUARANTEED = "Guaranteed"
    BURSTABLE = "Burstable"
    BEST_EFFORT = "BestEffort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """resources: as they are in force. written: as the manifest has them.

    They differ where the server fills in: a request from a limit, or both from the LimitRange named by `defaults_from`.
    is_injected: a webhook put it into the pods; the template does not know it. sized_by: programs that write its CPU or
    memory into an object that others made, by the names of their field managers.
    """

    name: str
    role: ContainerRole = ContainerRole.APP
    resources: Resources = field(default_factory=Resources)
    written: Resources = field(default_factory=Resources)
    defaults_from: str = ""
    is_injected: bool = False
    sized_by: tuple[str, ...] = ()

    @property
    def runs_on(self) -> bool:
        """Whether it runs as long as the pod does."""
        return self.role is not ContainerRole.INIT


@dataclass(frozen=True, slots=True, kw_only=True)
class PodTemplate:
    """containers: in the order of the manifest, those that come first to run before the others.

    pod: the budget of the pod as a whole (pod-level resources), which stands in for what its containers do not say.
    path: where the pod's spec stands in the object: ("spec", "template", "spec"). labels: those of its pods.
    priority_class: as it is written; "" where the server gives its pods the cluster's default, if there is one.
    has_deadline: activeDeadlineSeconds is set. has_far_affinity: an affinity looks at pods of other namespaces.
    """

    containers: tuple[Container, ...]
    pod: Resources = field(default_factory=Resources)
    path: tuple[str, ...] = ("spec", "template", "spec")
    labels: Mapping[str, str] = field(default_factory=dict)
    priority_class: str = ""
    has_deadline: bool = False
    has_far_affinity: bool = False

    @property
    def running(self) -> tuple[Container, ...]:
        """Those that run as long as the pod does, which is what an autoscaler divides by."""
        return tuple(container for container in self.containers if container.runs_on)

    def running_request(self) -> Amounts:
        """What an autoscaler divides by for one pod: the pod's own request, else the sum of its running containers."""
        return self.pod.requests.or_else(total(one.resources.requests for one in self.running))

    def request(self) -> Amounts:
        """What the scheduler sets aside for one pod: the larger of the running ones' sum and of any moment before."""
        if not self.pod.requests.is_empty:
            return self.pod.requests.or_else(self._of_containers())
        return self._of_containers()

    def _of_containers(self) -> Amounts:
        started: list[Amounts] = []
        moments: list[Amounts] = []
        for container in self.containers:
            if container.role is ContainerRole.SIDECAR:
                started.append(container.resources.requests)
            elif container.role is ContainerRole.INIT:
                moments.append(total([*started, container.resources.requests]))
        return largest([*moments, total(one.resources.requests for one in self.running)])

    def without_request(self, name: ResourceName) -> tuple[Container, ...]:
        """The running containers that ask for nothing of it, or for 0; none where the pod itself asks."""
        if self.pod.requests.of(name):
            return ()
        return tuple(one for one in self.running if not one.resources.requests.of(name))

    @property
    def qos(self) -> QosClass:
        """As the server gives it to the pods."""
        return self.qos_with(())

    def qos_with(self, others: Iterable[Container]) -> QosClass:
        """Of its pods with what a webhook adds to them."""
        if not self.pod.is_empty:
            return qos_class([self.pod])
        return qos_class([container.resources for container in (*self.containers, *others)])


def qos_class(parts: Sequence[Resources]) -> QosClass:
    """Of a pod whose containers have these."""
    if all(part.is_empty for part in parts):
        return QosClass.BEST_EFFORT
    return QosClass.GUARANTEED if all(map(_is_fixed, parts)) else QosClass.BURSTABLE


def _is_fixed(part: Resources) -> bool:
    return all(part.limits.of(name) and part.requests.of(name) == part.limits.of(name) for name in ResourceName)
