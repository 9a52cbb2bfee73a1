"""Autoscalers as they are in force: defaults filled in, metrics of every kind, and who wrote them."""

from fractions import Fraction
from typing import Any

import pytest

from advisor.model.kubernetes.autoscaler import DEFAULT_DOWN, DEFAULT_UP, MetricKind, SelectPolicy, VpaMode
from advisor.model.kubernetes.resources import ResourceName
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment, hpa

WEB = deployment("web", [container(requests={"cpu": "1"})])


def read(**spec: Any) -> Any:
    return hpa(cluster(WEB, autoscaler("web", "web", **spec)), "web")


def test_what_nobody_wrote_has_the_documented_defaults() -> None:
    """Up the greater of 100% and 4 pods per 15 s without a window, down 100% per 15 s after 300 s; minimum 1."""
    found = read(minReplicas=None)
    assert (found.min_replicas, found.up, found.down, found.behavior) == (1, DEFAULT_UP, DEFAULT_DOWN, None)


def test_one_half_of_behavior_leaves_the_other_at_its_defaults() -> None:
    found = read(behavior={"scaleDown": {"stabilizationWindowSeconds": 0}})
    assert found.up == DEFAULT_UP
    assert (found.down.window_seconds, found.down.policies) == (0, DEFAULT_DOWN.policies)


def test_scaling_down_that_is_closed_names_who_closed_it() -> None:
    document = autoscaler("web", "web", behavior={"scaleDown": {"selectPolicy": "Disabled"}})
    owned = {"f:spec": {"f:behavior": {"f:scaleDown": {"f:selectPolicy": {}}}}}
    document["metadata"]["managedFields"] = [{"manager": "kubectl-edit", "operation": "Update", "fieldsV1": owned}]
    found = hpa(cluster(WEB, document), "web")
    assert (found.down.select, found.down_closed_by) == (SelectPolicy.DISABLED, "kubectl-edit")


def test_metrics_of_every_kind_are_told_apart() -> None:
    metrics = [
        cpu_target(150),
        {
            "type": "ContainerResource",
            "containerResource": {
                "name": "cpu",
                "container": "app",
                "target": {"type": "Utilization", "averageUtilization": 60},
            },
        },
        {"type": "Object", "object": {"metric": {"name": "rps"}, "target": {"type": "Value", "value": "2k"}}},
        {
            "type": "Pods",
            "pods": {"metric": {"name": "depth"}, "target": {"type": "AverageValue", "averageValue": "30500m"}},
        },
        {
            "type": "External",
            "external": {"metric": {"name": "backlog"}, "target": {"type": "AverageValue", "averageValue": "1.5k"}},
        },
    ]
    found = read(metrics=metrics).metrics
    assert [one.kind for one in found] == [
        MetricKind.RESOURCE,
        MetricKind.CONTAINER_RESOURCE,
        MetricKind.OBJECT,
        MetricKind.PODS,
        MetricKind.EXTERNAL,
    ]
    assert [one.value for one in found] == [150, 60, 2000, Fraction(61, 2), 1500]
    assert [one.divides_by for one in found] == [ResourceName.CPU, ResourceName.CPU, None, None, None]


def test_a_minimum_of_nothing_is_a_state_and_no_fault() -> None:
    backlog = {"metric": {"name": "backlog"}, "target": {"type": "AverageValue", "averageValue": "1.5k"}}
    assert read(minReplicas=0, metrics=[{"type": "External", "external": backlog}]).may_sleep


def test_the_old_shape_and_no_metrics_at_all_mean_cpu() -> None:
    old = autoscaler("web", "web", targetCPUUtilizationPercentage=65)
    del old["spec"]["metrics"]
    none = autoscaler("none", "web")
    del none["spec"]["metrics"]
    state = cluster(WEB, {**old, "apiVersion": "autoscaling/v1"}, none)
    assert [hpa(state, name).metrics[0].value for name in ("web", "none")] == [65, 80]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"minReplicas": 5, "maxReplicas": 2}, "make no range"),
        ({"maxReplicas": None}, "make no range"),
        ({"minReplicas": 0}, "without a pod none of its metrics can be read"),
        ({"metrics": [cpu_target(0)]}, "averageUtilization is 0"),
        ({"metrics": [{"type": "Sideways"}]}, "type is 'Sideways'"),
        ({"behavior": {"scaleUp": {"policies": [{"type": "Pods", "value": 0, "periodSeconds": 15}]}}}, "value below 1"),
        ({"behavior": {"scaleUp": {"selectPolicy": "Most"}}}, "selectPolicy is 'Most'"),
    ],
)
def test_an_autoscaler_that_no_server_takes_is_skipped_with_its_reason(spec: dict[str, Any], said: str) -> None:
    state = cluster(WEB, autoscaler("web", "web", **spec))
    assert state.hpas == ()
    assert said in str(state.skipped[0])


def test_a_target_that_is_not_there_is_said_and_a_namesake_is_not_it() -> None:
    fleet = autoscaler("raft", "raft", kind="FleetGame")
    fleet["spec"]["scaleTargetRef"]["apiVersion"] = "games.example.org/v1"
    state = cluster(deployment("raft", [container()]), fleet, autoscaler("lost", "nowhere"))
    assert state.target_of(hpa(state, "raft")) is None
    assert hpa(state, "raft").unread_target == "target FleetGame/raft is of a kind that only a server can tell of"
    assert hpa(state, "lost").unread_target == "target Deployment/nowhere is not among the manifests"


def test_a_vertical_autoscaler_controls_what_its_policies_name() -> None:
    document = {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "loom", "namespace": "shop"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "updatePolicy": {"updateMode": "Initial"},
            "resourcePolicy": {"containerPolicies": [{"containerName": "*", "controlledResources": ["memory"]}]},
        },
        "status": {
            "recommendation": {"containerRecommendations": [{"containerName": "app", "target": {"cpu": "23m"}}]}
        },
    }
    (vpa,) = cluster(WEB, document).vpas
    assert (vpa.mode, vpa.acts, vpa.writes("app")) == (VpaMode.INITIAL, True, {ResourceName.MEMORY})
    assert vpa.recommended["app"].cpu_cores == Fraction(23, 1000)
