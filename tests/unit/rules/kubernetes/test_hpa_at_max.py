"""Autoscalers that have all the pods that they may have, above their target."""

import math
from typing import Any

import pytest

from advisor.model.proposal import NoProposal
from advisor.testing.asking import finding_of, the_finding, the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor.whatif.demand import PlayedDemand
from advisor_rules.kubernetes.hpa_at_max import HPA_AT_MAX
from tests.fakes.demand import a_demand, usage_with
from tests.fakes.manifests import autoscaler, cluster, container, deployment, patch_of

RULE = HPA_AT_MAX
PLAYED = PlayedDemand()
WEB = deployment("web", [container(requests={"cpu": "500m"})], replicas=10)


def busy_afternoon(_day: int, minute: int) -> float:
    """4.9 cores for three hours: 14 pods of 500m at 70%."""
    return 4.9 if 780 <= minute < 960 else 1.4


def pods(most: int) -> Any:
    return lambda day, minute: min(most, math.ceil(busy_afternoon(day, minute) / 0.35 - 1e-9))


def node(cores: int) -> dict[str, Any]:
    allocatable = {"cpu": str(cores), "memory": "64Gi"}
    status = {"allocatable": allocatable, "conditions": [{"type": "Ready", "status": "True"}]}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "status": status}


def quota(hard: str, used: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "team", "namespace": "shop"},
        "spec": {"hard": {"requests.cpu": hard}},
        "status": {"hard": {"requests.cpu": hard}, "used": {"requests.cpu": used}},
    }


def look(*objects: dict[str, Any], most: int = 10) -> Any:
    state = cluster(WEB, autoscaler("web", "web", maxReplicas=most), *objects)
    return a_snapshot(clusters=[state], usage=usage_with(a_demand(busy_afternoon, pods(most))))


def context() -> Any:
    return a_context(autoscaler_model=PLAYED, load_classifier=PLAYED)


def test_the_maximum_goes_to_what_was_asked_for_with_overload_before_and_after() -> None:
    """Three of 24 hours: 12.5%. 10 pods serve 5 cores, and 4.9 are never overload."""
    seen = look()
    finding = the_finding(RULE, seen, context())
    assert finding.summary == "HorizontalPodAutoscaler shop/web had all its 10 pods, above its target, 12% of the time"
    proposal = the_proposal_of(RULE, seen, context())
    assert (proposal.current, proposal.proposed) == (10, 14)
    assert patch_of(proposal.apply)["spec"] == {"maxReplicas": 14}
    assert patch_of(proposal.undo)["spec"] == {"maxReplicas": 10}
    assert "whether nodes have room for more pods is not known" in proposal.doubts


def test_overload_that_the_maximum_makes_goes_away() -> None:
    """8 pods serve 4 of 4.9 cores for three hours: 10,800 s; with 14 only the rise itself is left."""
    proposal = the_proposal_of(RULE, look(most=8), context())
    assert "today's 8: 10800 s of overload a day" in proposal.rationale
    assert proposal.prediction.expected < 300


@pytest.mark.parametrize(
    ("objects", "most", "told"),
    [
        ([node(6)], 12, "14 pods were asked for: the nodes have room for 12 pods of 500m of cpu"),  # 6 - 10 x 0.5
        (
            [node(64), quota("10", "9.5")],
            11,
            "14 pods were asked for: ResourceQuota team has room for 11 pods of 500m of cpu",
        ),
    ],
)
def test_nodes_and_quotas_bound_it(objects: list[dict[str, Any]], most: int, told: str) -> None:
    proposal = the_proposal_of(RULE, look(*objects), context())
    assert proposal.proposed == most
    assert told in proposal.doubts


def test_without_room_nothing_is_proposed_and_said() -> None:
    seen = look(node(5))
    answer = RULE.propose(the_finding(RULE, seen, context()), seen, context())
    assert isinstance(answer, NoProposal)
    assert answer.reason == "more pods have no room: the nodes have room for 10 pods of 500m of cpu"


def test_at_its_maximum_within_the_target_nothing_is_wrong() -> None:
    """4.9 cores of 14 pods: 70%."""
    assert finding_of(RULE, look(most=14), context()) is None
