"""Autoscalers that are left alone, each with its reason."""

from typing import Any

import pytest

from advisor.model.finding import Finding, Severity
from advisor.model.proposal import NoProposal
from advisor.testing.asking import finding_of, proposals_of, the_finding
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.hpa_hands_off import HPA_HANDS_OFF
from tests.fakes.manifests import autoscaler, cluster, container, deployment, scaled_object

FULL = deployment("web", [container(requests={"cpu": "500m", "memory": "512Mi"}, limits={"memory": "2Gi"})])


def ask(*objects: Any) -> Finding:
    look = a_snapshot(clusters=[cluster(*objects)])
    finding = the_finding(HPA_HANDS_OFF, look, a_context())
    offered = proposals_of(HPA_HANDS_OFF, look, a_context())
    assert isinstance(offered, NoProposal)
    assert offered.reason.startswith("hands off, because ")
    return finding


def metric(kind: str, **target: Any) -> dict[str, Any]:
    part = kind[0].lower() + kind[1:]
    return {"type": kind, part: {"metric": {"name": "depth"}, "target": target}}


def memory_target(percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "memory", "target": target}}


def test_an_ordinary_one_is_not_mentioned() -> None:
    look = a_snapshot(clusters=[cluster(FULL, autoscaler("web", "web"))])
    assert finding_of(HPA_HANDS_OFF, look, a_context()) is None


def test_two_on_one_target_are_one_finding_that_names_both() -> None:
    up = autoscaler("up", "web", behavior={"scaleDown": {"selectPolicy": "Disabled"}})
    finding = ask(FULL, up, autoscaler("down", "web", behavior={"scaleUp": {"selectPolicy": "Disabled"}}))
    assert finding.severity is Severity.WARNING
    assert "down and up scale Deployment web" in finding.cause
    assert "the replicas are nobody's" in finding.cause


def test_kedas_is_changed_in_its_scaled_object() -> None:
    keda = autoscaler("keda-hpa-mill", "web", metrics=[metric("External", type="AverageValue", averageValue="50")])
    owner = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "mill", "uid": "k", "controller": True}
    keda["metadata"]["ownerReferences"] = [owner]
    cause = ask(FULL, keda).cause
    assert "ScaledObject shop/mill" in cause
    assert "advanced.horizontalPodAutoscalerConfig.behavior" in cause


def test_a_scaled_object_whose_autoscaler_nobody_read_is_left_alone_as_kedas() -> None:
    finding = ask(FULL, scaled_object("mill", "web"))
    assert (finding.severity, finding.subject.kind) == (Severity.INFO, "scaledobject")
    assert "KEDA writes the autoscaler and would put a change back: change ScaledObject shop/mill" in finding.cause


@pytest.mark.parametrize(
    "uncoupled",
    [
        metric("Object", type="Value", value="2k"),
        metric("Pods", type="AverageValue", averageValue="30500m"),
        metric("External", type="AverageValue", averageValue="1.5k"),
    ],
)
def test_one_that_scales_on_something_else_gets_no_cpu_advice(uncoupled: dict[str, Any]) -> None:
    cause = ask(FULL, autoscaler("web", "web", metrics=[uncoupled])).cause
    assert f"it scales on {uncoupled['type']} depth" in cause
    assert "moves no replica" in cause


def test_a_target_above_the_request_is_legal_and_told_in_amounts() -> None:
    """150% of 512Mi is 768Mi, whatever the limit of 2Gi."""
    finding = ask(FULL, autoscaler("web", "web", metrics=[memory_target(150)]))
    assert finding.severity is Severity.INFO
    assert finding.cause == "150% of the memory request of 512Mi is 768Mi a pod, not a share of the limit"


def test_a_single_container_and_its_request_are_one_change() -> None:
    target = {"type": "Utilization", "averageUtilization": 60}
    of_app = {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "app", "target": target}}
    assert "60% of the cpu request of app alone" in ask(FULL, autoscaler("web", "web", metrics=[of_app])).cause


