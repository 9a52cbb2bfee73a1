"""Containers by kube-state-metrics: which are named, what they are, and what silence means."""

from collections.abc import Mapping

import pytest

from advisor.model.kubernetes.container import ContainerRole
from advisor.sources.kubernetes_usage.answers.names import Place
from advisor.sources.kubernetes_usage.facts import Facts
from advisor.sources.kubernetes_usage.recorded_containers import UNSAID, Containers, recorded_containers

Row = tuple[Mapping[str, str], float]
APP, PROXY = Place("shop", "web-0", "app"), Place("shop", "web-0", "proxy")
SERVED = {("shop", "web-0")}


def row(place: Place, value: float = 1.0, **labels: str) -> Row:
    return {"namespace": place.namespace, "pod": place.pod, "container": place.container, **labels}, value


def requests(place: Place, *, is_init: bool = False) -> Row:
    name = f"kube_pod_{'init_' if is_init else ''}container_resource_requests"
    return row(place, 0.5, __name__=name, resource="cpu", unit="core")


def role(found: Containers, place: Place = PROXY) -> ContainerRole | None:
    return found.role_of({place}, SERVED)


def test_one_that_says_nothing_is_named_and_one_of_kubectl_debug_is_not() -> None:
    name = row(PROXY, __name__="kube_pod_container_status_restarts_total", told="name")
    found = recorded_containers([requests(APP), name], Facts())
    assert set(found.sizes) == {APP, PROXY}
    assert found.sizes[PROXY] == UNSAID
    assert found.tells_sizes


def test_where_no_size_is_told_silence_means_nothing() -> None:
    name = row(APP, __name__="kube_pod_container_status_restarts_total", told="name")
    assert not recorded_containers([name], Facts()).tells_sizes


@pytest.mark.parametrize(
    ("more", "right"),
    [
        ([row(PROXY, told="sidecar")], ContainerRole.SIDECAR),
        ([row(PROXY, 0.0, told="ended")], ContainerRole.SIDECAR),
        ([row(PROXY, 1.0, told="ended")], ContainerRole.INIT),
    ],
    ids=["by its policy", "beside the others", "over"],
)
def test_an_init_container_is_a_sidecar_where_it_runs_on(more: list[Row], right: ContainerRole) -> None:
    assert role(recorded_containers([requests(PROXY, is_init=True), *more], Facts())) is right


@pytest.mark.parametrize(("running", "right"), [({PROXY}, ContainerRole.SIDECAR), (set(), ContainerRole.INIT)])
def test_without_its_state_its_memory_tells(running: set[Place], right: ContainerRole) -> None:
    found = recorded_containers([requests(PROXY, is_init=True)], Facts(running=running))
    assert role(found) is right


def test_before_any_pod_serves_nobody_knows() -> None:
    found = recorded_containers([requests(PROXY, is_init=True)], Facts(running={PROXY}))
    assert found.role_of({PROXY}, set()) is None


def test_a_pod_that_is_over_counts_for_nothing() -> None:
    found = recorded_containers([requests(APP)], Facts(finished={("shop", "web-0")}))
    assert (found.sizes, found.tells_sizes) == ({}, True)
