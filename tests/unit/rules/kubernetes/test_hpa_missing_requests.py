"""Autoscalers that divide by a request that is not there."""

from typing import Any

import pytest

from advisor.model.finding import Severity
from advisor.model.proposal import NoProposal, Proposal
from advisor.testing.asking import finding_of, proposals_of, the_finding, the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.hpa_missing_requests import HPA_MISSING_REQUESTS
from advisor_rules.kubernetes.missing_requests import MISSING_REQUESTS
from advisor_rules.kubernetes.qos_best_effort import QOS_BEST_EFFORT
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
    full = container("web", requests={"cpu": "1", "memory": "1Gi"})
    web = deployment("web", [full])
    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "d", "controller": True}]
    web["metadata"]["uid"] = "d"
    spec = {"containers": [full, container("mesh")]}
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


ALL = (HPA_MISSING_REQUESTS, MISSING_REQUESTS, QOS_BEST_EFFORT)


def offers(look: Any) -> list[Proposal]:
    """Of all rules that speak of missing requests."""
    findings = [(rule, finding) for rule in ALL for finding in rule.diagnose(look, a_context())]
    return [proposal for rule, finding in findings for proposal in rule.propose(finding, look, a_context())]


@pytest.mark.parametrize(
    ("containers", "proposed"),
    [
        ([container("web")], "web cpu 500m, memory 512Mi"),  # BestEffort as well
        ([container("web", requests={"memory": "1Gi"})], "web cpu 500m"),
        ([container("a", requests={"cpu": "1"}), container("b")], "b cpu 500m, memory 512Mi; a memory 512Mi"),
    ],
)
def test_a_blind_autoscalers_workload_gets_one_proposal_of_all_that_is_missing(
    containers: list[dict[str, Any]], proposed: str
) -> None:
    """70% of the new sum of requests is what it then scales at: the two are one change."""
    (proposal,) = offers(seen(deployment("web", containers), autoscaler("web", "web")))
    assert (proposal.rule, set(proposal.proposed.split("; "))) == ("hpa-missing-requests", set(proposed.split("; ")))
    assert any("HPA web then scales at " in doubt for doubt in proposal.doubts)


@pytest.mark.parametrize(
    "scalers",
    [
        [autoscaler("a", "web"), autoscaler("b", "web")],  # they fight, and divide by nothing
        [autoscaler("web", "web", metrics=[EXTERNAL])],
        [autoscaler("web", "web", metrics=[of_container("other")])],
    ],
)
def test_where_no_autoscaler_is_blind_another_rule_proposes_once(scalers: list[dict[str, Any]]) -> None:
    (proposal,) = offers(seen(deployment("web", BARE), *scalers))
    assert (proposal.rule, proposal.proposed) == ("missing-requests", "web cpu 500m")


def test_a_request_of_nothing_blinds_only_where_the_sum_is_nothing() -> None:
    zero = container("web", requests={"cpu": "0", "memory": "1Gi"})
    alone = seen(deployment("web", [zero]), autoscaler("web", "web"))
    beside = seen(deployment("web", [zero, BARE[1]]), autoscaler("web", "web"))
    assert [one.rule for one in offers(alone)] == ["hpa-missing-requests"]
    assert [one.rule for one in offers(beside)] == ["missing-requests"]
