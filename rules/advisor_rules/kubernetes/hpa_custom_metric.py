"""An autoscaler looks at CPU while requests queue in idle pods: guide, "HPA Threshold Tuning", "Custom Metrics"."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import Better, NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.kubernetes.objects.hold import Part, is_held
from advisor_rules.kubernetes.objects.subject import SCALING, hpa_of, hpas_of, key_of, shown, subject_of
from advisor_rules.kubernetes.objects.trial import REQUESTS
from advisor_rules.kubernetes.scaling.adapter import METRIC, adapter_rule, counter_of
from advisor_rules.kubernetes.scaling.metrics import MetricsChange, pods_metric
from advisor_rules.kubernetes.scaling.metrics_proposal import metrics_proposal
from advisor_rules.kubernetes.scaling.queueing import QueueingCase, queueing_case

_ID = "hpa-custom-metric"
_RATE = "kubernetes.requests_per_pod"
_GUIDES_COUNTER = "http_requests_total"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(cluster, case)
        for cluster, hpa in hpas_of(snapshot)
        if not is_held(hpa, cluster, Part.TARGET)
        if (case := queueing_case(cluster, hpa, snapshot, context)) is not None
    ]


def _finding(cluster: ClusterState, case: QueueingCase) -> Finding:
    meta, target = case.hpa.meta, float(case.target)
    return Finding(
        rule=_ID,
        key=key_of(cluster, meta),
        severity=Severity.INFO if all(queue.is_pool for queue in case.queues) else Severity.WARNING,
        subject=subject_of(meta),
        summary=f"{shown(meta)} adds no pod at {case.cpu_percent:.0f}% CPU, and requests of {case.app} queue",
        cause=(
            f"{'; '.join(queue.text for queue in case.queues)}; a target of {target:g}% CPU never sees that, as what "
            "waits for a thread or a connection uses no CPU"
        ),
        guide=SCALING,
        evidence=tuple(_evidence(case)),
        waste_seconds_per_second=0.0,
    )


def _evidence(case: QueueingCase) -> Iterator[Evidence]:
    yield Evidence(signal=_RATE, value=round(case.rate, 2), unit="1/s")
    yield Evidence(
        signal="kubernetes.cpu_request_percent",
        value=round(case.cpu_percent),
        unit="%",
        threshold=float(case.target),
    )
    yield from (queue.evidence for queue in case.queues)
    if case.p95_seconds is not None:
        yield Evidence(signal="http.p95_seconds", value=round(case.p95_seconds, 3), unit="s")


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    cluster, hpa = hpa_of(finding, snapshot)
    case = queueing_case(cluster, hpa, snapshot, context)
    if case is None:
        return NoProposal("its requests do not queue any more")
    if all(queue.is_pool for queue in case.queues):
        return NoProposal(
            "what holds the connections comes first (pool-exhaustion): what a pod can take is what its pool lets "
            "through, and more pods open more connections to the same database"
        )
    ratio = context.guide.kubernetes.metrics.requests_ratio
    value = _round_down(ratio * case.capacity)
    wanted = math.ceil(case.pods * case.rate / float(value))
    if wanted > hpa.max_replicas:
        return NoProposal(
            f"at {float(value):g} requests a second and pod there would be {wanted} pods now, and the maximum is "
            f"{hpa.max_replicas}: raise it first"
        )
    preset = snapshot.preset(REQUESTS, app=case.app)
    rule = adapter_rule(counter_of(preset) or _GUIDES_COUNTER)
    change = MetricsChange(
        metrics=(*hpa.metrics, pods_metric(METRIC, value)),
        words=f"add {METRIC} to spec.metrics of {hpa.meta.name}",
        rationale=(
            f"a pod serves {case.rate:.3g} requests a second while they queue in it, and is then "
            f"{case.rate / case.capacity:.0%} full: it takes {case.capacity:.3g} at most, of which {ratio:.0%} are the "
            f"target; CPU stays, and the larger count of the two wins: {wanted} pods instead of {case.pods} now"
        ),
        metric=_RATE,
        unit="1/s",
        expected=float(value),
        better=Better.LOWER,
        before=f"# 1. into the configuration of prometheus-adapter, once for all workloads:\n{rule}# 2. then:\n",
        doubts=tuple(_doubts(case, preset)),
        alternatives=("more threads or connections in each pod, where CPU and the database have room for them",),
    )
    return metrics_proposal(finding, cluster, hpa, change)


def _doubts(case: QueueingCase, preset: str) -> Iterator[str]:
    yield (
        f"until kubectl get --raw '/apis/custom.metrics.k8s.io/v1beta1/namespaces/{case.hpa.meta.namespace}/pods/*/"
        f"{METRIC}' shows a value for each pod, the autoscaler never scales down"
    )
    yield "the capacity was seen in one window: a request that costs more fills a pod earlier"
    if counter_of(preset) is None:
        yield f"{_GUIDES_COUNTER} is the guide's: put what counts your requests in its place"
    if any(queue.is_pool for queue in case.queues):
        yield "callers wait for connections as well, and every new pod opens as many again (connections-budget)"


def _round_down(value: float) -> Fraction:
    """Two digits are all that one window tells: 34.9 is 34, 7.38 is 7.3."""
    if value >= 10:
        step = 10 ** (math.floor(math.log10(value)) - 1)
        return Fraction(math.floor(value / step) * step)
    return Fraction(max(1, math.floor(value * 10)), 10)


HPA_CUSTOM_METRIC = Rule(
    id=_ID,
    title="An autoscaler looks at CPU while requests queue",
    guide=SCALING,
    needs=needs("autoscalers", "usage", REQUESTS),
    uses=("app.thread_limit", "app.threads_busy"),  # an alert on waits for connections is the pool rules' alone
    alert=NotByMetrics(why="it compares an autoscaler with days of usage of its target, and no preset carries those"),
    diagnose=_diagnose,
    propose=_propose,
)
