"""The knobs of a cluster before the real API server and its controllers: written, refused, fought over, undone."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from advisor.clients.kubernetes import KubernetesApi
from advisor.clock import SystemClock
from advisor.knobs.kubernetes.edit import autoscaler_edits
from advisor.knobs.kubernetes.in_place.knob import SizesKnob
from advisor.knobs.kubernetes.in_place.pods import PodWriter
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.knobs.router import KnobRouter
from advisor.model.errors import KnobError, StaleEpochError
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobState, KnobStatus, Order, knob_target
from advisor.servers.cluster.played_metrics import PlayedMetrics
from advisor.settings.kubernetes.reading import KubernetesSettings
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed, running
from tests.fakes.manifests import autoscaler, container, deployment

APPS, SCALING = ("apps/v1", "Deployment"), ("autoscaling/v2", "HorizontalPodAutoscaler")
SMALL = [container(requests={"cpu": "0.2", "memory": "1024Mi"})]
SIZES = (
    "app cpu request 200m; app memory request 1Gi limit none",
    "app cpu request 300m; app memory request 1Gi limit 2Gi",
)
PAIR = ("app cpu request 200m; HPA web target 70%", "app cpu request 140m; HPA web target 100%")


@pytest.fixture
def knob(cluster: Cluster) -> Iterator[KnobRouter]:
    with knob_of(str(cluster.kubeconfig), cluster.context) as opened:
        yield opened


@contextmanager
def knob_of(kubeconfig: str, context: str) -> Iterator[KnobRouter]:
    with closing(KubernetesApi(KubernetesSettings(kubeconfig=kubeconfig, context=context))) as api:
        writer = ObjectWriter(api, 30.0)
        yield KnobRouter(
            {
                "k8s.hpa": KubernetesKnob(writer, autoscaler_edits),
                "k8s.resources": SizesKnob(writer, PodWriter(api, 30.0), SystemClock()),
            }
        )


def hpa(namespace: str, part: str, old: KnobValue, new: KnobValue, *, epoch: int = 1) -> Order:
    target = knob_target("k8s.hpa", cluster="kubernetes", namespace=namespace, name="web", part=part)
    return Order(change_id="chg_a", target=target, old=old, new=new, epoch=epoch)


def sizes(namespace: str, old: str, new: str) -> Order:
    kind = "deployment.apps"
    target = knob_target("k8s.resources", cluster="kubernetes", namespace=namespace, kind=kind, name="web")
    return Order(change_id="chg_a", target=target, old=old, new=new, epoch=1)


def manifest(cluster: Cluster, namespace: str, kind: tuple[str, str]) -> dict[str, Any]:
    """What people write, and whose it is; versions, status and what controllers write are theirs."""
    found = cluster.get(*kind, "web", namespace)
    metadata = found["metadata"]
    annotations = {
        name: text
        for name, text in (metadata.get("annotations") or {}).items()
        if "deployment.kubernetes.io" not in name
    }
    owners = [one for one in metadata["managedFields"] if one["manager"] != "kube-controller-manager"]
    return {"spec": found["spec"], "annotations": annotations, "owners": owners}


def until_state(knob: KnobRouter, order: Order, state: KnobState) -> KnobStatus:
    return until(lambda: knob.inspect(order), lambda seen: seen.kind is state)


def test_an_autoscaler_is_changed_and_comes_back_with_its_owners(
    cluster: Cluster, plane: object, namespace: str, knob: KnobRouter
) -> None:
    cluster.create(placed(autoscaler("web", "web"), namespace))
    before = manifest(cluster, namespace, SCALING)
    for part, old, new in (("maxReplicas", 10, 14), ("minReplicas", 2, 3), ("cpu", 70, 60)):
        order = hpa(namespace, part, old, new)
        assert knob.inspect(order).kind is KnobState.OLD
        knob.apply(order)
        assert knob.inspect(order).kind is KnobState.NEW
        assert manifest(cluster, namespace, SCALING)["spec"] != before["spec"]
        knob.restore(order)
        assert manifest(cluster, namespace, SCALING) == before


def test_a_rollout_takes_the_sizes_to_the_pods_and_back(
    cluster: Cluster, plane: object, namespace: str, knob: KnobRouter
) -> None:
    cluster.create(running("web", namespace, SMALL))
    order = sizes(namespace, *SIZES)
    until(lambda: knob.inspect(order), lambda seen: seen.kind is KnobState.OLD and not seen.not_now)
    before = manifest(cluster, namespace, APPS)
    knob.apply(order)
    until_state(knob, order, KnobState.NEW)
    knob.restore(order)
    assert knob.inspect(order).kind is KnobState.OLD
    assert manifest(cluster, namespace, APPS) == before


def test_the_real_controller_keeps_the_pods_while_request_and_target_move_together(
    cluster: Cluster, metrics: PlayedMetrics, namespace: str, knob: KnobRouter
) -> None:
    """200m at 70% and 140m at 100% are 140m a pod: 600m want 600 / 140 = 4.3, so 5 pods, before as after."""
    metrics.play(namespace, "web", millicores=600)
    cluster.create(running("web", namespace, SMALL))
    cluster.create(placed(autoscaler("web", "web"), namespace))

    def pods() -> int:
        return int(cluster.get(*APPS, "web", namespace)["status"].get("readyReplicas", 0))

    until(pods, lambda count: count == 5)
    order = sizes(namespace, *PAIR)
    until(lambda: knob.inspect(order), lambda seen: not seen.not_now)
    before = [manifest(cluster, namespace, kind)["owners"] for kind in (APPS, SCALING)]
    knob.apply(order)
    until_state(knob, order, KnobState.NEW)
    until(pods, lambda count: abs(count - 5) <= 1)  # a rollout has fewer ready ones for a moment
    knob.restore(order)
    until(pods, lambda count: count == 5)
    assert [manifest(cluster, namespace, kind)["owners"] for kind in (APPS, SCALING)] == before


def test_a_person_and_a_deletion_are_seen_and_left_alone(
    cluster: Cluster, plane: object, namespace: str, knob: KnobRouter
) -> None:
    cluster.create(placed(autoscaler("web", "web"), namespace))
    order = hpa(namespace, "maxReplicas", 10, 14)
    knob.apply(order)
    with pytest.raises(StaleEpochError):
        knob.apply(hpa(namespace, "maxReplicas", 10, 14, epoch=0))
    cluster.patch(*SCALING, "web", namespace, {"spec": {"maxReplicas": 20}})
    assert knob.inspect(order).kind is KnobState.FOREIGN
    knob.restore(order)
    assert cluster.get(*SCALING, "web", namespace)["spec"]["maxReplicas"] == 20
    cluster.delete(*SCALING, "web", namespace)
    with pytest.raises(KnobError, match="is deleted"):
        knob.apply(order)


def test_a_release_in_the_midst_of_a_trial_ends_it_and_stays(
    cluster: Cluster, plane: object, namespace: str, knob: KnobRouter
) -> None:
    cluster.create(running("web", namespace, SMALL))
    order = sizes(namespace, *SIZES)
    until(lambda: knob.inspect(order), lambda seen: seen.kind is KnobState.OLD and not seen.not_now)
    knob.apply(order)
    until_state(knob, order, KnobState.NEW)
    release = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "example/app:2"}]}}}}
    cluster.patch(*APPS, "web", namespace, release)
    assert "a new release" in until_state(knob, order, KnobState.REMAINS).detail
    knob.restore(order)
    container = cluster.get(*APPS, "web", namespace)["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["resources"]["requests"]) == (
        "example/app:2",
        {"cpu": "200m", "memory": "1Gi"},
    )


def test_an_autoscaler_that_moves_the_pods_in_the_trial_is_no_interference(
    cluster: Cluster, metrics: PlayedMetrics, namespace: str, knob: KnobRouter
) -> None:
    """210m a pod at 70% of 300m: 1,200m want 5.7, so 6 pods; the sizes are still ours, and go back under 6 pods."""
    metrics.play(namespace, "web", millicores=250)
    cluster.create(running("web", namespace, SMALL))
    cluster.create(placed(autoscaler("web", "web"), namespace))
    order = sizes(namespace, *SIZES)
    until(lambda: knob.inspect(order), lambda seen: seen.kind is KnobState.OLD and not seen.not_now)
    knob.apply(order)
    until_state(knob, order, KnobState.NEW)
    metrics.play(namespace, "web", millicores=1200)
    until(lambda: cluster.get(*APPS, "web", namespace)["spec"]["replicas"], lambda count: count == 6)
    until_state(knob, order, KnobState.NEW)
    knob.restore(order)
    assert knob.inspect(order).kind is KnobState.OLD
    assert cluster.get(*APPS, "web", namespace)["spec"]["replicas"] >= 6


def test_somebody_who_writes_every_moment_is_no_obstacle_and_whose_value_is_not_taken(
    cluster: Cluster, plane: object, namespace: str, knob: KnobRouter
) -> None:
    cluster.create(placed(deployment("web", SMALL, replicas=0), namespace))
    ended, count = threading.Event(), 0

    def busy() -> None:
        nonlocal count
        while not ended.wait(0.2):
            count += 1
            cluster.patch(*APPS, "web", namespace, {"metadata": {"labels": {"beat": str(count)}}})

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        order = sizes(namespace, *SIZES)
        until(lambda: knob.inspect(order), lambda seen: not seen.not_now)
        knob.apply(order)
        until_state(knob, order, KnobState.NEW)
        knob.restore(order)
    finally:
        ended.set()
        thread.join()
    resources = cluster.get(*APPS, "web", namespace)["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert resources == {"requests": {"cpu": "200m", "memory": "1Gi"}}


def test_a_quota_that_lets_no_pod_be_made_is_told_beforehand(
    cluster: Cluster, plane: object, namespace: str, knob: KnobRouter
) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}}
    cluster.create(placed({**quota, "spec": {"hard": {"requests.cpu": "450m"}}}, namespace))
    cluster.create(running("web", namespace, SMALL))
    told = until(lambda: knob.inspect(sizes(namespace, *SIZES)), lambda seen: "ResourceQuota" in seen.not_now)
    assert "no room for the rollout in requests.cpu" in told.not_now


def test_a_budget_that_allows_nothing_is_heeded(
    cluster: Cluster, plane: object, namespace: str, knob: KnobRouter
) -> None:
    cluster.create(running("web", namespace, SMALL))
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": spec}
    cluster.create(placed(budget, namespace))
    until(
        lambda: knob.inspect(sizes(namespace, *SIZES)),
        lambda seen: seen.not_now == "PodDisruptionBudget web allows no pod to go now",
    )


def test_an_account_may_change_what_its_role_names_and_nothing_else(
    cluster: Cluster, plane: object, namespace: str
) -> None:
    cluster.create(placed(autoscaler("web", "web"), namespace))
    rule = {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": ["get", "patch"]}
    allowed = cluster.account(namespace, "named", [{**rule, "resourceNames": ["web"]}])
    with knob_of(str(allowed), "rig") as knob:
        knob.apply(hpa(namespace, "maxReplicas", 10, 14))
        knob.restore(hpa(namespace, "maxReplicas", 10, 14))
    refused = cluster.account(namespace, "other", [{**rule, "resourceNames": ["another"]}])
    with knob_of(str(refused), "rig") as knob:
        assert knob.inspect(hpa(namespace, "maxReplicas", 10, 14)).kind is KnobState.UNKNOWN
