"""Sizes of pods to which a kubelet with the static CPU policy gives whole cores."""

from typing import Any

import pytest

from advisor_rules.kubernetes.resources_over_provisioned import RESOURCES_OVER_PROVISIONED
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment
from tests.fakes.sizing import the_proposal
from tests.fakes.usage import usage_of


def fixed(cpu: str, name: str = "app") -> dict[str, Any]:
    same = {"cpu": cpu, "memory": "2Gi"}
    return container(name, requests=same, limits=same)


def doubts(*containers: dict[str, Any], **more: Any) -> list[str]:
    state = cluster(deployment("web", containers, **more))
    proposal = the_proposal(RESOURCES_OVER_PROVISIONED, state, usage_of())
    return [one for one in proposal.doubts if "static CPU policy" in one]


def test_a_guaranteed_pod_of_whole_cores_would_share_them() -> None:
    """A quarter less of 2 cores is 1.5."""
    assert doubts(fixed("2")) == [
        "app has 2 cores of its own where a node has the static CPU policy, and would share them: "
        "that takes a Guaranteed pod and whole cores, and it would ask for 1500m"
    ]


@pytest.mark.parametrize(
    "containers",
    [
        [fixed("4")],  # 3 afterwards: whole, too
        [fixed("2500m")],  # shared already
        [container(requests={"cpu": "2", "memory": "2Gi"}, limits={"memory": "2Gi"})],
        [container(requests={"cpu": "2", "memory": "1Gi"}, limits={"cpu": "2", "memory": "2Gi"})],
        [fixed("2"), container("log", requests={"cpu": "10m", "memory": "16Mi"})],
    ],
    ids=["whole before and after", "a part of a core", "no CPU limit", "Burstable by its memory", "Burstable beside"],
)
def test_what_shares_cores_before_or_keeps_them_is_no_doubt(containers: list[dict[str, Any]]) -> None:
    assert doubts(*containers) == []


def test_of_a_request_and_a_target_that_go_together_it_is_said_as_well() -> None:
    """2 cores at 40% become 1.6 at 50%."""
    state = cluster(deployment("web", [fixed("2")]), autoscaler("web", "web", metrics=[cpu_target(40)]))
    proposal = the_proposal(RESOURCES_OVER_PROVISIONED, state, usage_of())
    assert any("it would ask for 1600m" in one for one in proposal.doubts)
