"""Metrics and behavior of autoscaling/v1, which stand in annotations: read like those of v2, or said to be unknown."""

import json
from fractions import Fraction
from typing import Any

import pytest

from advisor.model.kubernetes.autoscaler import DEFAULT_DOWN, Hpa, MetricKind, SelectPolicy, TargetKind
from advisor.testing.asking import finding_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.hpa_hands_off import HPA_HANDS_OFF
from advisor_rules.kubernetes.objects.hold import EVERYTHING, HoldReason, holds
from advisor_rules.kubernetes.resources_over_provisioned import RESOURCES_OVER_PROVISIONED
from tests.fakes.manifests import autoscaler, cluster, container, deployment, hpa
from tests.fakes.sizing import why_none
from tests.fakes.usage import usage_of

WEB = deployment("web", [container(requests={"cpu": "2", "memory": "2Gi"})])
PREFIX = "autoscaling.alpha.kubernetes.io/"


def old(metrics: Any = None, behavior: Any = None, api: str = "autoscaling/v1", **spec: Any) -> dict[str, Any]:
    """As version 1 has it; a text goes into an annotation as it is."""
    document = {**autoscaler("web", "web", **spec), "apiVersion": api}
    del document["spec"]["metrics"]
    notes = {
        PREFIX + name: said if isinstance(said, str) else json.dumps(said)
        for name, said in (("metrics", metrics), ("behavior", behavior))
        if said is not None
    }
    document["metadata"] = {**document["metadata"], "annotations": notes}
    return document


def read(*args: Any, **more: Any) -> Hpa:
    return hpa(cluster(WEB, old(*args, **more)), "web")


@pytest.mark.parametrize(
    ("metric", "kind", "name", "target", "value"),
    [
        (
            {"type": "Resource", "resource": {"name": "memory", "targetAverageUtilization": 80}},
            *(MetricKind.RESOURCE, "memory", TargetKind.UTILIZATION, 80),
        ),
        (
            {"type": "Resource", "resource": {"name": "cpu", "targetAverageValue": "500m"}},
            *(MetricKind.RESOURCE, "cpu", TargetKind.AVERAGE_VALUE, Fraction(1, 2)),
        ),
        (
            {
                "type": "ContainerResource",
                "containerResource": {"name": "cpu", "container": "app", "targetAverageUtilization": 60},
            },
            *(MetricKind.CONTAINER_RESOURCE, "cpu", TargetKind.UTILIZATION, 60),
        ),
        (
            {"type": "Pods", "pods": {"metricName": "rps", "targetAverageValue": "100"}},
            *(MetricKind.PODS, "rps", TargetKind.AVERAGE_VALUE, 100),
        ),
        (
            {"type": "Object", "object": {"target": {"kind": "Ingress"}, "metricName": "rps", "targetValue": "2k"}},
            *(MetricKind.OBJECT, "rps", TargetKind.VALUE, 2000),
        ),
        (
            {"type": "Object", "object": {"metricName": "rps", "targetValue": "0", "averageValue": "20"}},
            *(MetricKind.OBJECT, "rps", TargetKind.AVERAGE_VALUE, 20),
        ),
        (
            {"type": "External", "external": {"metricName": "backlog", "targetAverageValue": "30"}},
            *(MetricKind.EXTERNAL, "backlog", TargetKind.AVERAGE_VALUE, 30),
        ),
        (
            {"Type": "External", "External": {"MetricName": "backlog", "TargetValue": 30}},
            *(MetricKind.EXTERNAL, "backlog", TargetKind.VALUE, 30),
        ),
    ],
)
def test_metrics_of_every_kind_are_those_of_the_annotation(
    metric: dict[str, Any], kind: MetricKind, name: str, target: TargetKind, value: Any
) -> None:
    found = read([metric])
    assert [(one.kind, one.name, one.target, one.value) for one in found.metrics] == [(kind, name, target, value)]
    assert found.unread == ""
    (written,) = found.written_metrics
    assert hpa(cluster(WEB, autoscaler("web", "web", metrics=[dict(written)])), "web").metrics == found.metrics


