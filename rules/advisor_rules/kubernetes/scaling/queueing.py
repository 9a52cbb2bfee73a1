"""Requests that queue in an application's pods while its CPU is idle, and how many a pod can take. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from advisor.model.finding import Evidence
from advisor.model.kubernetes.autoscaler import Hpa, HpaMetric, MetricKind
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.guide import PoolGuide
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.objects.trial import REQUESTS, app_of
from advisor_rules.kubernetes.scaling.held import TOLERANCE
from advisor_rules.kubernetes.scaling.pod_usage import cpu_p95, pods_now, request_of, usages_of
from advisor_rules.kubernetes.sizing.reasons import SILENT, of_usage
from advisor_rules.kubernetes.sizing.target import throttled_ratio

_FULL = 0.95
"""Of the worker threads: so many of them busy on average, and requests wait for one."""
_LEAST_RATE = 1.0
"""Requests a second and pod: of fewer, a window has too few to say what a pod can take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Where requests wait. full: share of the threads or connections in use. text: in words. is_pool: for those."""

    full: float
    text: str
    evidence: Evidence
    is_pool: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueingCase:
    """rate: requests a second of a pod. cpu_percent: of its request, the higher of p95 of days and the last hour.

    pods: now. queues: at least one. p95_seconds: of the requests; None where it is not measured.
    """

    hpa: Hpa
    app: str
    target: Fraction
    cpu_percent: float
    rate: float
    pods: int
    queues: tuple[Queue, ...]
    p95_seconds: float | None

    @property
    def capacity(self) -> float:
        """Requests a second at which a pod is full: those served now / how full it is."""
        return self.rate / max(queue.full for queue in self.queues)


def queueing_case(cluster: ClusterState, hpa: Hpa, snapshot: Snapshot, context: RuleContext) -> QueueingCase | None:
    """None where CPU is what it should scale by, where nothing is seen to queue, and where anything is not known."""
    metric = _only_cpu(hpa)
    workload = cluster.target_of(hpa)
    if metric is None or workload is None or hpa.fewest == hpa.max_replicas:
        return None
    if workload.rollout.in_progress:
        return None
    app = app_of(cluster, workload, snapshot, context)
    usages, request = usages_of(snapshot, workload), request_of(workload, ResourceName.CPU)
    if not app or not usages or not request:
        return None
    cores = _cores(usages, context.guide.kubernetes.sizing)
    if cores is None or 100 * cores / float(request) > metric.value * (1 - TOLERANCE):
        return None
    requests = snapshot.value(REQUESTS, app=app)
    pods = max(pods_now(hpa, usages), round(_most("pool.replicas", app, snapshot) or 0))
    queues = tuple(_queues(app, snapshot, context.guide.pool))
    if not queues or not pods or requests is None or requests / pods < _LEAST_RATE:
        return None
    return QueueingCase(
        hpa=hpa,
        app=app,
        target=metric.value,
        cpu_percent=100 * cores / float(request),
        rate=requests / pods,
        pods=pods,
        queues=queues,
        p95_seconds=snapshot.value("http.p95_seconds", app=app),
    )


def _only_cpu(hpa: Hpa) -> HpaMetric | None:
    """Its CPU target, where it has no metric of requests or queues yet."""
    if any(one.kind is not MetricKind.RESOURCE for one in hpa.metrics):
        return None
    return next((one for one in hpa.metrics if one.divides_by is ResourceName.CPU), None)


def _cores(usages: Sequence[ContainerUsage], guide: SizingGuide) -> float | None:
    """Of a pod; None where they are not well enough known, or cut off at a limit."""
    if any(reason in SILENT for one in usages for reason, _ in of_usage(one, guide)):
        return None
    if any(throttled_ratio(one) >= guide.throttled_ratio or one.cpu is None for one in usages):
        return None
    latest = [next((c for c in reversed(one.days[-1].cpu_hours) if c is not None), 0.0) for one in usages]
    return max(cpu_p95(usages), sum(latest))


def _queues(app: str, snapshot: Snapshot, guide: PoolGuide) -> Iterator[Queue]:
    limit, busy = snapshot.value("app.thread_limit", app=app), snapshot.value("app.threads_busy", app=app)
    if limit and busy is not None and busy >= _FULL * limit:
        ratio = busy / limit
        proof = Evidence(signal="app.threads_busy", value=round(busy, 1), unit="threads", threshold=limit)
        yield Queue(full=ratio, text=f"{ratio:.0%} of the worker threads are busy", evidence=proof)
    for key in snapshot.keys("pool.wait_p95_seconds", app=app):
        labels = dict(key.labels)
        wait, full = snapshot.value(key.name, **labels), _pool_full(labels, snapshot)
        if wait is not None and full is not None and wait > guide.wait_p95_seconds and full >= guide.exhausted_ratio:
            proof = Evidence(signal=key.name, value=round(wait, 3), unit="s", threshold=guide.wait_p95_seconds)
            text = f"callers wait {wait:.2g} s (p95) for a connection of the pool{labels.get('pool', '') and ' '}"
            yield Queue(full=min(full, 1.0), text=text + labels.get("pool", ""), evidence=proof, is_pool=True)


def _pool_full(labels: Mapping[str, str], snapshot: Snapshot) -> float | None:
    size, used = snapshot.value("pool.size", **labels), snapshot.value("pool.checked_out", **labels)
    if not size or used is None:
        return None
    return used / (size + (snapshot.value("pool.max_overflow", **labels) or 0.0))


def _most(name: str, app: str, snapshot: Snapshot) -> float | None:
    values = (snapshot.value(key.name, **dict(key.labels)) for key in snapshot.keys(name, app=app))
    return max((value for value in values if value is not None), default=None)
