"""Autoscalers that add pods too slowly, by the guide's moderate setting."""

import math
from typing import Any

import pytest

from advisor.model.kubernetes.autoscaler import DEFAULT_UP, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy
from advisor.testing.asking import finding_of, the_finding, the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.hpa_slow_scale_up import HPA_SLOW_SCALE_UP
from advisor_rules.kubernetes.scaling.speed import seconds_up
from tests.fakes.manifests import autoscaler, cluster, container, deployment, patch_of

WEB = deployment("web", [container(requests={"cpu": "1"})])
SLOW = {"stabilizationWindowSeconds": 120, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}


def rules(window: int, kind: PolicyKind, value: int, period: int) -> ScalingRules:
    policies = (ScalingPolicy(kind=kind, value=value, period_seconds=period),)
    return ScalingRules(window_seconds=window, select=SelectPolicy.MAX, policies=policies)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (DEFAULT_UP, 0),
        (rules(0, PolicyKind.PERCENT, 50, 30), 30),  # 10, 15, 20
        (rules(0, PolicyKind.PERCENT, 100, 15), 0),
        (rules(60, PolicyKind.PODS, 1, 60), 600),  # ten pods, the first after the window: 60 + 9 x 60
        (rules(0, PolicyKind.PODS, 1, 1800), math.inf),
    ],
)
def test_the_policies_are_played_as_the_controller_plays_them(given: ScalingRules, seconds: float) -> None:
    assert seconds_up(given, 10, 20) == seconds


def look(**spec: Any) -> Any:
    return a_snapshot(clusters=[cluster(WEB, autoscaler("web", "web", **spec))])


def test_minutes_to_double_are_slow_and_the_undo_takes_only_this_half_away() -> None:
    """2, 3 and 4 pods at 120 and 180 s."""
    seen = look(behavior={"scaleUp": SLOW})
    summary = the_finding(HPA_SLOW_SCALE_UP, seen, a_context()).summary
    assert summary == "HorizontalPodAutoscaler shop/web takes 180 s to go from 2 to 4 pods"
    proposal = the_proposal_of(HPA_SLOW_SCALE_UP, seen, a_context())
    undone = patch_of(proposal.undo)
    assert undone["spec"]["behavior"] == {"scaleUp": {**SLOW, "selectPolicy": None}}
    assert proposal.proposed == "window 0 s, 50% every 30 s"
    assert (proposal.current, proposal.prediction.expected) == ("window 120 s, 1 pods every 60 s", 30)


def test_defaults_a_closed_half_and_no_room_to_double_are_left_alone() -> None:
    for spec in (
        {},
        {"behavior": {"scaleUp": {"selectPolicy": "Disabled"}}},
        {"behavior": {"scaleUp": SLOW}, "minReplicas": 1, "maxReplicas": 1},
    ):
        assert finding_of(HPA_SLOW_SCALE_UP, look(**spec), a_context()) is None


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (None, 10, "from 1 to 2 pods"),  # a minimum that nobody wrote is 1
        (6, 8, "from 6 to 8 pods"),  # there is no room for 12
        (4, 20, "from 4 to 8 pods"),
    ],
)
def test_it_begins_at_the_minimum_and_never_below(least: int | None, most: int, said: str) -> None:
    seen = look(behavior={"scaleUp": SLOW}, minReplicas=least, maxReplicas=most)
    assert said in the_finding(HPA_SLOW_SCALE_UP, seen, a_context()).summary
