"""KEDA's ScaledObjects: each is the autoscaler that KEDA makes of it, so that its workload counts as autoscaled."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.autoscaler import Hpa, HpaMetric, MetricKind, TargetKind
from advisor.model.kubernetes.quantity import parse_quantity
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import ObjectRef
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.meta import read_meta, read_ref

_MOST = 100
"""maxReplicaCount where it is not written; minReplicaCount is then 0."""


def read_scaled_object(document: Fields) -> Hpa:
    """With KEDA's defaults. Raises BadDataError for what KEDA would not take."""
    meta, spec = read_meta(document), document.inner("spec")
    metrics = tuple(_metric(trigger) for trigger in spec.items("triggers"))
    most, least = spec.whole("maxReplicaCount", _MOST), spec.whole("minReplicaCount", 0)
    least = min(least, spec.whole("idleReplicaCount", least))
    if least == 0 and all(metric.kind is not MetricKind.EXTERNAL for metric in metrics):
        least = 1  # without a pod there is no CPU to read, so KEDA never takes the last one away
    if not 0 <= least <= most:
        what = f"minReplicaCount {least} and maxReplicaCount {most} make no range"
        raise BadDataError(what, where=spec.where, fix="0 <= minReplicaCount <= maxReplicaCount")
    return Hpa(
        meta=meta,
        target=_target(spec.inner("scaleTargetRef")),
        min_replicas=least,
        max_replicas=most,
        metrics=metrics,
        scaled_object=meta.name,
    )


def made_once(hpas: Sequence[Hpa]) -> Iterator[Hpa]:
    """Without the ScaledObjects whose autoscaler was read as well: that one says more."""
    made = {(hpa.meta.namespace, hpa.scaled_object) for hpa in hpas if not hpa.is_scaled_object}
    return (hpa for hpa in hpas if not hpa.is_scaled_object or (hpa.meta.namespace, hpa.meta.name) not in made)


def _target(fields: Fields) -> ObjectRef:
    """A Deployment where it does not say what it is."""
    written = {name: value for name, value in fields.values.items() if value not in (None, "")}
    return read_ref(Fields(values={"apiVersion": "apps/v1", "kind": "Deployment", **written}, where=fields.where))


def _metric(trigger: Fields) -> HpaMetric:
    kind, metadata = trigger.required("type"), trigger.inner("metadata")
    if kind not in list(ResourceName):
        # What counts for it is the scaler's own business: no rule asks.
        return HpaMetric(kind=MetricKind.EXTERNAL, name=kind, target=TargetKind.AVERAGE_VALUE, value=Fraction(0))
    container = metadata.text("containerName")
    return HpaMetric(
        kind=MetricKind.CONTAINER_RESOURCE if container else MetricKind.RESOURCE,
        name=kind,
        target=_shape(trigger, metadata),
        value=metadata.quantity("value", parse_quantity),
        container=container,
    )


def _shape(trigger: Fields, metadata: Fields) -> TargetKind:
    """`metricType`, or where it stood in former versions."""
    return trigger.word("metricType", TargetKind, metadata.word("type", TargetKind, TargetKind.UTILIZATION))
