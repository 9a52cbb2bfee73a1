"""Why an autoscaler is left alone, wholly or in part: "hands off, because"."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from advisor.model.kubernetes.autoscaler import EVERY_CONTAINER, Hpa, HpaMetric, Vpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.resources import Amount, ResourceName
from advisor.model.kubernetes.workload import Workload


class Part(StrEnum):
    TARGET = "target"
    UP = "scale-up"
    DOWN = "scale-down"


EVERYTHING = frozenset(Part)


class HoldReason(StrEnum):
    GOING = "its namespace is being deleted"
    RIVALS = "several autoscalers on one target"
    KEDA = "KEDA writes the autoscaler"
    UNREAD = "a part of it cannot be read"
    TAKEN_OVER = "a Rollout has taken its target over"
    ASLEEP = "switched off by replicas 0"
    VPA = "a vertical autoscaler acts on the same resource"
    TO_ZERO = "it may scale to zero"
    UNKNOWN_TARGET = "its target is not known"
    UNCOUPLED = "it does not scale on a request"
    NO_CONTAINER = "it looks at a container that its target does not have"
    CONTAINER = "it looks at one container"
    OVER_REQUEST = "its target is above the request"
    UP_CLOSED = "scaling up is closed"
    DOWN_CLOSED = "scaling down is closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """parts: what is closed by it. text: the reason with the names and numbers of this one."""

    reason: HoldReason
    text: str
    parts: frozenset[Part]


def is_held(hpa: Hpa, cluster: ClusterState, part: Part) -> bool:
    return any(part in hold.parts for hold in holds(hpa, cluster))


def holds(hpa: Hpa, cluster: ClusterState) -> Iterator[Hold]:
    """Every reason, those that close everything first."""
    yield from _of_the_whole(hpa, cluster)
    yield from _of_the_target(hpa, cluster)
    if hpa.up.is_closed:
        text = "selectPolicy Disabled lets it never add a pod: somebody meant that"
        yield Hold(reason=HoldReason.UP_CLOSED, text=text, parts=frozenset({Part.UP}))
    if hpa.down.is_closed:
        who = f"{hpa.down_closed_by} set" if hpa.down_closed_by else "somebody set"
        text = f"{who} selectPolicy Disabled, so it never takes a pod away; only a person opens that again"
        yield Hold(reason=HoldReason.DOWN_CLOSED, text=text, parts=frozenset({Part.DOWN}))
    if hpa.unread_target:
        yield Hold(reason=HoldReason.UNKNOWN_TARGET, text=hpa.unread_target, parts=frozenset({Part.TARGET}))


def _of_the_whole(hpa: Hpa, cluster: ClusterState) -> Iterator[Hold]:
    if hpa.meta.namespace in cluster.going:
        text = f"the namespace {hpa.meta.namespace} is being deleted"
        yield Hold(reason=HoldReason.GOING, text=text, parts=EVERYTHING)
    rivals = sorted(one.meta.name for one in cluster.rivals_of(hpa))
    if len(rivals) > 1:
        text = (
            f"{' and '.join(rivals)} scale {hpa.target}: the controller then acts on none of them "
            "(AmbiguousSelector), and the replicas are nobody's"
        )
        yield Hold(reason=HoldReason.RIVALS, text=text, parts=EVERYTHING)
    if hpa.scaled_object:
        text = (
            "KEDA writes the autoscaler and would put a change back: change "
            f"ScaledObject {hpa.meta.namespace}/{hpa.scaled_object} "
            "(minReplicaCount, maxReplicaCount, advanced.horizontalPodAutoscalerConfig.behavior, a trigger's threshold)"
        )
        yield Hold(reason=HoldReason.KEDA, text=text, parts=EVERYTHING)
    if hpa.unread:
        yield Hold(reason=HoldReason.UNREAD, text=f"not all of it is known: {hpa.unread}", parts=EVERYTHING)
    if hpa.successor is not None:
        text = (
            f"{hpa.target} is taken over by {hpa.successor}, and its replicas are none of the {hpa.successor.kind}'s: "
            f"let scaleTargetRef name the {hpa.successor.kind}"
        )
        yield Hold(reason=HoldReason.TAKEN_OVER, text=text, parts=EVERYTHING)
        return
    workload = cluster.target_of(hpa)
    if hpa.may_sleep:
        text = "minReplicas is 0, on purpose: it stays so, and no metric of pods is added, as there may be none to read"
        yield Hold(reason=HoldReason.TO_ZERO, text=text, parts=frozenset({Part.TARGET}))
    elif workload.is_switched_off if workload is not None else hpa.replicas == 0:
        text = f"{hpa.target} has 0 replicas, so the controller leaves it alone; one replica would wake it"
        yield Hold(reason=HoldReason.ASLEEP, text=text, parts=EVERYTHING)


def _of_the_target(hpa: Hpa, cluster: ClusterState) -> Iterator[Hold]:
    target = frozenset({Part.TARGET})
    divided = {metric.divides_by for metric in hpa.metrics} - {None}
    for vpa in cluster.vpas_beside(hpa):
        both = sorted({name for metric in hpa.metrics if (name := _written_by(vpa, metric, cluster.target_of(hpa)))})
        if both:
            told = "; ".join(f"{name} {amounts}" for name, amounts in vpa.recommended.items())
            text = f"VPA {vpa.meta.name} ({vpa.mode}) writes the {' and '.join(both)} request that it divides by"
            yield Hold(reason=HoldReason.VPA, text=text + (f"; it recommends {told}" if told else ""), parts=target)
    if not divided and hpa.metrics:
        kinds = ", ".join(sorted({f"{metric.kind} {metric.name}" for metric in hpa.metrics}))
        text = f"it scales on {kinds}: another request moves no replica, and no CPU target is advised"
        yield Hold(reason=HoldReason.UNCOUPLED, text=text, parts=target)
    workload = cluster.target_of(hpa)
    for metric in hpa.metrics:
        if metric.container and workload is not None and _is_absent(metric.container, workload):
            text = _absent(hpa, metric, workload)
            yield Hold(reason=HoldReason.NO_CONTAINER, text=text, parts=target)
        elif metric.divides_by is not None and metric.container:
            text = f"{metric.value}% of the {metric.name} request of {metric.container} alone: the two are one change"
            yield Hold(reason=HoldReason.CONTAINER, text=text, parts=target)
        if metric.divides_by is not None and metric.value > 100:
            text = _over(metric, metric.divides_by, cluster.target_of(hpa))
            yield Hold(reason=HoldReason.OVER_REQUEST, text=text, parts=target)


def _is_absent(container: str, workload: Workload) -> bool:
    """Whether none that runs as long as the pods do has that name, as far as containers were read."""
    return bool(workload.template.containers) and container not in {one.name for one in workload.running}


def _absent(hpa: Hpa, metric: HpaMetric, workload: Workload) -> str:
    """One metric that fails lets the others add pods, and take none away."""
    absent = [one for one in hpa.metrics if one.container and _is_absent(one.container, workload)]
    fails = "computes nothing" if len(absent) == len(hpa.metrics) else "never scales down, as one of its metrics fails"
    unless = "" if workload.pods else ", unless a webhook adds it to the pods"
    return f"{hpa.target} runs no container {metric.container}, of which it reads {metric.name}: it {fails}{unless}"


def _written_by(vpa: Vpa, metric: HpaMetric, workload: Workload | None) -> ResourceName | None:
    """The resource by which the metric divides, where the vertical one writes a part of that request."""
    name = metric.divides_by
    if metric.container:
        divided = {metric.container}
    elif workload is not None and workload.template.containers:
        divided = {one.name for one in workload.running}
    else:
        divided = {*vpa.policies, EVERY_CONTAINER}  # any of them may be there
    return name if name is not None and any(name in vpa.writes(one) for one in divided) else None


def _over(metric: HpaMetric, name: ResourceName, workload: Workload | None) -> str:
    """Legal, and a share of the request: 150% of 512Mi is 768Mi for each pod, whatever the limit is."""
    request = divisor(metric, name, workload) if workload is not None else None
    if request is None:
        return f"{metric.value}% of the {name} request, not of the limit"
    amount = request * metric.value / 100
    wanted = name.show(amount if name is ResourceName.CPU else int(amount))
    return f"{metric.value}% of the {name} request of {name.show(request)} is {wanted} a pod, not a share of the limit"


def divisor(metric: HpaMetric, name: ResourceName, workload: Workload) -> Amount | None:
    """What the controller divides by, for each pod: the pod's own request, else its running containers' sum."""
    template = workload.template
    if metric.container:
        return next((one.resources.requests.of(name) for one in template.running if one.name == metric.container), None)
    return template.running_request().of(name)
