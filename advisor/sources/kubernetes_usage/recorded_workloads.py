"""Workloads put together of the containers that kube-state-metrics names, and what is left out of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from advisor.model.kubernetes.cluster import Unread
from advisor.model.kubernetes.container import Container, ContainerRole, PodTemplate
from advisor.model.kubernetes.kinds import BETWEEN, PODS, WORKLOADS
from advisor.model.kubernetes.workload import Meta, ObjectRef, StrayPod, StrayReason, Workload
from advisor.model.kubernetes.workload import Pod as PodObject
from advisor.sources.kubernetes_usage.answers.names import Place
from advisor.sources.kubernetes_usage.facts import Facts, Pod
from advisor.sources.kubernetes_usage.recorded_containers import UNSAID, Containers, resources

VERSIONS = {kind.name: kind.api_version for kind in (*WORKLOADS, *BETWEEN, PODS)}
"""Of the kinds that are read."""
_PATHS = {"CronJob": ("spec", "jobTemplate", "spec", "template", "spec"), "Pod": ("spec",)}
_UNNAMED = "kube-state-metrics does not name it, so it stands in no template"
_UNTOLD_ROLE = "whether it is a sidecar is not told"
_POD_SIZED = "its pods ask for something as a whole, and how much is not told"
_UNSIZED = Unread(
    what="sizes",
    why="no kube_pod_container_resource_requests and no limits are seen: what containers ask for is not known",
    fix="let kube-state-metrics show them, or give the API",
)
_WorkloadKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWorkloads:
    """skipped: what is not judged, and why."""

    workloads: tuple[Workload, ...]
    stray: tuple[StrayPod, ...]
    skipped: tuple[Unread, ...]


def recorded_workloads(containers: Containers, facts: Facts) -> RecordedWorkloads:
    """Each container with what most of its pods have: in a rollout both sizes are there."""
    live = {place for place in facts.running if (place.namespace, place.pod) not in facts.finished}
    served = {(one.namespace, one.pod) for one in live if one in containers.sizes and one not in containers.init}
    pods: dict[_WorkloadKey, set[str]] = {}
    named: dict[_WorkloadKey, dict[str, set[Place]]] = {}
    unnamed: list[str] = []
    for place in {*containers.sizes, *live}:
        if (key := facts.key_of(place)) is not None:
            workload = (key.namespace, key.kind, key.workload)
            pods.setdefault(workload, set()).add(place.pod)
            if place in containers.sizes:
                named.setdefault(workload, {}).setdefault(place.container, set()).add(place)
            else:
                unnamed.append("/".join(place))
    found: list[Workload] = []
    skipped: dict[str, list[str]] = {_UNNAMED: unnamed}
    for workload, parts in sorted(named.items()) if containers.tells_sizes else ():
        namespace, kind, name = workload
        template = _template(parts, containers, served)
        if any((namespace, pod) in containers.pod_sized for pod in pods[workload]):
            skipped.setdefault(_POD_SIZED, []).append(f"{kind} {namespace}/{name}")
            continue
        for untold in sorted(parts.keys() - {one.name for one in template}):
            skipped.setdefault(_UNTOLD_ROLE, []).append(f"{untold} of {kind} {namespace}/{name}")
        if template:
            found.append(_workload(workload, template, len(pods[workload])))
    return RecordedWorkloads(
        workloads=tuple(found),
        stray=tuple(_strays(live, containers, facts)),
        skipped=tuple(_skipped(skipped)) if containers.tells_sizes else (_UNSIZED,) if live else (),
    )


def _skipped(found: Mapping[str, Sequence[str]]) -> Iterator[Unread]:
    """found: by why, all that it is true of."""
    for why, what in found.items():
        if what:
            more = f" and {len(what) - 1} more" if len(what) > 1 else ""
            yield Unread(what=min(what) + more, why=why)


def _template(parts: Mapping[str, set[Place]], containers: Containers, served: set[Pod]) -> tuple[Container, ...]:
    """Those whose role is known, the ones that begin first before the others."""
    found = []
    for name, places in parts.items():
        if (role := containers.role_of(places, served)) is not None:
            found.append(_container(name, role, places, containers))
    return tuple(sorted(found, key=lambda one: (one.role is ContainerRole.APP, one.name)))


def _container(name: str, role: ContainerRole, places: Iterable[Place], containers: Containers) -> Container:
    counts = Counter(containers.sizes[place] for place in places)
    usual = resources(max(counts, key=lambda one: (counts[one], str(resources(one)))))
    return Container(name=name, role=role, resources=usual, written=usual)


def _workload(key: _WorkloadKey, template: tuple[Container, ...], pods: int) -> Workload:
    namespace, kind, name = key
    ref = ObjectRef(api_version=VERSIONS[kind], kind=kind, name=name)
    return Workload(
        meta=Meta(ref=ref, namespace=namespace),
        template=PodTemplate(containers=template, path=_PATHS.get(kind, ("spec", "template", "spec"))),
        replicas=pods,
    )


def _strays(live: Iterable[Place], containers: Containers, facts: Facts) -> Iterator[StrayPod]:
    """Pods whose owner is of a kind that is not read: what of its template could be changed is not known."""
    found: dict[Pod, list[Place]] = {}
    for place in live:
        if facts.key_of(place) is None and facts.owners.of(place.namespace, place.pod) is None:
            found.setdefault((place.namespace, place.pod), []).append(place)
    for (namespace, name), places in sorted(found.items()):
        if (owner := facts.owners.top_of(namespace, name)) is not None:
            meta = Meta(ref=ObjectRef(api_version=PODS.api_version, kind=PODS.name, name=name), namespace=namespace)
            yield StrayPod(
                pod=PodObject(meta=meta, template=PodTemplate(containers=tuple(_parts(places, containers)))),
                reason=StrayReason.OWNER_NOT_READABLE,
                owner=ObjectRef(api_version="", kind=owner[0], name=owner[1]),
            )


def _parts(places: Iterable[Place], containers: Containers) -> Iterator[Container]:
    for place in sorted(places):
        sizes = resources(containers.sizes.get(place, UNSAID))
        yield Container(name=place.container, resources=sizes, written=sizes)
