"""Templates of which no pod can be made, by the LimitRanges of their namespace."""

from typing import Any

import pytest

from advisor.model.finding import Severity
from advisor.model.proposal import NoProposal
from advisor.testing.asking import finding_of, proposals_of, the_finding
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.pods_refused import PODS_REFUSED
from tests.fakes.manifests import cluster, container, deployment


def limit_range(*limits: dict[str, Any], name: str = "house") -> dict[str, Any]:
    spec = {"limits": [{"type": "Container", **one} for one in limits]}
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def seen(one: dict[str, Any], *ranges: dict[str, Any]) -> Any:
    return a_snapshot(clusters=[cluster(deployment("web", [one]), *ranges)])


def test_a_request_without_a_limit_above_the_default_limit_is_refused_for_each_resource() -> None:
    half = limit_range({"default": {"cpu": "500m", "memory": "512Mi"}})
    look = seen(container(requests={"cpu": "1", "memory": "1Gi"}), half)
    finding = the_finding(PODS_REFUSED, look, a_context())
    assert finding.severity is Severity.CRITICAL
    assert finding.summary == (
        "Deployment shop/web gets no new pod: "
        "LimitRange house: app requests 1 of cpu, above the limit of 500m that it gets; "
        "LimitRange house: app requests 1Gi of memory, above the limit of 512Mi that it gets"
    )
    assert isinstance(proposals_of(PODS_REFUSED, look, a_context()), NoProposal)


@pytest.mark.parametrize(
    ("one", "ranges", "said"),
    [
        (
            container(requests={"cpu": "1"}),
            [limit_range({"max": {"cpu": "500m"}})],
            "requests 1 of cpu, above the limit of 500m that it gets",  # max is the default limit where none is said
        ),
        (
            container(),
            [limit_range({"defaultRequest": {"cpu": "1"}}), limit_range({"default": {"cpu": "500m"}}, name="other")],
            "LimitRange other: app requests 1 of cpu, above the limit of 500m that it gets",
        ),
        (
            container(requests={"cpu": "100m"}, limits={"cpu": "1"}),
            [limit_range({"min": {"cpu": "200m"}})],
            "app requests 100m of cpu, min 200m",
        ),
        (
            container(requests={"memory": "1Gi"}, limits={"memory": "4Gi"}),
            [limit_range({"maxLimitRequestRatio": {"memory": "2"}})],
            "4.0 times its request",
        ),
    ],
)
def test_every_bound_that_refuses_is_told(one: dict[str, Any], ranges: list[dict[str, Any]], said: str) -> None:
    assert said in the_finding(PODS_REFUSED, seen(one, *ranges), a_context()).summary


@pytest.mark.parametrize(
    ("one", "limits"),
    [
        (container(requests={"cpu": "500m"}), {"default": {"cpu": "500m"}}),
        (container(requests={"cpu": "1"}, limits={"cpu": "2"}), {"default": {"cpu": "500m"}}),
        (container(limits={"cpu": "500m"}), {"defaultRequest": {"cpu": "1"}}),  # the limit is the request first
        (container(requests={"cpu": "1"}), {"default": {"memory": "512Mi"}}),
        (container(), {"default": {"cpu": "500m"}}),
    ],
)
def test_what_admission_takes_is_not_mentioned(one: dict[str, Any], limits: dict[str, Any]) -> None:
    assert finding_of(PODS_REFUSED, seen(one, limit_range(limits)), a_context()) is None


def test_a_limit_range_of_another_namespace_refuses_nothing() -> None:
    far = limit_range({"default": {"cpu": "500m"}})
    far["metadata"] = {**far["metadata"], "namespace": "other"}
    assert finding_of(PODS_REFUSED, seen(container(requests={"cpu": "1"}), far), a_context()) is None