def test_a_vertical_one_that_writes_what_it_divides_by_is_a_conflict() -> None:
    def vpa(mode: str, resources: list[str]) -> dict[str, Any]:
        policies = [{"containerName": "*", "controlledResources": resources}]
        return {
            "apiVersion": "autoscaling.k8s.io/v1",
            "kind": "VerticalPodAutoscaler",
            "metadata": {"name": "loom", "namespace": "shop"},
            "spec": {
                "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                "updatePolicy": {"updateMode": mode},
                "resourcePolicy": {"containerPolicies": policies},
            },
            "status": {
                "recommendation": {"containerRecommendations": [{"containerName": "app", "target": {"cpu": "23m"}}]}
            },
        }

    finding = ask(FULL, vpa("Auto", ["cpu", "memory"]), autoscaler("web", "web"))
    assert finding.severity is Severity.WARNING
    assert finding.cause == "VPA loom (Auto) writes the cpu request that it divides by; it recommends app cpu 23m"
    for harmless in (vpa("Off", ["cpu"]), vpa("Auto", ["memory"])):
        look = a_snapshot(clusters=[cluster(FULL, harmless, autoscaler("web", "web"))])
        assert finding_of(HPA_HANDS_OFF, look, a_context()) is None


def test_one_whose_target_has_no_replicas_is_never_woken() -> None:
    off = {**FULL, "spec": {**FULL["spec"], "replicas": 0}}
    assert "has 0 replicas" in ask(off, autoscaler("web", "web")).cause


def test_one_that_may_go_to_zero_is_in_a_state_and_not_asleep() -> None:
    off = {**FULL, "spec": {**FULL["spec"], "replicas": 0}}
    backlog = metric("External", type="AverageValue", averageValue="1.5k")
    finding = ask(off, autoscaler("web", "web", minReplicas=0, metrics=[backlog]))
    assert "minReplicas is 0, on purpose" in finding.cause
    assert "has 0 replicas" not in finding.cause


def test_scaling_down_that_is_closed_stays_closed() -> None:
    closed = autoscaler("web", "web", behavior={"scaleDown": {"selectPolicy": "Disabled"}})
    finding = ask(FULL, closed)
    assert "only a person opens that again" in finding.cause
    assert finding.evidence[0].value == "scale-down"


def test_a_target_that_cannot_be_seen_is_said_and_nothing_is_guessed() -> None:
    fleet = autoscaler("web", "web", kind="FleetGame")
    fleet["spec"]["scaleTargetRef"]["apiVersion"] = "games.example.org/v1"
    assert "target FleetGame/web is of a kind that only a server can tell of" in ask(FULL, fleet).cause


def test_one_whose_target_a_rollout_took_over_is_told_to_name_the_rollout() -> None:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    rollout = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "web", "namespace": "shop"},
    }
    off = {**FULL, "spec": {**FULL["spec"], "replicas": 0}}
    finding = ask({**rollout, "spec": {"workloadRef": reference}}, off, autoscaler("web", "web"))
    assert finding.severity is Severity.WARNING
    assert "Deployment web is taken over by Rollout web" in finding.cause
    assert "let scaleTargetRef name the Rollout" in finding.cause
    assert "0 replicas" not in finding.cause


def of_container(name: str, **target: Any) -> dict[str, Any]:
    aim = target or {"type": "Utilization", "averageUtilization": 60}
    return {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": name, "target": aim}}


ONCE = {"initContainers": [container("setup")]}


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ([of_container("ap")], "runs no container ap, of which it reads cpu: it computes nothing, unless a webhook"),
        ([of_container("ap", type="AverageValue", averageValue="1")], "it computes nothing"),
        ([of_container("setup")], "runs no container setup"),
        ([of_container("ap"), memory_target(70)], "it never scales down, as one of its metrics fails"),
    ],
)
def test_a_container_that_its_target_does_not_run_is_told(metrics: list[dict[str, Any]], said: str) -> None:
    web = deployment("web", [container(requests={"cpu": "500m", "memory": "512Mi"})], pod=ONCE)
    finding = ask(web, autoscaler("web", "web", metrics=metrics))
    assert finding.severity is Severity.WARNING
    assert said in finding.cause


def test_a_sidecar_and_what_a_webhook_added_are_containers_that_run() -> None:
    sidecar = {"initContainers": [{**container("proxy", requests={"cpu": "1"}), "restartPolicy": "Always"}]}
    web = deployment("web", [container(requests={"cpu": "500m"})], pod=sidecar)
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": True}
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container(), container("mesh")]}}
    pod["metadata"] = {"name": "web-1", "namespace": "shop", "ownerReferences": [owner]}
    for name in ("proxy", "mesh"):
        cause = ask(web, pod, autoscaler("web", "web", metrics=[of_container(name)])).cause
        assert "runs no container" not in cause
    assert ask(web, pod, autoscaler("web", "web", metrics=[of_container("ap")])).cause.endswith("it computes nothing")
