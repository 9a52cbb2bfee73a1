"""HorizontalPodAutoscalers, with the server's and the controller's defaults filled in."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.autoscaler import (
    DEFAULT_DOWN,
    DEFAULT_UP,
    Hpa,
    HpaMetric,
    MetricKind,
    PolicyKind,
    ScalingPolicy,
    ScalingRules,
    SelectPolicy,
    TargetKind,
)
from advisor.model.kubernetes.quantity import parse_quantity
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Meta
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.hpa_annotations import BEHAVIOR, METRICS, annotated, as_v2
from advisor.sources.kubernetes_objects.meta import read_meta, read_ref

_KEDA_LABEL = "scaledobject.keda.sh/name"
_DEFAULT_CPU_PERCENT = 80
_WITHOUT_PODS = (MetricKind.OBJECT, MetricKind.EXTERNAL)
"""What can be read while there is no pod."""
_VERSIONS = ("autoscaling/v2", "autoscaling/v2beta2", "autoscaling/v1")


def read_hpa(document: Fields) -> Hpa:
    """Raises BadDataError for what no server would take, such as a minimum above the maximum."""
    meta, spec = read_meta(document), document.inner("spec")
    if meta.ref.api_version not in _VERSIONS:
        what = f"{meta.ref.api_version} is not served any more"
        raise BadDataError(what, where=document.where, fix="write autoscaling/v2")
    least, most = spec.whole("minReplicas", 1), spec.whole_or_none("maxReplicas")
    if most is None or most < 1 or least < 0 or least > most:
        what = f"minReplicas {least} and maxReplicas {most} make no range"
        raise BadDataError(what, where=spec.where, fix="0 <= minReplicas <= maxReplicas, and maxReplicas at least 1")
    written, unread_metrics = _written_metrics(document)
    behavior, unread_behavior = _behavior(document)
    metrics = tuple(_metrics(spec, written, is_known=not unread_metrics))
    if least == 0 and not unread_metrics and not any(metric.kind in _WITHOUT_PODS for metric in metrics):
        what = "minReplicas is 0, and without a pod none of its metrics can be read"
        raise BadDataError(what, where=spec.where, fix="give it an Object or External metric, or a minimum of 1")
    status = document.inner("status")
    return Hpa(
        meta=meta,
        target=read_ref(spec.inner("scaleTargetRef")),
        min_replicas=least,
        max_replicas=most,
        metrics=metrics,
        written_metrics=tuple(metric.values for metric in written),
        up=_rules(behavior.inner("scaleUp"), DEFAULT_UP),
        down=_rules(behavior.inner("scaleDown"), DEFAULT_DOWN),
        behavior=behavior.values if spec.has("behavior") or behavior.values else None,
        unread_metrics=unread_metrics,
        unread_behavior=unread_behavior,
        scaled_object=_scaled_object(meta, document),
        replicas=status.whole_or_none("currentReplicas"),
        inactive=_inactive(status),
        down_closed_by=_manager_of(document, "f:spec", "f:behavior", "f:scaleDown"),
    )


def _written_metrics(document: Fields) -> tuple[Sequence[Fields], str]:
    """Those of the spec, and those of the annotation that version 1 has them in; and why that cannot be read, or "".

    What a server cannot read there it ignores; which it was, nobody could tell from the object afterwards.
    """
    written = list(document.inner("spec").items("metrics"))
    try:
        noted = Fields(values={"metrics": annotated(document, METRICS)}, where=f"annotation {METRICS}")
        shaped = [Fields(values=as_v2(one), where=one.where) for one in noted.items("metrics")]
        for one in shaped:
            _metric(one)
    except BadDataError as error:
        return written, str(error)
    return [*shaped, *written], ""


def _behavior(document: Fields) -> tuple[Fields, str]:
    """As it is written, in the spec or in the annotation; and why the latter cannot be read, or ""."""
    spec = document.inner("spec")
    if spec.has("behavior"):
        return spec.inner("behavior"), ""
    try:
        noted = Fields(values={"behavior": annotated(document, BEHAVIOR)}, where=f"annotation {BEHAVIOR}")
        found = noted.inner("behavior")
        for half, default in (("scaleUp", DEFAULT_UP), ("scaleDown", DEFAULT_DOWN)):
            _rules(found.inner(half), default)
    except BadDataError as error:
        return spec.inner("behavior"), str(error)
    return found, ""


def _metrics(spec: Fields, written: Sequence[Fields], *, is_known: bool) -> Iterator[HpaMetric]:
    """An empty list is as good as none for a server. is_known: False where more may be written than was read."""
    percent = spec.whole_or_none("targetCPUUtilizationPercentage")
    if percent is not None or (is_known and not written):
        yield HpaMetric(
            kind=MetricKind.RESOURCE,
            name=ResourceName.CPU.value,
            target=TargetKind.UTILIZATION,
            value=Fraction(_DEFAULT_CPU_PERCENT if percent is None else percent),
        )
    for metric in written:
        yield _metric(metric)


def _metric(metric: Fields) -> HpaMetric:
    kind = metric.word("type", MetricKind)
    part = metric.inner(kind.value[0].lower() + kind.value[1:])
    of_resource = kind in (MetricKind.RESOURCE, MetricKind.CONTAINER_RESOURCE)
    target = part.inner("target")
    shape = target.word("type", TargetKind)
    if shape is TargetKind.UTILIZATION:
        percent = target.whole_or_none("averageUtilization")
        if percent is None or percent < 1:
            what = f"averageUtilization is {percent}"
            raise BadDataError(what, where=target.where, fix="a percentage of the request, at least 1; it may pass 100")
        value = Fraction(percent)
    else:
        field = "averageValue" if shape is TargetKind.AVERAGE_VALUE else "value"
        value = target.quantity(field, parse_quantity)
    return HpaMetric(
        kind=kind,
        name=part.required("name") if of_resource else part.inner("metric").required("name"),
        target=shape,
        value=value,
        container=part.required("container") if kind is MetricKind.CONTAINER_RESOURCE else "",
    )


def _rules(half: Fields, default: ScalingRules) -> ScalingRules:
    policies = tuple(
        ScalingPolicy(
            kind=policy.word("type", PolicyKind),
            value=policy.whole("value", 0),
            period_seconds=policy.whole("periodSeconds", 0),
        )
        for policy in half.items("policies")
    )
    if any(policy.value < 1 or not 1 <= policy.period_seconds <= 1800 for policy in policies):
        what = "a policy has a value below 1, or a period that is not 1 to 1800 s"
        raise BadDataError(what, where=half.where, fix="no server takes it")
    return ScalingRules(
        window_seconds=half.whole("stabilizationWindowSeconds", default.window_seconds),
        select=half.word("selectPolicy", SelectPolicy, default.select),
        policies=policies or default.policies,
    )


def _scaled_object(meta: Meta, document: Fields) -> str:
    """KEDA's object that writes it, by the owner reference, else by KEDA's own label."""
    if meta.owner is not None and meta.owner.ref.group == "keda.sh":
        return meta.owner.ref.name
    return document.inner("metadata", "labels").text(_KEDA_LABEL)


def _inactive(status: Fields) -> str:
    for condition in status.items("conditions"):
        if condition.text("type") == "ScalingActive" and condition.text("status") == "False":
            return condition.text("reason", "unknown")
    return ""


def _manager_of(document: Fields, *path: str) -> str:
    """The field manager that owns the field at `path`, "" where none is known."""
    for entry in document.inner("metadata").items("managedFields"):
        if entry.inner("fieldsV1", *path[:-1]).has(path[-1]):
            return entry.text("manager")
    return ""
