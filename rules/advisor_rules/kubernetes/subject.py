"""What a finding is about: a workload or an autoscaler, by cluster, namespace, kind and name."""

from collections.abc import Iterator

from advisor.model.finding import Finding, Subject
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Meta, Workload
from advisor.model.snapshot import Snapshot

RESOURCES = "Kubernetes Resource Tuning"
SCALING = "HPA Threshold Tuning"
"""The guide's sections."""


def key_of(cluster: ClusterState, meta: Meta) -> str:
    return f"{cluster.name}/{meta.namespace}/{meta.kind}/{meta.name}"


def subject_of(meta: Meta) -> Subject:
    return Subject(kind=meta.kind.lower(), name=meta.name, namespace=meta.namespace)


def shown(meta: Meta) -> str:
    return f"{meta.kind} {meta.namespace}/{meta.name}"


def workloads_of(snapshot: Snapshot) -> Iterator[tuple[ClusterState, Workload]]:
    for cluster in snapshot.clusters.values():
        for workload in cluster.workloads:
            yield cluster, workload


def hpas_of(snapshot: Snapshot) -> Iterator[tuple[ClusterState, Hpa]]:
    for cluster in snapshot.clusters.values():
        for hpa in cluster.hpas:
            yield cluster, hpa


def workload_of(finding: Finding, snapshot: Snapshot) -> tuple[ClusterState, Workload]:
    """That which `finding` is about."""
    cluster, namespace, kind, name = finding.key.split("/", 3)
    return snapshot.clusters[cluster], snapshot.clusters[cluster].workload(namespace, kind, name)


def hpa_of(finding: Finding, snapshot: Snapshot) -> tuple[ClusterState, Hpa]:
    """That which `finding` is about."""
    cluster, namespace, _, name = finding.key.split("/", 3)
    return snapshot.clusters[cluster], snapshot.clusters[cluster].hpa(namespace, name)
