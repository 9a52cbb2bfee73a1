"""The rig itself: the real controllers act on played load, and resizes in place show as a kubelet shows them."""

from typing import Any

import pytest

from advisor.servers.cluster.played_metrics import PlayedMetrics
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed, running
from tests.fakes.manifests import autoscaler, container

SMALL = [container(requests={"cpu": "200m"})]
AT_ONCE = {"scaleUp": {"policies": [{"type": "Percent", "value": 900, "periodSeconds": 15}]}}


def replicas(cluster: Cluster, namespace: str) -> tuple[int, int]:
    """Wanted and ready."""
    found = cluster.get("apps/v1", "Deployment", "web", namespace)
    return found["spec"]["replicas"], found.get("status", {}).get("readyReplicas", 0)


def test_an_autoscaler_follows_the_load_up_and_down(cluster: Cluster, metrics: PlayedMetrics, namespace: str) -> None:
    """70% of 200m is 140m a pod: 900m want 900 / 140 = 6.4, so 7 pods; 100m want the fewest allowed, 2."""
    metrics.play(namespace, "web", millicores=100)
    cluster.create(running("web", namespace, SMALL))
    cluster.create(placed(autoscaler("web", "web", behavior=AT_ONCE), namespace))
    until(lambda: replicas(cluster, namespace), lambda seen: seen == (2, 2))
    metrics.play(namespace, "web", millicores=900)
    until(lambda: replicas(cluster, namespace), lambda seen: seen == (7, 7))
    status = until(lambda: _scaler(cluster, namespace)["status"], lambda seen: seen["currentReplicas"] == 7)
    assert status["desiredReplicas"] == 7
    metrics.play(namespace, "web", millicores=100)
    until(lambda: replicas(cluster, namespace), lambda seen: seen == (2, 2))


def _scaler(cluster: Cluster, namespace: str) -> dict[str, Any]:
    return cluster.get("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace)


def a_pod(cluster: Cluster, namespace: str) -> str:
    """The name of the only pod of a Deployment, which runs and has been given what it asks for."""
    cluster.create(running("web", namespace, SMALL, replicas=1))
    (pod,) = until(
        lambda: cluster.listed("v1", "Pod", namespace), lambda seen: [given(one) for one in seen] == ["200m"]
    )
    return str(pod["metadata"]["name"])


def given(pod: dict[str, Any]) -> str | None:
    """CPU that the first container has, by its status."""
    for status in pod.get("status", {}).get("containerStatuses", []):
        return status.get("resources", {}).get("requests", {}).get("cpu")
    return None


def resize(cluster: Cluster, namespace: str, name: str, cpu: str) -> None:
    change = {"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": cpu}}}]}}
    cluster.patch("v1", "Pod", name, namespace, change, "resize")


def pending(pod: dict[str, Any]) -> str | None:
    """Why a resize waits, if one does."""
    found = [one["reason"] for one in pod["status"]["conditions"] if one["type"] == "PodResizePending"]
    return found[0] if found else None


def test_a_resize_in_place_shows_in_the_status_of_the_same_pod(cluster: Cluster, plane: object, namespace: str) -> None:
    name = a_pod(cluster, namespace)
    before = cluster.get("v1", "Pod", name, namespace)
    resize(cluster, namespace, name, "300m")
    after = until(lambda: cluster.get("v1", "Pod", name, namespace), lambda seen: given(seen) == "300m")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert pending(after) is None


@pytest.mark.parametrize("why", ["Deferred", "Infeasible"])
def test_a_resize_that_the_node_refuses_waits_with_its_reason(
    cluster: Cluster, plane: object, namespace: str, why: str
) -> None:
    name = a_pod(cluster, namespace)
    cluster.patch("v1", "Pod", name, namespace, {"metadata": {"labels": {"resize": why}}})
    resize(cluster, namespace, name, "500m")
    seen = until(lambda: cluster.get("v1", "Pod", name, namespace), lambda seen: pending(seen) is not None)
    assert (pending(seen), given(seen)) == (why, "200m")
    cluster.patch("v1", "Pod", name, namespace, {"metadata": {"labels": {"resize": None}}})
    seen = until(lambda: cluster.get("v1", "Pod", name, namespace), lambda seen: given(seen) == "500m")
    assert pending(seen) is None
