"""CPU targets that let pods get too busy, by the guide's table and the replay."""

from typing import Any

import pytest

from advisor.model.kubernetes.load_pattern import LoadPattern
from advisor.testing.asking import finding_of, the_finding, the_proposal_of
from advisor.testing.models import FakeAutoscalerModel, FakeLoadClassifier
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.hpa_target_too_high import HPA_TARGET_TOO_HIGH
from tests.fakes.demand import a_demand, usage_with
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment, patch_of

RULE = HPA_TARGET_TOO_HIGH
MEMORY = {
    "type": "Resource",
    "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 80}},
}
BUSY = {80: (3600.0, 24.0), 70: (1800.0, 26.0), 60: (0.0, 30.0), 50: (0.0, 36.0), 40: (0.0, 45.0)}
"""Overload and pod-hours by target; what is between them is dearer."""


def outcomes() -> FakeAutoscalerModel:
    """An hour of overload costs ten hours of the mean pods: 24 + 10 x 1 at 80%, 30 at 60%."""
    between: dict[float, tuple[float, float]] = dict.fromkeys((75, 65, 55, 45), (3600.0, 40.0))
    return FakeAutoscalerModel(between | BUSY)


def context(pattern: LoadPattern = LoadPattern.STEADY, model: FakeAutoscalerModel | None = None) -> Any:
    return a_context(autoscaler_model=model or outcomes(), load_classifier=FakeLoadClassifier(pattern))


def look(
    *metrics: dict[str, Any], labels: dict[str, str] | None = None, days: int = 3, pods: int = 1, **resources: Any
) -> Any:
    """pods: as seen all day; 24 pod-hours for one. The model says 24 of 80%."""
    web = deployment("web", [container(**(resources or {"requests": {"cpu": "500m"}}))])
    web["spec"]["template"]["metadata"]["labels"] |= labels or {}
    scaler = autoscaler("web", "web", metrics=metrics or [cpu_target(80)], minReplicas=1)
    demand = a_demand(lambda _day, minute: 0.9 if minute < 60 else 0.3, lambda *_: pods, days=days)
    return a_snapshot(clusters=[cluster(web, scaler)], usage=usage_with(demand))


def test_the_best_target_is_proposed_beside_the_guides_and_comes_back_whole() -> None:
    seen = look(cpu_target(80), MEMORY)
    assert the_finding(RULE, seen, context()).summary == (
        "HorizontalPodAutoscaler shop/web lets its pods get too busy: at 80% of CPU "
        "3600 s of overload a day (3600 to 3600) and 24.0 pod-hours (24.0 to 24.0)"
    )
    proposal = the_proposal_of(RULE, seen, context())
    assert (proposal.current, proposal.proposed, proposal.unit) == (80, 60, "%")
    assert patch_of(proposal.apply)["spec"]["metrics"] == [cpu_target(60), MEMORY]
    assert patch_of(proposal.undo)["spec"]["metrics"] == [cpu_target(80), MEMORY]
    assert proposal.alternatives == (
        "the guide's 70% for steady loads: 1800 s of overload a day (1800 to 1800) and 26.0 pod-hours (26.0 to 26.0)",
    )
    assert "its other metrics (memory) were not played, and may hold more pods" in proposal.doubts


@pytest.mark.parametrize(
    ("labels", "pattern", "percent", "price"),
    [
        ({}, LoadPattern.DAILY, 70, 10),
        ({}, LoadPattern.BURSTY, 60, 10),
        ({}, LoadPattern.FLASH_CROWD, 60, 10),
        ({"tuning-advisor/importance": "critical"}, LoadPattern.STEADY, 50, 100),
        ({"tuning-advisor/importance": "cost-sensitive"}, LoadPattern.BURSTY, 80, 1),
    ],
)
def test_the_guides_table_is_what_no_target_may_be_worse_than(
    labels: dict[str, str], pattern: LoadPattern, percent: int, price: float
) -> None:
    model = outcomes()
    RULE.diagnose(look(labels=labels), context(pattern, model))
    (question,) = model.asked
    assert (question.guide.targets[0].value, question.overload_price) == (percent, price)


def test_what_the_pods_can_serve_and_use_is_what_they_ask_for_and_their_limit() -> None:
    model = outcomes()
    RULE.diagnose(look(requests={"cpu": "500m"}, limits={"cpu": "2"}), context(model=model))
    (question,) = model.asked
    assert (question.pod.capacity, question.pod.limit) == ({"cpu": 0.5}, {"cpu": 2.0})
    assert (question.today.up, question.today.down) == (None, None)


@pytest.mark.parametrize(
    "seen",
    [
        look(days=2),
        look(pods=2),  # 48 pod-hours were seen, and 24 are played
        look(cpu_target(60)),  # today's is the best
        look(
            {
                "type": "Pods",
                "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": 50}},
            }
        ),
        look(requests={"memory": "1Gi"}),
    ],
)
def test_too_few_days_another_world_the_best_and_other_divisors_are_left_alone(seen: Any) -> None:
    assert finding_of(RULE, seen, context()) is None


def test_one_that_never_leaves_its_minimum_is_not_even_played() -> None:
    """0.3 cores of one pod of 0.5: 60%, and at 70% nothing would change."""
    model = outcomes()
    scaler = autoscaler("web", "web", metrics=[cpu_target(80)], minReplicas=1)
    web = deployment("web", [container(requests={"cpu": "500m"})])
    demand = a_demand(lambda *_: 0.3, lambda *_: 1)
    RULE.diagnose(a_snapshot(clusters=[cluster(web, scaler)], usage=usage_with(demand)), context(model=model))
    assert model.asked == []
