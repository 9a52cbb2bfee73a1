"""The canary of sizes before the real API server: pods resized in place, a kubelet that refuses, and the way back."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from advisor.clients.kubernetes import KubernetesApi
from advisor.clock import SystemClock
from advisor.knobs.kubernetes.in_place.knob import PodCanary, SizesKnob
from advisor.knobs.kubernetes.in_place.pods import PodWriter
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.model.cohort import in_cohort
from advisor.model.errors import KnobError
from advisor.model.knob import KnobState, KnobStatus, Order, knob_target
from advisor.settings.kubernetes.reading import KubernetesSettings
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed, running
from tests.fakes.manifests import container

SIZES = ("app cpu request 200m; app memory request 1Gi", "app cpu request 300m; app memory request 1536Mi")
SMALL, LARGE = {"cpu": "200m", "memory": "1Gi"}, {"cpu": "300m", "memory": "1536Mi"}
PODS = 6


@pytest.fixture
def api(cluster: Cluster) -> Iterator[KubernetesApi]:
    with closing(KubernetesApi(KubernetesSettings(kubeconfig=str(cluster.kubeconfig), context=cluster.context))) as api:
        yield api


@pytest.fixture
def knob(api: KubernetesApi) -> SizesKnob:
    return SizesKnob(ObjectWriter(api, 30.0), PodWriter(api, 30.0), SystemClock())


@pytest.fixture
def first(cluster: Cluster, plane: object, namespace: str, knob: SizesKnob) -> Order:
    """Of a share that some of the six pods are in and some are not."""
    cluster.create(running("web", namespace, [container(requests={"cpu": "0.2", "memory": "1024Mi"})], replicas=PODS))
    kind = "deployment.apps"
    target = knob_target("k8s.resources", cluster="kubernetes", namespace=namespace, kind=kind, name="web")
    order = Order(change_id="chg_a", target=target, old=SIZES[0], new=SIZES[1], epoch=1)
    until(lambda: knob.inspect(order), lambda seen: seen.kind is KnobState.OLD and not seen.not_now)
    until(lambda: cluster.listed("v1", "Pod", namespace), lambda seen: all(map(has_told_sizes, seen)))
    names = sorted(pods(cluster, namespace))
    share = next(n / 20 for n in range(1, 20) if 0 < sum(in_cohort(name, n / 20) for name in names) < PODS)
    return replace(order, cohorts=(share,))


def has_told_sizes(pod: Any) -> bool:
    """Whether its kubelet has said what the containers have: the server takes that for being able to resize."""
    statuses = pod.get("status", {}).get("containerStatuses", [])
    return bool(statuses) and all("resources" in one for one in statuses)


def pods(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """What each asks for."""
    found = cluster.listed("v1", "Pod", namespace)
    return {one["metadata"]["name"]: one["spec"]["containers"][0]["resources"]["requests"] for one in found}


def inside(cluster: Cluster, namespace: str, order: Order) -> list[str]:
    return [name for name in pods(cluster, namespace) if in_cohort(name, order.cohorts[0])]


def until_state(knob: SizesKnob, order: Order, state: KnobState) -> KnobStatus:
    return until(lambda: knob.inspect(order), lambda seen: seen.kind is state)


def test_some_pods_are_resized_while_they_run_and_come_back(
    cluster: Cluster, namespace: str, knob: SizesKnob, first: Order
) -> None:
    before = cluster.get("apps/v1", "Deployment", "web", namespace)
    chosen = inside(cluster, namespace, first)
    knob.apply(first)
    until_state(knob, first, KnobState.NEW)
    assert pods(cluster, namespace) == {name: LARGE if name in chosen else SMALL for name in pods(cluster, namespace)}
    knob.restore(first)
    assert set(map(str, pods(cluster, namespace).values())) == {str(SMALL)}
    after = cluster.get("apps/v1", "Deployment", "web", namespace)
    assert (after["spec"], after["metadata"].get("annotations")) == (
        before["spec"],
        before["metadata"].get("annotations"),
    )
    assert knob.inspect(first).kind is KnobState.OLD


def test_what_some_have_proven_goes_to_all_by_a_rollout_and_back(
    cluster: Cluster, namespace: str, knob: SizesKnob, first: Order
) -> None:
    knob.apply(first)
    until_state(knob, first, KnobState.NEW)
    everybody = replace(first, cohorts=(*first.cohorts, 1.0))
    knob.renew(everybody)
    until_state(knob, everybody, KnobState.NEW)
    until(lambda: list(pods(cluster, namespace).values()), lambda seen: seen == [LARGE] * PODS)
    knob.restore(everybody)
    until(lambda: list(pods(cluster, namespace).values()), lambda seen: seen == [SMALL] * PODS)


def test_a_kubelet_that_has_no_room_ends_it(cluster: Cluster, namespace: str, knob: SizesKnob, first: Order) -> None:
    (name, *_) = inside(cluster, namespace, first)
    cluster.patch("v1", "Pod", name, namespace, {"metadata": {"labels": {"resize": "Infeasible"}}})
    knob.apply(first)
    status = until_state(knob, first, KnobState.REMAINS)
    assert status.detail.startswith(f"{name}: the kubelet says Infeasible")
    knob.restore(first)
    assert set(map(str, pods(cluster, namespace).values())) == {str(SMALL)}


def test_one_that_has_no_room_now_is_waited_for(
    cluster: Cluster, namespace: str, knob: SizesKnob, first: Order
) -> None:
    (name, *_) = inside(cluster, namespace, first)
    cluster.patch("v1", "Pod", name, namespace, {"metadata": {"labels": {"resize": "Deferred"}}})
    knob.apply(first)
    status = until(lambda: knob.inspect(first), lambda seen: "Deferred" in seen.detail)
    assert status.kind is KnobState.PENDING
    cluster.patch("v1", "Pod", name, namespace, {"metadata": {"labels": {"resize": None}}})
    until_state(knob, first, KnobState.NEW)


def test_a_person_who_puts_a_pod_back_is_named(cluster: Cluster, namespace: str, knob: SizesKnob, first: Order) -> None:
    knob.apply(first)
    until_state(knob, first, KnobState.NEW)
    (name, *_) = inside(cluster, namespace, first)
    change = {"spec": {"containers": [{"name": "app", "resources": {"requests": SMALL}}]}}
    cluster.patch("v1", "Pod", name, namespace, change, "resize")
    status = until_state(knob, first, KnobState.REMAINS)
    assert status.detail.startswith(f"{name} was put back by ")


def test_what_a_limit_range_refuses_touches_no_pod(
    cluster: Cluster, namespace: str, knob: SizesKnob, first: Order
) -> None:
    spec = {"limits": [{"type": "Container", "max": {"cpu": "250m"}}]}
    document = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}, "spec": spec}
    cluster.create(placed(document, namespace))
    with pytest.raises(KnobError, match="250m"):
        knob.apply(first)
    assert set(map(str, pods(cluster, namespace).values())) == {str(SMALL)}
    assert knob.inspect(first).kind is KnobState.OLD


def test_the_canary_of_a_real_server_is_the_workloads_own_pods(
    cluster: Cluster, namespace: str, api: KubernetesApi, first: Order
) -> None:
    cluster.create(running("web-admin", namespace, [container(requests={"cpu": "100m"})]))
    found = PodCanary(ObjectWriter(api, 30.0), PodWriter(api, 30.0), SystemClock()).pods(first)
    assert {pod["metadata"]["name"] for pod in found} == {
        name for name in pods(cluster, namespace) if not name.startswith("web-admin")
    }
