"""Who runs now: what has memory, and is there by the API."""

from dataclasses import replace
from datetime import UTC, datetime

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container, PodTemplate
from advisor.model.kubernetes.resources import Resources
from advisor.model.kubernetes.usage import ContainerKey
from advisor.model.kubernetes.workload import Meta, ObjectRef, Pod, Workload
from advisor.sources.kubernetes_usage.answers.names import Place
from advisor.sources.kubernetes_usage.facts import Facts
from advisor.sources.kubernetes_usage.facts_reader import tells_pods

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEB = ContainerKey(namespace="shop", kind="Deployment", workload="web", container="app")


def meta(kind: str, name: str) -> Meta:
    return Meta(ref=ObjectRef(api_version="apps/v1", kind=kind, name=name), namespace="shop")


def state(*pods: str) -> ClusterState:
    template = PodTemplate(containers=(Container(name="app", resources=Resources()),))
    own = tuple(Pod(meta=meta("Pod", pod), template=template) for pod in pods)
    web = Workload(meta=meta("Deployment", "web"), template=template, pods=own)
    return ClusterState(name="blue", taken_at=NOON, is_live=True, workloads=(web,))


def facts_of(*pods: str) -> Facts:
    """All of them were of the workload, as kube-state-metrics says."""
    found = Facts()
    owned = {"owner_kind": "Deployment", "owner_name": "web"}
    found.owners.add_pods([({"namespace": "shop", "pod": pod, **owned}, 1.0) for pod in pods])
    return found


def place(pod: str, namespace: str = "shop") -> Place:
    return Place(namespace, pod, "app")


def test_a_pod_that_the_api_does_not_have_is_over_though_it_had_memory_a_moment_ago() -> None:
    """After a release old pods stand in the last point of five minutes, and new ones wait to be scheduled."""
    facts = facts_of("web-old", "web-new")
    facts.seen_running({place("web-old"), place("web-new")}, state("web-new", "web-pending"))
    assert facts.pods == {WEB: 1}


def test_of_a_namespace_that_the_api_does_not_show_what_has_memory_runs() -> None:
    facts = Facts()
    facts.owners.add_pods(
        [({"namespace": "till", "pod": "till-0", "owner_kind": "StatefulSet", "owner_name": "till"}, 1)]
    )
    facts.seen_running({place("till-0", "till")}, state("web-new"))
    assert sum(facts.pods.values()) == 1


def test_manifests_and_an_api_that_shows_no_pods_do_not_tell_who_runs() -> None:
    assert tells_pods(state("web-1"))
    assert not any(map(tells_pods, (None, state(), replace(state("web-1"), is_live=False))))
