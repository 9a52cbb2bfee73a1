"""Horizontal autoscalers as kube-state-metrics has them: not all that they say."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from advisor.model.kubernetes.autoscaler import Hpa, HpaMetric, MetricKind, TargetKind
from advisor.model.kubernetes.kinds import HPA
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Meta, ObjectRef
from advisor.sources.kubernetes_usage.answers.asking import Rows
from advisor.sources.kubernetes_usage.answers.names import place_of
from advisor.sources.kubernetes_usage.recorded_workloads import VERSIONS

_TARGET = "_target_metric"
_UTILIZATION = "utilization"
_Key = tuple[str, str]
"""Namespace and name."""


def recorded_hpas(targets: Rows, rows: Rows) -> tuple[Hpa, ...]:
    """targets, rows: of the queries `hpa_targets` and `hpa_metrics`."""
    of_targets = [row for row in rows if row[0]["__name__"].endswith(_TARGET)]
    bounds: dict[_Key, dict[str, int]] = {}
    exporters = {""}
    for labels, value in rows:
        if not labels["__name__"].endswith(_TARGET):
            exporters.add(labels.get("container", ""))
            bounds.setdefault(_key(labels), {})["min" if "_min_" in labels["__name__"] else "max"] = int(value)
    metrics = _metrics(of_targets, exporters)
    # An exporter that names the container of one metric names that of each that has one.
    tells_kinds = any(one.container for several in metrics.values() for one in several)
    found = []
    for labels, _ in targets:
        key, kind = _key(labels), labels.get("scaletargetref_kind", "")
        version = labels.get("scaletargetref_api_version") or VERSIONS.get(kind, "apps/v1")
        found.append(
            Hpa(
                meta=Meta(ref=ObjectRef(api_version=HPA.api_version, kind=HPA.name, name=key[1]), namespace=key[0]),
                target=ObjectRef(api_version=version, kind=kind, name=labels.get("scaletargetref_name", "")),
                min_replicas=bounds.get(key, {}).get("min", 1),
                max_replicas=bounds.get(key, {}).get("max", 1),
                metrics=metrics.get(key, ()),
                tells_kinds=tells_kinds,
            )
        )
    return tuple(found)


def _key(labels: Mapping[str, str]) -> _Key:
    return (place_of(labels).namespace, labels.get("horizontalpodautoscaler", ""))


def _metrics(rows: Rows, exporters: Iterable[str]) -> dict[_Key, tuple[HpaMetric, ...]]:
    """Each once, though two exporters tell of it. exporters: the containers that they run in, "" for none."""
    found: dict[_Key, dict[tuple[str, str, str], HpaMetric]] = {}
    for labels, value in rows:
        own = labels.get("container", "")
        container = labels.get("exported_container", "") or ("" if own in exporters else own)
        name, how = labels.get("metric_name", ""), labels.get("metric_target_type", "")
        found.setdefault(_key(labels), {})[name, how, container] = _metric(name, how, container, value)
    return {key: tuple(metrics.values()) for key, metrics in found.items()}


def _metric(name: str, how: str, container: str, value: float) -> HpaMetric:
    if not any(name == one.value for one in ResourceName):
        kind = MetricKind.EXTERNAL
    else:
        kind = MetricKind.CONTAINER_RESOURCE if container else MetricKind.RESOURCE
    return HpaMetric(
        kind=kind,
        name=name,
        target=TargetKind.UTILIZATION if how == _UTILIZATION else TargetKind.AVERAGE_VALUE,
        value=Fraction(str(value)),
        container=container if kind is MetricKind.CONTAINER_RESOURCE else "",
    )
