"""What autoscaling/v1 has no fields for: metrics and behavior, which a server writes into annotations of the object."""

import json
from collections.abc import Mapping
from typing import Any

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.autoscaler import MetricKind, TargetKind
from advisor.sources.kubernetes_objects.fields import Fields

METRICS = "autoscaling.alpha.kubernetes.io/metrics"
BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
_VERSION = "autoscaling/v1"
_KNOWN = (
    *("type", "resource", "containerResource", "pods", "object", "external", "name", "container", "target"),
    *("metricName", "targetAverageUtilization", "targetAverageValue", "targetValue", "averageValue"),
    *("scaleUp", "scaleDown", "stabilizationWindowSeconds", "selectPolicy", "policies", "value", "periodSeconds"),
    *("selector", "metricSelector", "tolerance", "apiVersion", "kind"),
)
_SPELLED = {name.lower(): name for name in _KNOWN}
"""A server writes behavior by the names of its Go fields (ScaleDown), and reads names in any case."""
_AS_THEY_ARE = ("selector", "metricSelector")
"""Labels are no names of fields."""


def annotated(document: Fields, name: str) -> Any:
    """What the annotation says, with names as in autoscaling/v2; None where it is not there, or not of this version.

    Raises BadDataError for what is no JSON.
    """
    notes = document.inner("metadata", "annotations")
    if document.text("apiVersion") != _VERSION or not notes.has(name):
        return None
    try:
        return _spelled(json.loads(notes.text(name)))
    except (ValueError, RecursionError) as error:
        fix = "write autoscaling/v2, which has a field for it"
        raise BadDataError("is no JSON", where=f"annotation {name}", fix=fix) from error


def _spelled(value: Any) -> Any:
    if isinstance(value, list):
        return [_spelled(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = ((_SPELLED.get(name.lower(), name), one) for name, one in value.items())
    return {name: one if name in _AS_THEY_ARE else _spelled(one) for name, one in named}


def as_v2(metric: Fields) -> Mapping[str, Any]:
    """An item of the annotation as one of spec.metrics. Raises BadDataError."""
    kind = metric.word("type", MetricKind)
    field = kind.value[0].lower() + kind.value[1:]
    part = metric.inner(field)
    if kind in (MetricKind.RESOURCE, MetricKind.CONTAINER_RESOURCE):
        named: dict[str, Any] = {"name": part.required("name")}
        if kind is MetricKind.CONTAINER_RESOURCE:
            named["container"] = part.required("container")
    else:
        selector = part.values.get("selector") or part.values.get("metricSelector")
        named = {"metric": {"name": part.required("metricName"), **({"selector": selector} if selector else {})}}
        if kind is MetricKind.OBJECT:
            named["describedObject"] = dict(part.inner("target").values)
    return {"type": kind.value, field: {**named, "target": _target(part, kind)}}


def _target(part: Fields, kind: MetricKind) -> Mapping[str, Any]:
    if part.has("targetAverageUtilization"):
        percent = part.whole("targetAverageUtilization", 0)
        return {"type": TargetKind.UTILIZATION.value, "averageUtilization": percent}
    average = part.values.get("averageValue" if kind is MetricKind.OBJECT else "targetAverageValue")
    if average is not None:
        return {"type": TargetKind.AVERAGE_VALUE.value, "averageValue": average}
    return {"type": TargetKind.VALUE.value, "value": part.values.get("targetValue")}
