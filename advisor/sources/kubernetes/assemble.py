"""Objects put together: pods with their workloads by owner and uid, templates with the defaults of their namespace."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from advisor.model.kubernetes.container import PodTemplate
from advisor.model.kubernetes.kinds import BETWEEN, kind_of
from advisor.model.kubernetes.namespace import LimitRange
from advisor.model.kubernetes.workload import ObjectRef, OwnerRef, Place, Pod, StrayPod, StrayReason, Workload
from advisor.sources.kubernetes.objects import Objects
from advisor.sources.kubernetes_objects.namespace import with_defaults
from advisor.sources.kubernetes_objects.sharing import shared
from advisor.sources.kubernetes_objects.workload import workload_of_pod


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """taken_over: what lends its pod template to another workload, a Rollout, and is none of its own any more."""

    workloads: tuple[Workload, ...]
    stray: tuple[StrayPod, ...]
    taken_over: Mapping[Place, ObjectRef] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Owners:
    """What pods may belong to: by uid where the server gave one, else by place, as manifests have it.

    unread: the kinds of which not all could be listed. is_live: whether what is not among them is not there at all.
    """

    unread: frozenset[str]
    is_live: bool
    by_uid: dict[str, Workload] = field(default_factory=dict)
    by_place: dict[Place, Workload] = field(default_factory=dict)
    taken_over: dict[Place, Workload] = field(default_factory=dict)

    def add(self, workload: Workload) -> None:
        if workload.meta.uid:
            self.by_uid[workload.meta.uid] = workload
        self.by_place.setdefault(workload.meta.place, workload)

    def find(self, owner: OwnerRef, namespace: str) -> Workload | StrayReason:
        """Never a namesake: where both sides have a uid, they must be one."""
        if owner.uid in self.by_uid:
            return self.by_uid[owner.uid]
        lender = self.taken_over.get(owner.ref.place(namespace))
        if lender is not None:
            is_former = owner.uid and lender.meta.uid and owner.uid != lender.meta.uid
            return StrayReason.OWNER_DELETED if is_former else StrayReason.OWNER_TAKEN_OVER
        namesake = self.by_place.get(owner.ref.place(namespace))
        if namesake is not None and not (owner.uid and namesake.meta.uid):
            return namesake
        if namesake is not None:
            return StrayReason.OWNER_DELETED
        kind = kind_of(owner.ref.api_version, owner.ref.kind)
        if kind is None or kind.resource in self.unread:
            return StrayReason.OWNER_NOT_READABLE
        return StrayReason.OWNER_DELETED if self.is_live and kind not in BETWEEN else StrayReason.OWNER_UNKNOWN


def assemble(objects: Objects, unread_kinds: Iterable[str] = (), *, is_live: bool) -> Assembled:
    """unread_kinds: as `Kind.resource` names them, those of which not all could be listed."""
    read = [*objects.workloads, *_unowned(objects.between)]
    borrowers = {place: one.meta.ref for one in read if (place := _lender(one)) is not None}
    workloads = _with_templates(read)
    owners = _Owners(unread=frozenset(unread_kinds), is_live=is_live)
    owners.taken_over.update({one.meta.place: one for one in read if one.meta.place in borrowers})
    for workload in (*workloads, *objects.between):
        owners.add(workload)
    ranges = _by_namespace(objects.limit_ranges)
    pods: dict[int, list[Pod]] = {}
    stray: list[StrayPod] = []
    alone: list[Workload] = []
    for pod in objects.pods:
        if pod.meta.owner is None or pod.meta.is_mirror:
            alone.append(workload_of_pod(pod))
        elif not pod.is_over:
            seen = _marked(pod, owners.find(pod.meta.owner, pod.meta.namespace))
            found = _top_of(pod.meta.owner, pod.meta.namespace, owners)
            if isinstance(found, Workload):
                pods.setdefault(id(found), []).append(seen)
            else:
                reason, owner = found
                stray.append(StrayPod(pod=seen, reason=reason, owner=owner))
    stopped = _stopped(objects.between, owners)
    finished = [
        *(_finished(one, pods.get(id(one), ()), ranges, stopped.get(id(one), "")) for one in workloads),
        *(_finished(one, one.pods, ranges, "") for one in alone),
    ]
    finished.sort(key=lambda one: (one.meta.namespace, one.meta.kind, one.meta.name))
    return Assembled(workloads=tuple(finished), stray=tuple(stray), taken_over=borrowers)


def _top_of(owner: OwnerRef, namespace: str, owners: _Owners) -> Workload | tuple[StrayReason, ObjectRef]:
    """Up the owner references to the workload that is not owned itself, or to where the chain breaks."""
    seen: set[ObjectRef] = set()
    while True:
        found = owners.find(owner, namespace)
        if isinstance(found, StrayReason):
            return found, owner.ref
        above = found.meta.owner
        if above is None or kind_of(found.meta.ref.api_version, found.meta.kind) not in BETWEEN:
            return found
        if above.ref in seen:
            return StrayReason.OWNER_UNKNOWN, above.ref
        seen.add(above.ref)
        owner = above


def _unowned(between: Iterable[Workload]) -> Iterator[Workload]:
    """A ReplicaSet or a Job that a person made is a workload."""
    return (one for one in between if one.meta.owner is None)


def _with_templates(workloads: Sequence[Workload]) -> list[Workload]:
    """A Rollout that takes its template from a Deployment is one workload with it: the Deployment is none any more."""
    places = {one.meta.place: one for one in workloads}
    lent = {_lender(one) for one in workloads} - {None}
    found = []
    for workload in workloads:
        if workload.meta.place in lent:
            continue
        lender = places.get(place) if (place := _lender(workload)) is not None else None
        found.append(replace(workload, template=lender.template) if lender is not None else workload)
    return found


def _lender(workload: Workload) -> Place | None:
    return workload.template_of.place(workload.meta.namespace) if workload.template_of is not None else None


def _stopped(between: Iterable[Workload], owners: _Owners) -> Mapping[int, str]:
    """By workload, why one of its ReplicaSets gets no pods."""
    found = {}
    for one in between:
        if one.rollout.in_progress and one.meta.owner is not None:
            top = _top_of(one.meta.owner, one.meta.namespace, owners)
            if isinstance(top, Workload):
                found[id(top)] = one.rollout.in_progress
    return found


def _finished(
    workload: Workload, pods: Sequence[Pod], ranges: Mapping[str, list[LimitRange]], stopped: str
) -> Workload:
    template = with_defaults(workload.template, ranges.get(workload.meta.namespace, ()))
    rollout = replace(workload.rollout, in_progress=stopped) if stopped else workload.rollout
    return replace(workload, template=template, rollout=rollout, pods=tuple(pods))


def _marked(pod: Pod, owner: Workload | StrayReason) -> Pod:
    """With the containers that the template of its direct owner does not have named as injected.

    Not that of the workload: while a rollout is under way, old pods are not made after it.
    """
    template: PodTemplate | None = owner.template if isinstance(owner, Workload) else None
    if template is None or not template.containers:
        return pod
    known = {container.name for container in template.containers}
    if all(container.name in known for container in pod.template.containers):
        return pod
    containers = tuple(one if one.name in known else replace(one, is_injected=True) for one in pod.template.containers)
    return replace(pod, template=replace(pod.template, containers=shared(containers)))


def _by_namespace(ranges: Iterable[LimitRange]) -> Mapping[str, list[LimitRange]]:
    found: dict[str, list[LimitRange]] = {}
    for one in ranges:
        found.setdefault(one.namespace, []).append(one)
    return found
