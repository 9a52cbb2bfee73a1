"""A ResourceQuota counts the pods that all of its scopes mean, and stands against a change of no others."""

from typing import Any

import pytest

from advisor.model.kubernetes.cluster import ClusterState
from advisor.testing.asking import proposals_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.missing_requests import MISSING_REQUESTS
from advisor_rules.kubernetes.qos_best_effort import QOS_BEST_EFFORT
from advisor_rules.kubernetes.resources_under_provisioned import RESOURCES_UNDER_PROVISIONED
from advisor_rules.kubernetes.scaling.room import room_of
from tests.fakes.manifests import cluster, container, deployment, workload
from tests.fakes.sizing import the_proposal, why_none
from tests.fakes.usage import usage_of

NARROW = container(requests={"cpu": "450m", "memory": "480Mi"})
FULL = "ResourceQuota team has room for 0 of cpu"


def quota(*expressions: dict[str, Any], scopes: list[str] | None = None, **hard: str) -> dict[str, Any]:
    """Without room for anything."""
    amounts = hard or {"requests.cpu": "1"}
    spec: dict[str, Any] = {"hard": amounts}
    if scopes:
        spec["scopes"] = scopes
    if expressions:
        spec["scopeSelector"] = {"matchExpressions": list(expressions)}
    metadata = {"name": "team", "namespace": "shop"}
    status = {"hard": amounts, "used": amounts}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": spec, "status": status}


def of_class(operator: str, *values: str) -> dict[str, Any]:
    return {"scopeName": "PriorityClass", "operator": operator, **({"values": [*values]} if values else {})}


def pod(**spec: Any) -> dict[str, Any]:
    """One that is there, of the Deployment."""
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": True}
    metadata = {"name": "web-1", "namespace": "shop", "ownerReferences": [owner]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [NARROW], **spec}}


FAR: dict[str, Any] = {"topologyKey": "zone", "namespaces": ["other"]}
FAR_AFFINITY = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [FAR]}}
MILD_AFFINITY = {
    "podAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {"topologyKey": "zone", "namespaceSelector": {}}}
        ]
    }
}
NEAR_AFFINITY = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]}}


@pytest.mark.parametrize(
    ("bound", "spec", "counts"),
    [
        (quota(), {}, True),
        (quota(scopes=["Terminating"]), {}, False),
        (quota(scopes=["Terminating"]), {"activeDeadlineSeconds": 0}, True),
        (quota(scopes=["NotTerminating"]), {}, True),
        (quota(scopes=["NotTerminating"]), {"activeDeadlineSeconds": 60}, False),
        (quota(scopes=["BestEffort"]), {}, False),
        (quota(scopes=["NotBestEffort"]), {}, True),
        (quota(scopes=["NotBestEffort", "Terminating"]), {}, False),
        (quota({"scopeName": "Terminating", "operator": "Exists"}), {}, False),
        (quota(of_class("Exists"), scopes=["Terminating"]), {"priorityClassName": "low"}, False),
        (quota(scopes=["PriorityClass"]), {"priorityClassName": "low"}, True),
        (quota(of_class("In", "low", "mid")), {"priorityClassName": "low"}, True),
        (quota(of_class("In", "low")), {"priorityClassName": "high"}, False),
        (quota(of_class("NotIn", "low")), {"priorityClassName": "high"}, True),
        (quota(of_class("NotIn", "low")), {"priorityClassName": "low"}, False),
        (quota(of_class("Exists")), {"priorityClassName": "low"}, True),
        (quota(of_class("DoesNotExist")), {"priorityClassName": "low"}, False),
        (quota(scopes=["CrossNamespacePodAffinity"]), {}, False),
        (quota(scopes=["CrossNamespacePodAffinity"]), {"affinity": NEAR_AFFINITY}, False),
        (quota(scopes=["CrossNamespacePodAffinity"]), {"affinity": FAR_AFFINITY}, True),
        (quota(scopes=["CrossNamespacePodAffinity"]), {"affinity": MILD_AFFINITY}, True),
    ],
)
def test_a_full_quota_stands_against_larger_sizes_of_the_pods_that_it_counts(
    bound: dict[str, Any], spec: dict[str, Any], counts: bool
) -> None:
    state = cluster(deployment("web", [NARROW], pod=spec), bound)
    if counts:
        assert why_none(RESOURCES_UNDER_PROVISIONED, state, usage_of()).startswith(FULL)
    else:
        assert not any("Quota" in one for one in the_proposal(RESOURCES_UNDER_PROVISIONED, state, usage_of()).doubts)
    assert (room_of(state, workload(state, "web")).most is not None) is counts


