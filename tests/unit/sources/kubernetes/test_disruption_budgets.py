"""Which pods a PodDisruptionBudget covers, and when it lets none be evicted."""

from typing import Any

import pytest

from tests.fakes.manifests import cluster, container, deployment

EXPRESSION = {"key": "app", "operator": "In", "values": ["web", "api"]}


def budget(**spec: Any) -> dict[str, Any]:
    metadata = {"name": "guard", "namespace": "shop"}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("selector", "is_covered"),
    [
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "other"}}, False),
        ({"matchExpressions": [EXPRESSION]}, True),
        ({"matchExpressions": [{**EXPRESSION, "operator": "NotIn"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["x"]}]}, True),
        ({}, True),  # every pod of the namespace
        (None, False),
    ],
)
def test_it_covers_what_its_selector_means(selector: Any, is_covered: bool) -> None:
    state = cluster(budget(maxUnavailable=1, selector=selector), deployment("web", [container()]))
    assert bool(state.disruption_budgets_of(state.workloads[0])) is is_covered


@pytest.mark.parametrize(
    ("spec", "pods", "never"),
    [
        ({"maxUnavailable": 0}, 3, True),
        ({"maxUnavailable": "0%"}, 3, True),
        ({"maxUnavailable": "1%"}, 3, False),  # 0.03 of a pod is one
        ({"minAvailable": "100%"}, 3, True),
        ({"minAvailable": "80%"}, 3, True),  # 2.4 are three of three
        ({"minAvailable": 2}, 3, False),
        ({"minAvailable": 2}, 2, True),
        ({}, 1, False),
    ],
)
def test_it_never_allows_any_where_no_pod_may_miss(spec: dict[str, Any], pods: int, never: bool) -> None:
    (guard,) = cluster(budget(selector={}, **spec)).disruption_budgets
    assert guard.never_allows_any(pods) is never


def test_a_share_that_is_none_is_refused_by_its_name() -> None:
    state = cluster(budget(maxUnavailable="a lot", selector={}), deployment("web", [container()]))
    assert state.disruption_budgets == ()
    assert "maxUnavailable is 'a lot'" in str(state.skipped[0])
