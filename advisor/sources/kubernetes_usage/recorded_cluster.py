"""A cluster as kube-state-metrics has it, where there is no API: workloads, sizes in force, autoscalers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.autoscaler import Hpa, HpaMetric, MetricKind, TargetKind
from advisor.model.kubernetes.cluster import ClusterState, Unread
from advisor.model.kubernetes.container import Container, PodTemplate
from advisor.model.kubernetes.resources import ResourceName, Resources
from advisor.model.kubernetes.workload import Meta, ObjectRef, Workload
from advisor.sources.kubernetes_usage.asking import Budget
from advisor.sources.kubernetes_usage.facts import Facts, Rows, amounts_of, resource_of
from advisor.sources.kubernetes_usage.names import CLUSTER, Place, place_of
from advisor.sources.kubernetes_usage.queries import Queries

_QUERIES = ("resources", "hpa_targets", "hpa_metrics")
OBJECT_QUERIES = len(_QUERIES)
"""That `read_recorded` sends."""
_VERSIONS = {"CronJob": "batch/v1", "Job": "batch/v1", "Rollout": "argoproj.io/v1alpha1", "Pod": "v1"}
_PATHS = {"CronJob": ("spec", "jobTemplate", "spec", "template", "spec"), "Pod": ("spec",)}
_UTILIZATION = "utilization"
_HIDDEN = Unread(
    what="objects",
    why="read from kube-state-metrics: rollouts, quotas, vertical autoscalers and who writes an object are not known",
    fix="give --context, or kubernetes.enabled: true in a pod",
)
_WorkloadKey = tuple[str, str, str]
_Sizes = frozenset[tuple[tuple[str, ResourceName], float]]
"""("requests" or "limits", resource) and how much of it, in cores or bytes."""
_UNSAID: _Sizes = frozenset()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was answered of objects. unread: queries that failed, whose part is left out."""

    taken_at: datetime
    rows: Mapping[str, Rows]
    unread: Sequence[Unread]

    def cluster(self, facts: Facts) -> ClusterState:
        return ClusterState(
            name=CLUSTER,
            taken_at=self.taken_at,
            is_live=True,
            workloads=_workloads(_sizes(self.rows["resources"], facts), facts),
            hpas=_hpas(self.rows["hpa_targets"], self.rows["hpa_metrics"]),
            unread=(_HIDDEN, *self.unread),
        )


def read_recorded(budget: Budget, queries: Queries, now: datetime) -> Recorded:
    rows: dict[str, Rows] = {}
    unread = []
    for name in _QUERIES:
        try:
            rows[name] = budget.instant(name, queries.text(name), now)
        except BadDataError as error:
            rows[name] = []
            unread.append(Unread(what=name, why=error.what))
    return Recorded(taken_at=now, rows=rows, unread=unread)


def _sizes(rows: Rows, facts: Facts) -> Mapping[Place, _Sizes]:
    """Of containers whose pods are not over."""
    found: dict[Place, dict[tuple[str, ResourceName], float]] = {}
    for labels, value in rows:
        name, place = resource_of(labels), place_of(labels)
        if name is not None and (place.namespace, place.pod) not in facts.finished:
            kind = "limits" if "_limits" in labels["__name__"] else "requests"
            found.setdefault(place, {})[kind, name] = value
    return {place: frozenset(values.items()) for place, values in found.items()}


@lru_cache(maxsize=1024)
def _resources(sizes: _Sizes) -> Resources:
    """They are few, and many containers have them."""
    kinds: dict[str, dict[ResourceName, float]] = {}
    for (kind, name), value in sizes:
        kinds.setdefault(kind, {})[name] = value
    return Resources(**{kind: amounts_of(values) for kind, values in kinds.items()})


def _workloads(written: Mapping[Place, _Sizes], facts: Facts) -> tuple[Workload, ...]:
    """Each container with what most of its pods have: in a rollout both sizes are there."""
    sizes: dict[_WorkloadKey, dict[str, Counter[_Sizes]]] = {}
    pods: dict[_WorkloadKey, set[str]] = {}
    live = {place for place in facts.running if (place.namespace, place.pod) not in facts.finished}
    for place in {*written, *live}:
        key = facts.key_of(place)
        if key is None:
            continue
        workload = (key.namespace, key.kind, key.workload)
        pods.setdefault(workload, set()).add(place.pod)
        sizes.setdefault(workload, {}).setdefault(place.container, Counter())[written.get(place, _UNSAID)] += 1
    return tuple(_workload(workload, found, len(pods[workload])) for workload, found in sorted(sizes.items()))


def _workload(key: _WorkloadKey, sizes: Mapping[str, Counter[_Sizes]], pods: int) -> Workload:
    namespace, kind, name = key
    containers = []
    for container, counts in sorted(sizes.items()):
        usual = _resources(max(counts, key=lambda one: (counts[one], str(_resources(one)))))
        containers.append(Container(name=container, resources=usual, written=usual))
    ref = ObjectRef(api_version=_VERSIONS.get(kind, "apps/v1"), kind=kind, name=name)
    template = PodTemplate(containers=tuple(containers), path=_PATHS.get(kind, ("spec", "template", "spec")))
    return Workload(meta=Meta(ref=ref, namespace=namespace), template=template, replicas=pods)


def _hpas(targets: Rows, rows: Rows) -> tuple[Hpa, ...]:
    metrics: dict[tuple[str, str], list[HpaMetric]] = {}
    bounds: dict[tuple[str, str], dict[str, int]] = {}
    for labels, value in rows:
        key = (place_of(labels).namespace, labels.get("horizontalpodautoscaler", ""))
        if labels["__name__"].endswith("_target_metric"):
            metrics.setdefault(key, []).append(_metric(labels, value))
        else:
            bounds.setdefault(key, {})["min" if "_min_" in labels["__name__"] else "max"] = int(value)
    found = []
    for labels, _ in targets:
        key = (place_of(labels).namespace, labels.get("horizontalpodautoscaler", ""))
        kind = labels.get("scaletargetref_kind", "")
        version = labels.get("scaletargetref_api_version") or _VERSIONS.get(kind, "apps/v1")
        found.append(
            Hpa(
                meta=Meta(
                    ref=ObjectRef(api_version="autoscaling/v2", kind="HorizontalPodAutoscaler", name=key[1]),
                    namespace=key[0],
                ),
                target=ObjectRef(api_version=version, kind=kind, name=labels.get("scaletargetref_name", "")),
                min_replicas=bounds.get(key, {}).get("min", 1),
                max_replicas=bounds.get(key, {}).get("max", 1),
                metrics=tuple(metrics.get(key, ())),
            )
        )
    return tuple(found)


def _metric(labels: Mapping[str, str], value: float) -> HpaMetric:
    name = labels.get("metric_name", "")
    is_resource = any(name == one.value for one in ResourceName)
    is_percent = labels.get("metric_target_type", "") == _UTILIZATION
    return HpaMetric(
        kind=MetricKind.RESOURCE if is_resource else MetricKind.EXTERNAL,
        name=name,
        target=TargetKind.UTILIZATION if is_percent else TargetKind.AVERAGE_VALUE,
        value=Fraction(str(value)),
    )
