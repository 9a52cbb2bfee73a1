"""The metrics of an autoscaler: a change of them, and how they are written. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from advisor.model.kubernetes.autoscaler import HpaMetric, MetricKind, TargetKind
from advisor.model.kubernetes.quantity import format_cores
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.proposal import Better, Risk

_WHOLE = (MetricKind.RESOURCE, MetricKind.CONTAINER_RESOURCE)
"""What was read of these is all that they say; others have selectors of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsChange:
    """metrics: the whole new list. words: the same for a person, where the list cannot be written back.

    before: what has to be done first, as text to commit. metric: what is watched, and expected: its value afterwards.
    """

    metrics: Sequence[HpaMetric]
    words: str
    rationale: str
    metric: str
    unit: str
    expected: float
    better: Better
    risk: Risk = Risk.MEDIUM
    before: str = ""
    doubts: Sequence[str] = ()
    alternatives: Sequence[str] = ()


def shown(metrics: Sequence[HpaMetric]) -> str:
    """In a few words: "cpu 70%, http_requests_per_second 12500m a pod"."""
    return ", ".join(map(_shown, metrics)) or "no metric"


def are_whole(metrics: Sequence[HpaMetric]) -> bool:
    """Whether the list can be written back as it was read."""
    return all(metric.kind in _WHOLE for metric in metrics)


def cpu_metric(percent: int) -> HpaMetric:
    return HpaMetric(
        kind=MetricKind.RESOURCE, name=ResourceName.CPU.value, target=TargetKind.UTILIZATION, value=Fraction(percent)
    )


def pods_metric(name: str, value: Fraction) -> HpaMetric:
    return HpaMetric(kind=MetricKind.PODS, name=name, target=TargetKind.AVERAGE_VALUE, value=value)


def _shown(metric: HpaMetric) -> str:
    if metric.target is TargetKind.UTILIZATION:
        return f"{metric.name} {metric.value}%" + (f" of {metric.container}" if metric.container else "")
    return f"{metric.name} {_amount(metric)}" + (" a pod" if metric.target is TargetKind.AVERAGE_VALUE else "")


def _amount(metric: HpaMetric) -> str:
    """As a manifest has it."""
    name = next((one for one in ResourceName if one.value == metric.name), None)
    return format_cores(metric.value) if name is None else name.show(metric.value)


def written(metric: HpaMetric) -> Mapping[str, Any]:
    """An item of spec.metrics."""
    field = metric.kind.value[0].lower() + metric.kind.value[1:]
    named: dict[str, Any] = {"name": metric.name}
    if metric.kind is MetricKind.PODS:
        named = {"metric": named}
    elif metric.container:
        named["container"] = metric.container
    if metric.target is TargetKind.UTILIZATION:
        target: dict[str, Any] = {"type": metric.target.value, "averageUtilization": int(metric.value)}
    else:
        target = {"type": metric.target.value, "averageValue": _amount(metric)}
    return {"type": metric.kind.value, field: {**named, "target": target}}