@pytest.mark.parametrize(
    "bound",
    [
        quota(of_class("In", "low")),
        quota(of_class("NotIn", "low")),
        quota(of_class("DoesNotExist")),
        quota(scopes=["PriorityClass"]),
        quota(scopes=["ScopeOfTomorrow"]),
    ],
)
def test_where_it_cannot_be_told_whom_a_quota_counts_that_is_a_doubt_and_no_bar(bound: dict[str, Any]) -> None:
    """A template that names no class gives its pods the cluster's default, which nobody has read."""
    state = cluster(deployment("web", [NARROW]), bound)
    doubts = the_proposal(RESOURCES_UNDER_PROVISIONED, state, usage_of()).doubts
    (doubt,) = (one for one in doubts if "Quota" in one)
    assert doubt.startswith(FULL)
    assert "if it counts these pods, which is not known (scopes " in doubt
    room = room_of(state, workload(state, "web"))
    assert room.most is None
    assert "if it counts these pods, which is not known" in room.perhaps[0]


@pytest.mark.parametrize(
    ("expression", "given", "counts"),
    [
        (of_class("In", "low"), "low", True),
        (of_class("In", "low"), "high", False),
        (of_class("DoesNotExist"), "", True),
        (of_class("Exists"), "", False),
        (of_class("NotIn", "low"), "", True),
    ],
)
def test_pods_that_are_there_tell_which_class_the_server_gave_them(
    expression: dict[str, Any], given: str, counts: bool
) -> None:
    state = cluster(deployment("web", [NARROW]), pod(priorityClassName=given), quota(expression))
    assert bool(workload(state, "web").pods)
    (one,) = state.quotas
    web = workload(state, "web")
    assert one.covers(web, web.template) is counts


def doubts_of(rule: Any, state: ClusterState) -> Any:
    (proposal,) = proposals_of(rule, a_snapshot(clusters=[state]), a_context())
    return " ".join(proposal.doubts)


def test_a_quota_of_pods_with_requests_counts_those_that_get_their_first() -> None:
    """2 pods and none of the old ones: 200m, and no room; one of BestEffort pods counts them no more."""
    bare = deployment("web", [container()])
    assert FULL in doubts_of(QOS_BEST_EFFORT, cluster(bare, quota(scopes=["NotBestEffort"])))
    assert "Quota" not in doubts_of(QOS_BEST_EFFORT, cluster(bare, quota(scopes=["BestEffort"])))


def test_a_quota_of_other_pods_demands_no_limits_of_these() -> None:
    half = deployment("web", [container(requests={"memory": "1Gi"})])
    limits = {"limits.memory": "2Gi", "limits.cpu": "2"}
    assert "demands a limit of memory" in doubts_of(MISSING_REQUESTS, cluster(half, quota(**limits)))
    assert "Quota" not in doubts_of(MISSING_REQUESTS, cluster(half, quota(scopes=["Terminating"], **limits)))


def test_an_operator_that_no_server_takes_skips_the_quota_with_its_reason() -> None:
    state = cluster(deployment("web", [NARROW]), quota(of_class("Perhaps")))
    assert state.quotas == ()
    assert "operator is 'Perhaps'" in str(state.skipped[0])
