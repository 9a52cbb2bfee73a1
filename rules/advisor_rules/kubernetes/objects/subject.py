"""What a finding is about: a workload or an autoscaler, by cluster, namespace, kind and name."""

from collections.abc import Iterator

from advisor.model.finding import Finding, Subject
from advisor.model.knob import KnobTarget, knob_target
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Meta, Place, Workload
from advisor.model.snapshot import Snapshot

RESOURCES = "Kubernetes Resource Tuning"
SCALING = "HPA Threshold Tuning"
"""The guide's sections."""


def key_of(cluster: ClusterState, meta: Meta) -> str:
    return meta.key_in(cluster.name)


def subject_of(meta: Meta) -> Subject:
    return Subject(kind=meta.kind.lower(), name=meta.name, namespace=meta.namespace)


def shown(meta: Meta) -> str:
    return f"{meta.kind} {meta.namespace}/{meta.name}"


def pods_of(workload: Workload) -> int:
    """How many it has or wants, whichever is more; 1 where neither is known."""
    return max(workload.replicas or 1, len(workload.pods))


def workloads_of(snapshot: Snapshot) -> Iterator[tuple[ClusterState, Workload]]:
    for cluster in snapshot.clusters.values():
        for workload in cluster.workloads:
            if not workload.is_over:
                yield cluster, workload


def hpas_of(snapshot: Snapshot) -> Iterator[tuple[ClusterState, Hpa]]:
    for cluster in snapshot.clusters.values():
        for hpa in cluster.hpas:
            yield cluster, hpa


def part_of(cluster: ClusterState, hpa: Hpa, part: str) -> KnobTarget:
    """What the knob `k8s.hpa` moves of it: maxReplicas, minReplicas, cpu, memory, scaleUp, scaleDown or metrics."""
    return knob_target("k8s.hpa", cluster=cluster.name, namespace=hpa.meta.namespace, name=hpa.meta.name, part=part)


def workload_of(finding: Finding, snapshot: Snapshot) -> tuple[ClusterState, Workload]:
    """That which `finding` is about."""
    cluster, place = _place_of(finding, snapshot)
    return cluster, cluster.workload(place)


def hpa_of(finding: Finding, snapshot: Snapshot) -> tuple[ClusterState, Hpa]:
    """That which `finding` is about."""
    cluster, place = _place_of(finding, snapshot)
    return cluster, cluster.hpa(place)


def _place_of(finding: Finding, snapshot: Snapshot) -> tuple[ClusterState, Place]:
    cluster, namespace, kind_and_group, name = finding.key.split("/")
    kind, _, group = kind_and_group.partition(".")
    return snapshot.clusters[cluster], (namespace, group, kind, name)
