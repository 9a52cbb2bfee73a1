"""An autoscaler on CPU whose demand is known, and the questions that its replay is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from advisor.model.kubernetes.autoscaler import Hpa, HpaMetric, MetricKind, ScalingRules, TargetKind
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.demand import WorkloadDemand, WorkloadKey
from advisor.model.kubernetes.playing import HpaPlan, HpaQuestion, Load, PlayedPod, PlayedTarget
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Workload
from advisor.model.snapshot import Snapshot
from advisor.settings.kubernetes.scaling import ScalingGuide
from advisor_rules.kubernetes.objects.hold import Part, divisor, is_held
from advisor_rules.kubernetes.objects.subject import hpas_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """metric: the one on CPU that it divides by a request. request, limit: cores of one pod; limit None without one."""

    cluster: ClusterState
    hpa: Hpa
    workload: Workload
    demand: WorkloadDemand
    metric: HpaMetric
    request: Fraction
    limit: Fraction | None

    @property
    def percent(self) -> int:
        return int(self.metric.value)

    @property
    def is_alone(self) -> bool:
        """Whether no other metric may hold the pods."""
        return len(self.hpa.metrics) == 1

    @property
    def days(self) -> int:
        return len(self.demand.days)

    @property
    def pod_hours(self) -> float:
        """Of a day, as seen."""
        return sum(day.pod_hours for day in self.demand.days) / self.days

    def plan(self, percent: float) -> HpaPlan:
        """Today's settings with another CPU target."""
        is_written = self.hpa.behavior is not None
        cpu = PlayedTarget(
            name=ResourceName.CPU.value,
            kind=MetricKind.RESOURCE,
            target=TargetKind.UTILIZATION,
            value=float(percent),
            request=float(self.request),
        )
        return HpaPlan(
            targets=(cpu,),
            min_replicas=self.hpa.fewest,
            max_replicas=self.hpa.max_replicas,
            up=self.hpa.up if is_written else None,
            down=self.hpa.down if is_written else None,
        )

    def question(
        self, guide: ScalingGuide, against: HpaPlan, candidates: Sequence[HpaPlan], price: float
    ) -> HpaQuestion:
        """against: what no candidate may be worse than."""
        cpu = ResourceName.CPU.value
        return HpaQuestion(
            days=tuple(Load(step_seconds=day.step_seconds, demands={cpu: day.cores}) for day in self.demand.days),
            pod=PlayedPod(
                start_seconds=guide.pod_start_seconds,
                capacity={cpu: float(self.request)},
                limit={} if self.limit is None else {cpu: float(self.limit)},
            ),
            today=self.plan(self.percent),
            guide=against,
            candidates=tuple(candidates),
            overload_price=price,
        )


def cases_of(snapshot: Snapshot, guide: ScalingGuide, part: Part = Part.TARGET) -> Iterator[Case]:
    """Those that nothing closes, with days enough. part: of the autoscaler, that is to be changed."""
    for cluster, hpa in hpas_of(snapshot):
        if not is_held(hpa, cluster, part) and (case := case_of(cluster, hpa, snapshot, guide)):
            yield case


def case_of(cluster: ClusterState, hpa: Hpa, snapshot: Snapshot, guide: ScalingGuide) -> Case | None:
    """None where it does not divide by the CPU request of whole pods, or its demand is not known for days enough."""
    workload, metric = cluster.target_of(hpa), cpu_metric(hpa)
    if workload is None or metric is None or snapshot.usage is None:
        return None
    meta = workload.meta
    demand = snapshot.usage.demands.get(WorkloadKey(meta.namespace, meta.kind, meta.name))
    request = _request(workload, metric)
    if demand is None or len(demand.days) < guide.least_days or not request:
        return None
    return Case(
        cluster=cluster,
        hpa=hpa,
        workload=workload,
        demand=demand,
        metric=metric,
        request=request,
        limit=_limit(workload),
    )


def cpu_metric(hpa: Hpa) -> HpaMetric | None:
    """The one that divides by the CPU request of whole pods; None for none, or several."""
    found = [one for one in hpa.metrics if one.divides_by is ResourceName.CPU and not one.container]
    return found[0] if len(found) == 1 else None


def _request(workload: Workload, metric: HpaMetric) -> Fraction | None:
    """Of one pod, with what a webhook adds; None where a container of it asks for nothing."""
    template = divisor(metric, ResourceName.CPU, workload)
    added = [one.resources.requests.cpu_cores for one in workload.injected]
    if template is None or not all(added) or workload.template.without_request(ResourceName.CPU):
        return None
    return Fraction(template) + sum((one for one in added if one is not None), start=Fraction(0))


def _limit(workload: Workload) -> Fraction | None:
    """Of one pod; None where a container has none."""
    limits = [one.resources.limits.cpu_cores for one in (*workload.template.running, *workload.injected)]
    if not all(limits):
        return workload.template.pod.limits.cpu_cores
    return sum((one for one in limits if one is not None), start=Fraction(0))


def with_most(plan: HpaPlan, most: int) -> HpaPlan:
    """With another maximum."""
    return replace(plan, max_replicas=most)


def with_request(plan: HpaPlan, cores: Fraction) -> HpaPlan:
    """Of pods that ask for so much CPU."""
    return replace(plan, targets=tuple(replace(one, request=float(cores)) for one in plan.targets))


def with_down(plan: HpaPlan, down: ScalingRules) -> HpaPlan:
    """With another way down; the way up stays as it is, written or not."""
    return replace(plan, down=down)
