"""A vertical autoscaler beside our rules: each container by its own policy, `*` for the rest, none for controlled."""

from typing import Any

import pytest

from advisor.model.proposal import NoProposal
from advisor.testing.asking import finding_of, proposals_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.hpa_hands_off import HPA_HANDS_OFF
from advisor_rules.kubernetes.missing_requests import MISSING_REQUESTS
from advisor_rules.kubernetes.resources_over_provisioned import RESOURCES_OVER_PROVISIONED
from tests.fakes.manifests import autoscaler, cluster, container, deployment
from tests.fakes.sizing import resources_of, the_proposal, why_none
from tests.fakes.usage import usage_of

PROXY_OFF = {"containerName": "proxy", "mode": "Off"}
REST_OFF = {"containerName": "*", "mode": "Off"}
APP_ON = {"containerName": "app", "mode": "Auto"}


def vpa(*policies: dict[str, Any], mode: str = "Auto") -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "loom", "namespace": "shop"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "updatePolicy": {"updateMode": mode},
            "resourcePolicy": {"containerPolicies": list(policies)},
        },
    }


def lacking(*names: str) -> dict[str, Any]:
    """A Deployment of app and proxy, of which these say nothing."""
    full = {"requests": {"cpu": "100m", "memory": "64Mi"}}
    return deployment("web", [container(name, **({} if name in names else full)) for name in ("app", "proxy")])


def offered(*objects: dict[str, Any]) -> Any:
    return proposals_of(MISSING_REQUESTS, a_snapshot(clusters=[cluster(*objects)]), a_context())


@pytest.mark.parametrize(
    ("policies", "lacks", "ours"),
    [
        ((), "proxy", []),
        ((PROXY_OFF,), "proxy", ["cpu", "memory"]),
        ((PROXY_OFF,), "app", []),
        ((REST_OFF, APP_ON), "proxy", ["cpu", "memory"]),
        ((REST_OFF, APP_ON), "app", []),
        ((REST_OFF,), "app", ["cpu", "memory"]),
        (({"containerName": "*", "controlledResources": ["cpu"]}, PROXY_OFF), "app", ["memory"]),
        (({"containerName": "app", "controlledResources": []},), "app", ["cpu", "memory"]),
        ((APP_ON, {"containerName": "app", "mode": "Off"}), "app", []),
    ],
)
def test_what_its_policy_leaves_of_a_container_is_proposed(
    policies: tuple[dict[str, Any], ...], lacks: str, ours: list[str]
) -> None:
    found = offered(vpa(*policies), lacking(lacks))
    if not ours:
        assert isinstance(found, NoProposal)
        assert found.reason == f"VPA loom (Auto) writes the requests of {lacks}"
        return
    (proposal,) = found
    assert sorted(resources_of(proposal.apply)[lacks]["requests"]) == ours


def test_what_is_left_to_it_is_said_beside_what_is_proposed() -> None:
    (proposal,) = offered(vpa(PROXY_OFF), deployment("web", [container("app", requests={"cpu": "1"}), half()]))
    assert proposal.proposed == "proxy memory 512Mi"
    assert "VPA loom (Auto) writes the requests of app" in proposal.doubts


def half() -> dict[str, Any]:
    return container("proxy", requests={"cpu": "10m"})


WIDE = {"requests": {"cpu": "2", "memory": "2Gi"}, "limits": {"memory": "3Gi"}}


@pytest.mark.parametrize(
    ("policy", "sized"),
    [
        ({"containerName": "app", "mode": "Off"}, ["cpu", "memory"]),
        ({"containerName": "app", "controlledResources": ["memory"]}, ["cpu"]),
        ({"containerName": "app", "controlledResources": ["cpu"]}, ["memory"]),
        ({"containerName": "proxy", "controlledResources": ["cpu"]}, []),
    ],
)
def test_sizes_are_proposed_for_the_resources_that_it_does_not_write(policy: dict[str, Any], sized: list[str]) -> None:
    state = cluster(deployment("web", [container("app", **WIDE)]), vpa(policy))
    if not sized:
        assert "VPA loom (Auto) writes its requests" in why_none(RESOURCES_OVER_PROVISIONED, state, usage_of())
        return
    sizes = resources_of(the_proposal(RESOURCES_OVER_PROVISIONED, state, usage_of()).apply)
    assert sorted(sizes["app"]["requests"]) == sized


@pytest.mark.parametrize(("values", "said"), [("RequestsAndLimits", "requests and limits"), ("RequestsOnly", "")])
def test_limits_are_its_own_too_where_it_keeps_their_ratio(values: str, said: str) -> None:
    same = {"cpu": "2", "memory": "2Gi"}
    policy = {"containerName": "app", "controlledValues": values}
    state = cluster(deployment("web", [container("app", requests=same, limits=same)]), vpa(policy))
    reason = why_none(RESOURCES_OVER_PROVISIONED, state, usage_of())
    assert "writes its requests" in reason
    assert ("requests and limits" in reason) is bool(said)


def of_container(name: str) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": 60}
    return {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": name, "target": target}}


@pytest.mark.parametrize(
    ("policies", "metric", "is_conflict"),
    [
        ((PROXY_OFF,), None, True),
        ((PROXY_OFF,), of_container("proxy"), False),
        ((PROXY_OFF,), of_container("app"), True),
        ((REST_OFF, APP_ON), of_container("proxy"), False),
        ((REST_OFF,), None, False),
        (({"containerName": "gone"}, REST_OFF), None, False),
        (({"containerName": "*", "controlledResources": ["memory"]}, APP_ON), None, True),
    ],
)
def test_an_autoscaler_conflicts_with_it_where_it_writes_what_that_one_divides_by(
    policies: tuple[dict[str, Any], ...], metric: dict[str, Any] | None, is_conflict: bool
) -> None:
    state = cluster(lacking(), vpa(*policies), autoscaler("web", "web", metrics=[metric] if metric else ()))
    found = finding_of(HPA_HANDS_OFF, a_snapshot(clusters=[state]), a_context())
    assert ("VPA loom" in (found.cause if found is not None else "")) is is_conflict


def test_of_a_target_that_is_not_read_any_container_may_be_its_own() -> None:
    fleet = autoscaler("web", "web", kind="FleetGame")
    fleet["spec"]["scaleTargetRef"]["apiVersion"] = "games.example.org/v1"
    beside = vpa(APP_ON, REST_OFF)
    beside["spec"]["targetRef"] = fleet["spec"]["scaleTargetRef"]
    state = cluster(beside, fleet)
    found = finding_of(HPA_HANDS_OFF, a_snapshot(clusters=[state]), a_context())
    assert found is not None
    assert "VPA loom (Auto) writes the cpu request" in found.cause
