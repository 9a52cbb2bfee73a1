"""Autoscalers by kube-state-metrics: a metric of one container, and the exporter's own label beside it."""

from collections.abc import Mapping

import pytest

from advisor.model.kubernetes.autoscaler import Hpa, HpaMetric, MetricKind
from advisor.sources.kubernetes_usage.recorded_autoscalers import recorded_hpas

PREFIX = "kube_horizontalpodautoscaler"
Row = tuple[Mapping[str, str], float]


def series(name: str, value: float, **labels: str) -> Row:
    of = {"namespace": "shop", "horizontalpodautoscaler": "web"}
    return {"__name__": f"{PREFIX}_spec_{name}", **of, **labels}, value


def target(value: float = 60, **labels: str) -> Row:
    return series("target_metric", value, metric_name="cpu", metric_target_type="utilization", **labels)


def seen(*rows: Row) -> Hpa:
    info = {"namespace": "shop", "horizontalpodautoscaler": "web", "scaletargetref_kind": "Deployment"}
    (found,) = recorded_hpas([({**info, "scaletargetref_name": "web"}, 1.0)], list(rows))
    return found


def metric(*rows: Row) -> HpaMetric:
    (found,) = seen(*rows).metrics
    return found


@pytest.mark.parametrize(
    ("most", "cpu"),
    [
        ({}, {"container": "app"}),
        ({"container": "ksm"}, {"container": "app"}),
        ({"container": "ksm"}, {"container": "ksm", "exported_container": "app"}),
    ],
    ids=["bare", "honoring labels", "not honoring labels"],
)
def test_a_metric_of_one_container_is_known(most: dict[str, str], cpu: dict[str, str]) -> None:
    hpa = seen(series("max_replicas", 9, **most), target(**cpu))
    (found,) = hpa.metrics
    assert (found.kind, found.container, hpa.tells_kinds) == (MetricKind.CONTAINER_RESOURCE, "app", True)


def test_the_exporters_own_container_is_none_of_the_metrics() -> None:
    hpa = seen(series("max_replicas", 9, container="ksm"), target(container="ksm"))
    (found,) = hpa.metrics
    assert (found.kind, found.container, hpa.tells_kinds) == (MetricKind.RESOURCE, "", False)


def test_two_exporters_tell_of_one_metric() -> None:
    most = [series("max_replicas", 9, container=name) for name in ("ksm", "proxy")]
    assert metric(*most, target(container="ksm"), target(container="proxy")).kind is MetricKind.RESOURCE