def test_a_percentage_of_cpu_counts_beside_the_metrics_of_the_annotation() -> None:
    memory = {"type": "Resource", "resource": {"name": "memory", "targetAverageUtilization": 80}}
    found = read([memory], targetCPUUtilizationPercentage=65)
    assert {(one.name, one.value) for one in found.metrics} == {("memory", 80), ("cpu", 65)}


def test_a_selector_keeps_its_labels_as_they_are_written() -> None:
    selector = {"matchLabels": {"Type": "mail", "metricname": "x"}}
    external = {"metricName": "backlog", "metricSelector": selector, "targetValue": "30"}
    (written,) = read([{"type": "External", "external": external}]).written_metrics
    assert written["external"]["metric"] == {"name": "backlog", "selector": selector}  # type: ignore[index]


@pytest.mark.parametrize(
    "behavior",
    [
        {"scaleDown": {"stabilizationWindowSeconds": 0, "selectPolicy": "Disabled"}},
        {"ScaleDown": {"StabilizationWindowSeconds": 0, "SelectPolicy": "Disabled", "Policies": None}, "ScaleUp": None},
    ],
)
def test_behavior_is_that_of_the_annotation_however_its_names_are_spelled(behavior: Any) -> None:
    found = read(None, behavior)
    assert (found.down.window_seconds, found.down.select) == (0, SelectPolicy.DISABLED)
    assert found.down.policies == DEFAULT_DOWN.policies
    assert found.behavior is not None
    assert dict(found.behavior["scaleDown"])["selectPolicy"] == "Disabled"  # type: ignore[call-overload]
    assert any(hold.reason is HoldReason.DOWN_CLOSED for hold in holds(found, cluster(WEB, old(None, behavior))))


@pytest.mark.parametrize(
    ("metrics", "behavior", "said"),
    [
        ("[{", None, "is no JSON"),
        ("[" * 100_000, None, "is no JSON"),
        ('{"type": "Resource"}', None, "metrics is"),
        ('["cpu"]', None, "metrics[0] is 'cpu'"),
        ([{"type": "Sideways"}], None, "type is 'Sideways'"),
        ([{"type": "Resource", "resource": {"name": "cpu"}}], None, "value"),
        (None, "}", "is no JSON"),
        (None, "[1]", "behavior is [1]"),
        (None, {"ScaleUp": {"SelectPolicy": "Most"}}, "selectPolicy is 'Most'"),
    ],
)
def test_what_cannot_be_read_is_said_and_closes_everything(metrics: Any, behavior: Any, said: str) -> None:
    """Never the 80% of CPU that stands for no metrics, nor the defaults of behavior."""
    state = cluster(WEB, old(metrics, behavior))
    found = hpa(state, "web")
    assert said in found.unread
    assert bool(found.metrics) is (metrics is None)
    assert HoldReason.UNREAD in {hold.reason for hold in holds(found, state) if hold.parts == EVERYTHING}
    finding = finding_of(HPA_HANDS_OFF, a_snapshot(clusters=[state]), a_context())
    assert finding is not None
    assert "not all of it is known: " in finding.cause
    if metrics is not None:
        assert "HPA web may divide by its request" in why_none(RESOURCES_OVER_PROVISIONED, state, usage_of())


@pytest.mark.parametrize("api", ["autoscaling/v2", "autoscaling/v2beta2"])
def test_other_versions_have_fields_for_it_and_their_annotations_say_nothing(api: str) -> None:
    found = read("[{", "}", api=api)
    assert (found.unread, found.metrics[0].value, found.behavior) == ("", 80, None)


@pytest.mark.parametrize("api", ["autoscaling/v2", "autoscaling/v2beta2", "autoscaling/v1"])
def test_an_empty_list_of_metrics_is_as_good_as_none(api: str) -> None:
    document = {**autoscaler("web", "web"), "apiVersion": api}
    for empty in ([], None):
        document["spec"] = {**document["spec"], "metrics": empty}
        (metric,) = hpa(cluster(WEB, document), "web").metrics
        assert (metric.name, metric.target, metric.value) == ("cpu", TargetKind.UTILIZATION, 80)


def test_an_empty_list_in_the_annotation_is_as_good_as_none() -> None:
    assert [one.value for one in read([]).metrics] == [80]
