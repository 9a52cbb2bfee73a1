"""The metrics of an autoscaler as a proposal: its whole list, the new one and the old one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from advisor.model.finding import Finding
from advisor.model.knob import knob_target
from advisor.model.kubernetes.autoscaler import Hpa, HpaMetric, MetricKind, TargetKind
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.quantity import format_cores
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor_rules.advice import advice
from advisor_rules.kubernetes.patch import patch

_WRITABLE = (MetricKind.RESOURCE, MetricKind.CONTAINER_RESOURCE)


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


def metrics_proposal(finding: Finding, cluster: ClusterState, hpa: Hpa, change: MetricsChange) -> Sequence[Proposal]:
    """A merge replaces a list as a whole, so it names every metric. Those with selectors of their own are left to a
    person: what was read of them is not all that they say."""
    watched = signal(change.metric, cluster=cluster.name, namespace=hpa.meta.namespace, hpa=hpa.meta.name)
    apply, undo = change.words, f"put the metrics of {hpa.meta.name} back: {shown(hpa.metrics)}"
    if all(metric.kind in _WRITABLE for metric in hpa.metrics):
        lists = [{"spec": {"metrics": list(map(_written, one))}} for one in (change.metrics, hpa.metrics)]
        text = patch(cluster, hpa.meta, replace(hpa.meta.ref, api_version="autoscaling/v2"), lists)
        apply, undo = text.apply, text.undo
    base = advice(finding, change="k8s.hpa", what=change.before + apply, rationale=change.rationale, metric=watched)
    labels = {"cluster": cluster.name, "namespace": hpa.meta.namespace, "name": hpa.meta.name, "part": "metrics"}
    value = change.expected
    return (
        replace(
            base,
            target=knob_target("k8s.hpa", **labels),
            current=shown(hpa.metrics),
            proposed=shown(change.metrics),
            risk=change.risk,
            goal=Goal(signal=watched, better=change.better, minimum_gain_ratio=0.0),
            prediction=Prediction(
                signal=watched, unit=change.unit, low=value, expected=value, high=value, model="hpa-metrics"
            ),
            undo=undo,
            doubts=tuple(_doubts(hpa, change)),
            alternatives=tuple(change.alternatives),
        ),
    )


def shown(metrics: Sequence[HpaMetric]) -> str:
    """In a few words: "cpu 70%, http_requests_per_second 12500m a pod"."""
    return ", ".join(map(_shown, metrics)) or "no metric"


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


def _written(metric: HpaMetric) -> Mapping[str, Any]:
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


def _doubts(hpa: Hpa, change: MetricsChange) -> Iterator[str]:
    yield from change.doubts
    if hpa.meta.reconciler_note:
        yield hpa.meta.reconciler_note
