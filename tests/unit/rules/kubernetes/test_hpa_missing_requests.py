"""Autoscalers that divide by a request that is not there."""

from typing import Any

import pytest

from advisor.model.finding import Severity
from advisor.model.proposal import NoProposal
from advisor.testing.asking import finding_of, proposals_of, the_finding, the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.hpa_missing_requests import HPA_MISSING_REQUESTS
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment

BARE = [container("web", requests={"memory": "1Gi"}), container("log", requests={"cpu": "10m", "memory": "1Gi"})]
EXTERNAL = {
    "type": "External",
    "external": {"metric": {"name": "backlog"}, "target": {"type": "AverageValue", "averageValue": "50"}},
}


def seen(*objects: Any) -> Any:
    return a_snapshot(clusters=[cluster(*objects)])


def of_container(name: str) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": 60}
    return {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": name, "target": target}}


def test_one_container_without_the_request_makes_it_blind() -> None:
    look = seen(deployment("web", BARE), autoscaler("web", "web"))
    finding = the_finding(HPA_MISSING_REQUESTS, look, a_context())
    assert finding.severity is Severity.CRITICAL
    assert finding.summary.endswith("computes nothing: missing request for web (cpu)")
    assert the_proposal_of(HPA_MISSING_REQUESTS, look, a_context()).proposed == "web cpu 500m"


def test_with_another_metric_it_only_never_scales_down() -> None:
    look = seen(deployment("web", BARE), autoscaler("web", "web", metrics=[cpu_target(), EXTERNAL]))
    finding = the_finding(HPA_MISSING_REQUESTS, look, a_context())
    assert (finding.severity, "never scales down" in finding.summary) == (Severity.WARNING, True)


@pytest.mark.parametrize(("name", "is_found"), [("web", True), ("log", False)])
def test_one_that_looks_at_a_single_container_needs_that_request_alone(name: str, is_found: bool) -> None:
    look = seen(deployment("web", BARE), autoscaler("web", "web", metrics=[of_container(name)]))
    assert (finding_of(HPA_MISSING_REQUESTS, look, a_context()) is not None) is is_found


def test_metrics_that_divide_by_no_request_need_none() -> None:
    by_value = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "1"}},
    }
    for metric in (EXTERNAL, by_value):
        look = seen(deployment("web", [container()]), autoscaler("web", "web", metrics=[metric]))
        assert finding_of(HPA_MISSING_REQUESTS, look, a_context()) is None


def test_limits_a_pods_budget_and_native_sidecars_are_requests() -> None:
    proxy = {**container("proxy", requests={"cpu": "600m"}), "restartPolicy": "Always"}
    pod = {"initContainers": [proxy], "resources": {"requests": {"cpu": "2"}}}
    look = seen(
        deployment("limits", [container(limits={"cpu": "1"})]),
        autoscaler("limits", "limits"),
        deployment("pod", [container()], pod=pod),
        autoscaler("pod", "pod"),
    )
    assert finding_of(HPA_MISSING_REQUESTS, look, a_context()) is None


def test_an_injected_container_is_the_injectors_to_set() -> None:
    web = deployment("web", [container("web", requests={"cpu": "1"})])
    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "d", "controller": True}]
    web["metadata"]["uid"] = "d"
    spec = {"containers": [container("web", requests={"cpu": "1"}), container("mesh")]}
    metadata = {"name": "web-x", "namespace": "shop", "ownerReferences": owner}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    look = seen(web, pod, autoscaler("web", "web"))
    assert "missing request for mesh (cpu)" in the_finding(HPA_MISSING_REQUESTS, look, a_context()).summary
    offered = proposals_of(HPA_MISSING_REQUESTS, look, a_context())
    assert isinstance(offered, NoProposal)
    assert "the injector" in offered.reason


def test_one_that_sleeps_or_fights_divides_by_nothing() -> None:
    asleep = seen(deployment("web", BARE, replicas=0), autoscaler("web", "web"))
    fights = seen(deployment("web", BARE), autoscaler("a", "web"), autoscaler("b", "web"))
    for look in (asleep, fights):
        assert finding_of(HPA_MISSING_REQUESTS, look, a_context()) is None
