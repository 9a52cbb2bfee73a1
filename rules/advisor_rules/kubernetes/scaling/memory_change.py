"""What is proposed about a target on memory: the guide's row, or another metric; a text is why nothing is. Pure."""

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.proposal import Better
from advisor.settings.kubernetes.metrics import MetricGuide
from advisor_rules.kubernetes.scaling.held import TOLERANCE
from advisor_rules.kubernetes.scaling.memory_case import HELD, MemoryCase, row_percent
from advisor_rules.kubernetes.scaling.memory_load import MemoryKind
from advisor_rules.kubernetes.scaling.metrics import MetricsChange, cpu_metric, shown
from advisor_rules.kubernetes.scaling.pod_usage import request_of

_RATE = "requests per second, where CPU does not follow the load either: see hpa-custom-metric"
_HARDLY = 0.5
"""Of its target: CPU that stays below it adds no pod."""


def lower_target(case: MemoryCase, guide: MetricGuide) -> MetricsChange | str:
    """pods = what goes with the load / (target - what an idle pod holds): a lower target takes that many more."""
    row, idle, now = row_percent(case.load.kind, guide), case.idle_percent, float(case.target)
    if idle >= row * (1 - TOLERANCE):
        return f"an idle pod holds {idle:.0f}% of the request, and {row}% would keep every pod: raise it first"
    factor = (now - idle) / (row - idle)
    most, pods = case.hpa.max_replicas, math.ceil(case.pods * factor)
    if pods > most:
        return f"at {row}% the {case.pods} pods of now would be {pods}, and the maximum is {most}: raise it first"
    metrics = [
        replace(one, value=Fraction(row)) if one.divides_by is ResourceName.MEMORY else one for one in case.hpa.metrics
    ]
    return MetricsChange(
        metrics=metrics,
        words=f"set averageUtilization of memory to {row} in spec.metrics of {case.hpa.meta.name}",
        rationale=f"memory: {case.load.kind}; the guide's row for that is {row}%, so that pods come before it runs out",
        metric="kubernetes.memory_request_percent",
        unit="%",
        expected=float(row),
        better=Better.LOWER,
        doubts=[
            f"where memory decides, the same load takes {factor:.2g} times the pods: the maximum of {most} is reached "
            f"at {1 / factor:.0%} of the load that reaches it now"
        ],
    )


def instead_of_memory(cluster: ClusterState, case: MemoryCase, guide: MetricGuide) -> MetricsChange | str:
    """Memory is taken out; CPU comes in where nothing else is left."""
    metrics = [one for one in case.hpa.metrics if one.divides_by is not ResourceName.MEMORY]
    doubts = list[str]()
    if not metrics:
        why_not, percent = _of_cpu(cluster, case, guide)
        if why_not:
            return f"its metric should be one that follows the load, and {why_not}; or {_RATE}"
        metrics = [cpu_metric(guide.cpu_percent)]
        if percent < _HARDLY * guide.cpu_percent:
            doubts.append(
                f"CPU is at {percent:.0f}% of its request in busy hours, so that {guide.cpu_percent}% adds no pod"
            )
    return MetricsChange(
        metrics=metrics,
        words=f"take memory out of spec.metrics of {case.hpa.meta.name}, and leave {shown(metrics)}",
        rationale=f"memory: {case.load.kind}; what should add pods must fall when pods are added",
        metric=HELD,
        unit="pods",
        expected=float(case.hpa.fewest),
        better=Better.LOWER,
        doubts=(*doubts, *_doubts(case)),
        alternatives=tuple(_alternatives(case, guide)),
    )


def _of_cpu(cluster: ClusterState, case: MemoryCase, guide: MetricGuide) -> tuple[str, float]:
    """Why CPU cannot take its place, "" where it can; and CPU in busy hours, in percent of the request."""
    request = request_of(case.workload, ResourceName.CPU)
    if not request:
        return "CPU lacks a request to be a share of (see missing-requests)", 0.0
    for vpa in cluster.vpas_beside(case.hpa):
        if any(ResourceName.CPU in vpa.writes(one.name) for one in case.workload.running):
            return f"VPA {vpa.meta.name} writes the CPU request that a target would divide by", 0.0
    percent = 100 * case.cpu_cores / float(request)
    wanted = math.ceil(case.pods * percent / guide.cpu_percent)
    if wanted > case.hpa.max_replicas:
        return (
            f"CPU at {percent:.0f}% of its request would want {wanted} pods of at most {case.hpa.max_replicas} "
            "(see resources-under-provisioned)"
        ), percent
    return "", percent


def _doubts(case: MemoryCase) -> Iterator[str]:
    yield "the load is taken to be CPU: memory that follows something else, such as open connections, is not seen"
    if case.load.kind is MemoryKind.LEAKS:
        yield "nothing but the limit and a restart bounds a leak until it is mended"


def _alternatives(case: MemoryCase, guide: MetricGuide) -> Iterator[str]:
    yield _RATE
    if case.load.kind is MemoryKind.LEAKS:
        row = guide.growing_memory_percent
        yield f"until it is mended, the guide's {row}% for growing memory: new pods begin empty, old ones go on growing"
