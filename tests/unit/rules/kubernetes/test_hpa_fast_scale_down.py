"""Autoscalers that take pods away too fast, by the guide's moderate setting."""

import math
from typing import Any

import pytest

from advisor.model.kubernetes.autoscaler import DEFAULT_DOWN, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy
from advisor.testing.asking import finding_of, the_finding, the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.hpa_fast_scale_down import HPA_FAST_SCALE_DOWN
from advisor_rules.kubernetes.hpa_slow_scale_up import HPA_SLOW_SCALE_UP
from advisor_rules.kubernetes.scaling.speed import seconds_down
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment, patch_of

WEB = deployment("web", [container(requests={"cpu": "1"})])


def policy(kind: str, value: int, period: int) -> dict[str, Any]:
    return {"type": kind, "value": value, "periodSeconds": period}


def rules(window: int, *policies: tuple[PolicyKind, int, int], select: SelectPolicy = SelectPolicy.MAX) -> ScalingRules:
    made = tuple(ScalingPolicy(kind=kind, value=value, period_seconds=period) for kind, value, period in policies)
    return ScalingRules(window_seconds=window, select=select, policies=made)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (DEFAULT_DOWN, 300),  # all at once after the window
        (rules(300, (PolicyKind.PERCENT, 10, 60)), 540),  # 10, 9, 8, 7, 6, 5 at 300, 360, 420, 480, 540
        (rules(0, (PolicyKind.PERCENT, 50, 60)), 0),
        (rules(0, (PolicyKind.PODS, 1, 60)), 240),  # the fifth pod goes after four more periods
        (rules(0, (PolicyKind.PODS, 1, 60), (PolicyKind.PERCENT, 50, 60)), 0),
        (rules(0, (PolicyKind.PODS, 1, 60), (PolicyKind.PERCENT, 50, 60), select=SelectPolicy.MIN), 240),
        (rules(0, (PolicyKind.PERCENT, 50, 60), select=SelectPolicy.DISABLED), math.inf),
        (rules(0, (PolicyKind.PODS, 1, 1800)), math.inf),  # five pods take two hours
    ],
)
def test_the_policies_are_played_as_the_controller_plays_them(given: ScalingRules, seconds: float) -> None:
    assert seconds_down(given, 10, 5) == seconds


def look(**behavior: Any) -> Any:
    return a_snapshot(clusters=[cluster(WEB, autoscaler("web", "web", behavior=behavior))])


FAST = {"stabilizationWindowSeconds": 60, "policies": [policy("Percent", 50, 60)]}


def test_half_of_the_pods_gone_within_the_guides_window_is_fast_and_the_undo_is_exact() -> None:
    seen = look(scaleDown=FAST)
    assert "may lose half of 10 pods 60 s" in the_finding(HPA_FAST_SCALE_DOWN, seen, a_context()).summary
    proposal = the_proposal_of(HPA_FAST_SCALE_DOWN, seen, a_context())
    applied, undone = patch_of(proposal.apply), patch_of(proposal.undo)
    assert applied["spec"]["behavior"] == {
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "selectPolicy": "Max",
            "policies": [policy("Percent", 10, 60)],
        }
    }
    assert undone["spec"]["behavior"] == {"scaleDown": {**FAST, "selectPolicy": None}}
    assert proposal.prediction.expected == 540
    assert proposal.apply.startswith(
        "kubectl --namespace=shop patch horizontalpodautoscaler.autoscaling/web --type=merge"
    )


def test_defaults_a_closed_half_and_the_guides_own_are_left_alone() -> None:
    moderate = {"stabilizationWindowSeconds": 300, "policies": [policy("Percent", 10, 60)]}
    written = {"stabilizationWindowSeconds": 300, "policies": [policy("Percent", 100, 15)]}
    for half in (moderate, written, {"selectPolicy": "Disabled", "policies": [policy("Percent", 50, 30)]}):
        assert finding_of(HPA_FAST_SCALE_DOWN, look(scaleDown=half), a_context()) is None
    assert finding_of(HPA_FAST_SCALE_DOWN, look(), a_context()) is None


def test_kedas_and_rivals_are_left_alone() -> None:
    keda = autoscaler("web", "web", behavior={"scaleDown": FAST})
    keda["metadata"]["labels"] = {"scaledobject.keda.sh/name": "mill"}
    rivals = [autoscaler(name, "web", behavior={"scaleDown": FAST}) for name in ("a", "b")]
    for objects in ([keda], rivals):
        seen = a_snapshot(clusters=[cluster(WEB, *objects)])
        assert finding_of(HPA_FAST_SCALE_DOWN, seen, a_context()) is None


@pytest.mark.parametrize(("least", "is_found"), [(0, True), (None, True), (5, True), (6, False)])
def test_a_minimum_that_holds_more_than_half_is_no_loss(least: int | None, is_found: bool) -> None:
    """Of 10 pods half may go down to 5; from a minimum of 6 on it cannot."""
    backlog = {"metric": {"name": "backlog"}, "target": {"type": "AverageValue", "averageValue": "50"}}
    metrics = [cpu_target(), {"type": "External", "external": backlog}]
    hpa = autoscaler("web", "web", metrics=metrics, behavior={"scaleDown": FAST}, minReplicas=least)
    seen = a_snapshot(clusters=[cluster(WEB, hpa)])
    assert (finding_of(HPA_FAST_SCALE_DOWN, seen, a_context()) is not None) is is_found


def test_both_halves_of_one_behavior_are_changed_apart_and_undone_in_any_order() -> None:
    """Neither patch names a field of the other."""
    slow = {"stabilizationWindowSeconds": 120, "policies": [policy("Pods", 1, 60)]}
    seen = look(scaleDown=FAST, scaleUp=slow)
    down = the_proposal_of(HPA_FAST_SCALE_DOWN, seen, a_context())
    up = the_proposal_of(HPA_SLOW_SCALE_UP, seen, a_context())
    for text, half in (
        (down.apply, "scaleDown"),
        (down.undo, "scaleDown"),
        (up.apply, "scaleUp"),
        (up.undo, "scaleUp"),
    ):
        assert list(patch_of(text)["spec"]["behavior"]) == [half]
    assert down.target != up.target
