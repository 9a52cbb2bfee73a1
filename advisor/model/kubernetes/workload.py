"""What runs pods, and the pods that belong to it by their owner references, never by their names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from advisor.model.kubernetes.container import Container, PodTemplate
from advisor.model.kubernetes.share import Share

Place = tuple[str, str, str, str]
"""Namespace, API group, kind and name: what tells objects apart. The version does not: a server keeps one under all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRef:
    """Names an object within its namespace. api_version: group and version, "apps/v1"."""

    api_version: str
    kind: str
    name: str

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def resource(self) -> str:
        """Kind and group as kubectl takes them: "deployment.apps", "pod"."""
        return f"{self.kind}.{self.group}".lower().rstrip(".")

    def place(self, namespace: str) -> Place:
        return (namespace, self.group, self.kind, self.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRef:
    """The controller that an object names as its owner."""

    ref: ObjectRef
    uid: str


class Reconciler(StrEnum):
    """Who writes an object again and again, or at the next release."""

    NOBODY = ""
    ARGO_CD = "Argo CD"
    FLUX = "Flux"
    HELM = "Helm"

    @property
    def puts_back(self) -> bool:
        """Whether a live change is undone within minutes; Helm's only ends at the next upgrade."""
        return self in (Reconciler.ARGO_CD, Reconciler.FLUX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """Who an object is. uid: "" in a manifest.

    reconciler_note: what speaks for or against a live change, in words.
    """

    ref: ObjectRef
    namespace: str
    uid: str = ""
    owner: OwnerRef | None = None
    reconciler: Reconciler = Reconciler.NOBODY
    reconciler_note: str = ""
    is_mirror: bool = False

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def kind(self) -> str:
        return self.ref.kind

    @property
    def place(self) -> Place:
        return self.ref.place(self.namespace)

    def key_in(self, cluster: str) -> str:
        """What findings about it are known by. No part of it holds a slash.

        With the API group: a kind of that name may be somebody else's as well.
        """
        group = f".{self.ref.group}" if self.ref.group else ""
        return f"{cluster}/{self.namespace}/{self.kind}{group}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How a new template reaches the pods. surge: pods above `replicas` while it does.

    waits_for: why a patch would not reach the pods by itself, "" where it does. in_progress: what is under way now.
    """

    surge: Share = field(default_factory=lambda: Share(value=0))
    waits_for: str = ""
    in_progress: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """One pod. is_over: it has ended, whether well or not, and asks for nothing any more."""

    meta: Meta
    template: PodTemplate
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """replicas: wanted; None where the kind has none. pods: those that are not over. is_over: it has run to its end.

    template_of: where the pod template stands, when not in this object (an Argo Rollout's workloadRef).
    labels: its own, not those of its pods.
    """

    meta: Meta
    template: PodTemplate
    replicas: int | None = None
    rollout: Rollout = field(default_factory=Rollout)
    template_of: ObjectRef | None = None
    pods: tuple[Pod, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    is_suspended: bool = False
    is_over: bool = False

    @property
    def is_switched_off(self) -> bool:
        return self.replicas == 0

    @property
    def injected(self) -> tuple[Container, ...]:
        """Containers of its pods that the template does not have."""
        seen = {one.name: one for pod in self.pods for one in pod.template.containers if one.is_injected}
        return tuple(seen.values())

    @property
    def running(self) -> tuple[Container, ...]:
        """All that run as long as a pod does, those of a webhook among them."""
        return (*self.template.running, *(one for one in self.injected if one.runs_on))

    @property
    def edited(self) -> ObjectRef:
        """The object in which its resources are changed."""
        return self.template_of or self.meta.ref


class StrayReason(StrEnum):
    """Why a pod belongs to no workload that was read."""

    OWNER_DELETED = "its owner is deleted"
    OWNER_UNKNOWN = "its owner is not there"
    OWNER_NOT_READABLE = "its owner cannot be read"
    OWNER_TAKEN_OVER = "a Rollout takes over from its owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayPod:
    """A pod whose workload is not among those read; `owner` as its references name it."""

    pod: Pod
    reason: StrayReason
    owner: ObjectRef
