"""What runs in a cluster, one line for each workload, as programs read it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from advisor.model.finding import Finding
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Place, StrayPod, Workload
from advisor.model.plot import Plot
from advisor.model.snapshot import Snapshot
from advisor.surfaces.views.usage import usage_plots

MOST_PLOTTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadView:
    """request: of one pod, as the scheduler counts it; None where nothing is asked for. pods: seen, that are not over.

    autoscalers: each in a few words. notes: what speaks against a change, and what only its pods have.
    findings: the ids of what was found of it and of its autoscalers. plots: what its containers used, beside what they
    ask for and may use; of `MOST_PLOTTED` workloads at most, those with findings first.
    """

    cluster: str
    namespace: str
    kind: str
    name: str
    replicas: int | None
    pods: int
    qos: str
    cpu_request_cores: float | None
    memory_request_bytes: int | None
    autoscalers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()


def workload_views(snapshot: Snapshot, findings: Iterable[Finding] = ()) -> tuple[WorkloadView, ...]:
    """All workloads of all clusters, and after them the pods that belong to none."""
    found: list[WorkloadView] = []
    by_key: dict[str, list[str]] = {}
    for finding in findings:
        by_key.setdefault(finding.key, []).append(finding.id)
    for cluster in snapshot.clusters.values():
        plots = _plotted(cluster, snapshot, by_key)
        for one in cluster.workloads:
            ids = _findings(cluster, one, by_key)
            found.append(replace(_workload(cluster, one), findings=ids, plots=plots.get(one.meta.place, ())))
        found.extend(_stray(cluster, one) for one in cluster.stray)
    return tuple(found)


def _findings(cluster: ClusterState, one: Workload, by_key: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    metas = (one.meta, *(hpa.meta for hpa in cluster.hpas_of(one)))
    return tuple(name for meta in metas for name in by_key.get(meta.key_in(cluster.name), ()))


def _plotted(
    cluster: ClusterState, snapshot: Snapshot, by_key: Mapping[str, Sequence[str]]
) -> Mapping[Place, tuple[Plot, ...]]:
    """Of those first that something was found of: a page of thousands helps nobody."""
    if snapshot.usage is None:
        return {}
    usage = snapshot.usage
    ordered = sorted(cluster.workloads, key=lambda one: not _findings(cluster, one, by_key))
    made = ((one.meta.place, usage_plots(one, usage)) for one in ordered)
    return dict(islice(((place, plots) for place, plots in made if plots), MOST_PLOTTED))


def _workload(cluster: ClusterState, one: Workload) -> WorkloadView:
    request = one.template.request()
    return WorkloadView(
        cluster=cluster.name,
        namespace=one.meta.namespace,
        kind=one.meta.kind,
        name=one.meta.name,
        replicas=one.replicas,
        pods=len(one.pods),
        qos=one.template.qos.value,
        cpu_request_cores=None if request.cpu_cores is None else float(request.cpu_cores),
        memory_request_bytes=request.memory_bytes,
        autoscalers=tuple(_autoscaler(hpa) for hpa in cluster.hpas_of(one)),
        notes=tuple(_notes(cluster, one)),
    )


def _autoscaler(hpa: Hpa) -> str:
    metrics = ", ".join(
        f"{metric.container + ' ' if metric.container else ''}{metric.name} {metric.value}%"
        if metric.divides_by
        else f"{metric.kind} {metric.name}"
        for metric in hpa.metrics
    )
    inactive = f", inactive: {hpa.inactive}" if hpa.inactive else ""
    if hpa.unread_metrics:
        metrics = ", ".join(filter(None, [metrics, "what cannot be read"]))
    return f"{hpa.meta.name}: {hpa.min_replicas} to {hpa.max_replicas} by {metrics}{inactive}"


def _notes(cluster: ClusterState, one: Workload) -> Iterator[str]:
    if one.meta.namespace in cluster.going:
        yield "its namespace is being deleted"
    yield from _rest(cluster, one)
    if one.template_of is not None:
        yield f"its template stands in {one.template_of}"
    yield from (text for text in (one.rollout.in_progress, one.rollout.waits_for, one.meta.reconciler_note) if text)
    named = {container.defaults_from for container in one.template.containers} - {""}
    if named:
        yield f"requests or limits from LimitRange {', '.join(sorted(named))}"
    yield from _injected(one.injected)
    yield from _bounds(cluster, one)


def _rest(cluster: ClusterState, one: Workload) -> Iterator[str]:
    if one.is_switched_off:
        yield "scaled to zero" if any(hpa.may_sleep for hpa in cluster.hpas_of(one)) else "switched off"
    if one.is_suspended:
        yield "suspended"
    if one.is_over:
        yield "has ended"


def _bounds(cluster: ClusterState, one: Workload) -> Iterator[str]:
    """What its pods are too large for, or must not be evicted for."""
    for name in ResourceName:
        asked, most = one.template.request().of(name), cluster.largest_node.of(name)
        if asked is not None and most is not None and asked > most:
            yield f"asks for {name.show(asked)} of {name}, and the largest node has {name.show(most)}"
    for budget in cluster.disruption_budgets_of(one):
        if budget.never_allows_any(one.replicas or len(one.pods) or 1):
            yield f"PodDisruptionBudget {budget.name} allows no eviction"


def _injected(containers: Iterable[Container]) -> Iterator[str]:
    for container in containers:
        if container.is_injected:
            yield f"{container.name} is injected, not in the template"


def _stray(cluster: ClusterState, one: StrayPod) -> WorkloadView:
    request = one.pod.template.request()
    return WorkloadView(
        cluster=cluster.name,
        namespace=one.pod.meta.namespace,
        kind="Pod",
        name=one.pod.meta.name,
        replicas=None,
        pods=1,
        qos=one.pod.template.qos.value,
        cpu_request_cores=None if request.cpu_cores is None else float(request.cpu_cores),
        memory_request_bytes=request.memory_bytes,
        notes=(f"{one.reason}: {one.owner}", *_injected(one.pod.template.containers)),
    )
