"""What KEDA makes an autoscaler of is one, before that autoscaler is seen and after."""

from typing import Any

import pytest

from advisor.model.kubernetes.autoscaler import MetricKind, TargetKind
from advisor.model.kubernetes.resources import ResourceName
from tests.fakes.manifests import autoscaler, cluster, container, deployment, hpa, scaled_object, workload

WEB = deployment("web", [container(requests={"cpu": "500m", "memory": "512Mi"})])


def cpu(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "cpu", "metricType": "Utilization", "metadata": {"value": value}, **more}


def queue() -> dict[str, Any]:
    return {"type": "prometheus", "metadata": {"query": "sum(depth)", "threshold": "100"}}


def test_a_workload_that_it_names_is_autoscaled_by_keda() -> None:
    state = cluster(WEB, scaled_object("mill", "web"))
    (found,) = state.hpas_of(workload(state, "web"))
    assert (found.scaled_object, found.title) == ("mill", "KEDA's ScaledObject mill")
    assert (found.min_replicas, found.max_replicas, found.unread_target) == (2, 20, "")
    (metric,) = found.metrics
    assert (metric.divides_by, metric.value) == (ResourceName.CPU, 60)


@pytest.mark.parametrize(
    "ref", [{}, {"kind": "Deployment"}, {"kind": "", "apiVersion": None}, {"apiVersion": "apps/v1"}]
)
def test_its_target_is_a_deployment_where_it_does_not_say(ref: dict[str, Any]) -> None:
    state = cluster(WEB, scaled_object("mill", "web", scaleTargetRef={"name": "web", **ref}))
    assert state.hpas_of(workload(state, "web"))


def test_its_target_may_be_another_kind() -> None:
    queue_reader = deployment("web", [container()]) | {"kind": "StatefulSet"}
    state = cluster(
        WEB, queue_reader, scaled_object("mill", "web", scaleTargetRef={"kind": "StatefulSet", "name": "web"})
    )
    assert [str(one.target.kind) for one in state.hpas] == ["StatefulSet"]


@pytest.mark.parametrize(
    ("trigger", "kind", "target", "divides_by"),
    [
        (cpu("60"), MetricKind.RESOURCE, TargetKind.UTILIZATION, ResourceName.CPU),
        (cpu(60), MetricKind.RESOURCE, TargetKind.UTILIZATION, ResourceName.CPU),
        (
            {"type": "cpu", "metadata": {"type": "Utilization", "value": "60"}},
            MetricKind.RESOURCE,
            TargetKind.UTILIZATION,
            ResourceName.CPU,
        ),
        ({"type": "cpu", "metadata": {"value": "60"}}, MetricKind.RESOURCE, TargetKind.UTILIZATION, ResourceName.CPU),
        (cpu("500m", metricType="AverageValue"), MetricKind.RESOURCE, TargetKind.AVERAGE_VALUE, None),
        (cpu("1", type="memory"), MetricKind.RESOURCE, TargetKind.UTILIZATION, ResourceName.MEMORY),
        (
            cpu("1", metadata={"value": "1", "containerName": "app"}),
            MetricKind.CONTAINER_RESOURCE,
            TargetKind.UTILIZATION,
            ResourceName.CPU,
        ),
        (queue(), MetricKind.EXTERNAL, TargetKind.AVERAGE_VALUE, None),
    ],
)
def test_what_a_trigger_divides_by(
    trigger: dict[str, Any], kind: MetricKind, target: TargetKind, divides_by: ResourceName | None
) -> None:
    (metric,) = hpa(cluster(WEB, scaled_object("mill", "web", triggers=[trigger])), "mill").metrics
    assert (metric.kind, metric.target, metric.divides_by) == (kind, target, divides_by)


@pytest.mark.parametrize(
    ("spec", "least", "most"),
    [
        ({"minReplicaCount": None, "maxReplicaCount": None}, 1, 100),  # CPU alone never sleeps
        ({"minReplicaCount": None, "triggers": [queue()]}, 0, 20),
        ({"triggers": [queue(), cpu("60")]}, 2, 20),
        ({"idleReplicaCount": 0, "triggers": [queue()]}, 0, 20),
    ],
)
def test_its_range_has_kedas_defaults(spec: dict[str, Any], least: int, most: int) -> None:
    found = hpa(cluster(WEB, scaled_object("mill", "web", **spec)), "mill")
    assert (found.min_replicas, found.max_replicas) == (least, most)


def test_where_its_autoscaler_is_read_it_is_not_counted_twice() -> None:
    made = autoscaler("keda-hpa-mill", "web")
    made["metadata"]["labels"] = {"scaledobject.keda.sh/name": "mill"}
    state = cluster(WEB, scaled_object("mill", "web"), made, scaled_object("other", "web"))
    assert sorted(one.meta.name for one in state.hpas) == ["keda-hpa-mill", "other"]


def test_a_range_that_is_none_is_told() -> None:
    state = cluster(WEB, scaled_object("mill", "web", minReplicaCount=30))
    assert "minReplicaCount 30 and maxReplicaCount 20 make no range" in state.skipped[0].why
