"""Objects put together: pods with their workloads by owner and uid, templates with the defaults of their namespace."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from advisor.model.kubernetes.container import Container, PodTemplate
from advisor.model.kubernetes.namespace import LimitRange
from advisor.model.kubernetes.workload import ObjectRef, OwnerRef, Pod, StrayPod, StrayReason, Workload
from advisor.sources.kubernetes.kinds import BETWEEN, kind_of
from advisor.sources.kubernetes.namespace import with_defaults
from advisor.sources.kubernetes.objects import Objects
from advisor.sources.kubernetes.workload import same_place, workload_of_pod


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    workloads: tuple[Workload, ...]
    stray: tuple[StrayPod, ...]


@dataclass(slots=True, kw_only=True)
class _Owners:
    """What pods may belong to: by uid where the server gave one, else by kind and name, as manifests have it.

    unread: the kinds that could not be listed at all.
    """

    by_uid: dict[str, Workload] = field(default_factory=dict)
    by_place: dict[tuple[str, str, str, str], Workload] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    def add(self, workload: Workload) -> None:
        if workload.meta.uid:
            self.by_uid[workload.meta.uid] = workload
        self.by_place.setdefault(same_place(workload.meta.ref, workload.meta.namespace), workload)

    def find(self, owner: OwnerRef, namespace: str) -> Workload | StrayReason:
        """Never a namesake: where both sides have a uid, they must be one."""
        if owner.uid in self.by_uid:
            return self.by_uid[owner.uid]
        namesake = self.by_place.get(same_place(owner.ref, namespace))
        if namesake is not None and not (owner.uid and namesake.meta.uid):
            return namesake
        if namesake is not None:
            return StrayReason.OWNER_DELETED
        kind = kind_of(owner.ref.api_version, owner.ref.kind)
        if kind is None or kind.resource in self.unread:
            return StrayReason.OWNER_NOT_READABLE
        return StrayReason.OWNER_UNKNOWN if kind in BETWEEN else StrayReason.OWNER_DELETED


def assemble(objects: Objects, unread_kinds: Iterable[str] = ()) -> Assembled:
    """unread_kinds: as `Kind.resource` names them, those that could not be listed."""
    workloads = _with_templates([*objects.workloads, *_unowned(objects.between)])
    owners = _Owners(unread=frozenset(unread_kinds))
    for workload in (*workloads, *objects.between):
        owners.add(workload)
    ranges = _by_namespace(objects.limit_ranges)
    pods: dict[int, list[Pod]] = {}
    stray: list[StrayPod] = []
    alone: list[Workload] = []
    for pod in objects.pods:
        if pod.meta.owner is None or pod.meta.is_mirror:
            alone.append(workload_of_pod(pod))
            continue
        found = _top_of(pod.meta.owner, pod.meta.namespace, owners)
        if isinstance(found, Workload):
            pods.setdefault(id(found), []).append(pod)
        else:
            reason, owner = found
            stray.append(StrayPod(pod=pod, reason=reason, owner=owner))
    finished = [_finished(workload, pods.get(id(workload), ()), ranges) for workload in (*workloads, *alone)]
    finished.sort(key=lambda one: (one.meta.namespace, one.meta.kind, one.meta.name))
    return Assembled(workloads=tuple(finished), stray=tuple(stray))


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
    places = {same_place(one.meta.ref, one.meta.namespace): one for one in workloads}
    lent = {same_place(one.template_of, one.meta.namespace): one for one in workloads if one.template_of is not None}
    found = []
    for workload in workloads:
        place = same_place(workload.meta.ref, workload.meta.namespace)
        if place in lent:
            continue
        if workload.template_of is not None:
            lender = places.get(same_place(workload.template_of, workload.meta.namespace))
            if lender is not None:
                workload = replace(workload, template=lender.template)
        found.append(workload)
    return found


def _finished(workload: Workload, pods: Sequence[Pod], ranges: Mapping[str, list[LimitRange]]) -> Workload:
    template = with_defaults(workload.template, ranges.get(workload.meta.namespace, ()))
    known = {container.name for container in template.containers}
    own = workload.meta.kind == "Pod"
    live = tuple(
        pod if own else replace(pod, template=_marked(pod.template, known))
        for pod in (pods or workload.pods)
        if not pod.is_over
    )
    return replace(workload, template=template, pods=live)


def _marked(template: PodTemplate, known: set[str]) -> PodTemplate:
    """With the containers that the workload's template does not have named as injected."""
    if not known or all(container.name in known for container in template.containers):
        return template
    return replace(template, containers=tuple(_injected(container, known) for container in template.containers))


def _injected(container: Container, known: set[str]) -> Container:
    return container if container.name in known else replace(container, is_injected=True)


def _by_namespace(ranges: Iterable[LimitRange]) -> Mapping[str, list[LimitRange]]:
    found: dict[str, list[LimitRange]] = {}
    for one in ranges:
        found.setdefault(one.namespace, []).append(one)
    return found
