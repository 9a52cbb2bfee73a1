"""A CPU request and the target that an autoscaler has of it as one change: their product stays, and so do the pods."""

from dataclasses import dataclass, replace
from fractions import Fraction

from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.playing import HpaChoice
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Workload
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.objects.hold import Part, divisor, is_held
from advisor_rules.kubernetes.objects.patch import Patch, patch
from advisor_rules.kubernetes.scaling.case import case_of, cpu_metric, with_request
from advisor_rules.kubernetes.scaling.target_proposal import metrics_with
from advisor_rules.kubernetes.scaling.told import path
from advisor_rules.kubernetes.sizing.size import Size

_HIGHEST = 95
"""Percent: above it a pod is as good as full before another one is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """size: with the request that makes the product exact. percent, new_percent: the target before and after."""

    hpa: Hpa
    size: Size
    before: Fraction
    after: Fraction
    percent: int
    new_percent: int

    @property
    def aim(self) -> str:
        """Of one pod, before as after."""
        return ResourceName.CPU.show(self.before * self.percent / 100)


def hpa_beside(cluster: ClusterState, workload: Workload) -> Hpa | None:
    """The one that divides by the CPU request of the workload's whole pods, and that nothing closes; else None."""
    hpas = cluster.hpas_of(workload)
    if len(hpas) != 1 or is_held(hpas[0], cluster, Part.TARGET) or workload.injected:
        return None
    return hpas[0] if cpu_metric(hpas[0]) is not None and metrics_with(hpas[0], 1) is not None else None


def paired(hpa: Hpa, workload: Workload, size: Size, guide: SizingGuide) -> Pair | None:
    """The whole percent whose request, exact to a thousandth of a core, comes next to the size's.

    Never beyond the guide's step nor above a limit, and on the way down never below the size's own. None where no whole
    percent up to 95 does that.
    """
    metric = cpu_metric(hpa)
    before = divisor(metric, ResourceName.CPU, workload) if metric is not None else None
    if metric is None or not before or size.new_request is None:
        return None
    old, wanted, product = Fraction(size.request), Fraction(size.new_request), Fraction(before) * metric.value
    most = old * Fraction(str(1 + guide.largest_increase_ratio))
    limit = size.new_limit if size.new_limit is not None else size.limit
    is_fixed = size.limit is not None and size.request == size.limit
    found: dict[int, Fraction] = {}
    for percent in range(1, _HIGHEST + 1):
        own = product / percent - (Fraction(before) - old)
        is_exact = own > 0 and (own * 1000).denominator == 1
        fits = wanted <= own < old if wanted < old else old < own <= most
        is_below = is_fixed or limit is None or own <= limit
        if is_exact and fits and is_below and (not is_fixed or own >= wanted):
            found[percent] = own
    if not found:
        return None
    new_percent = min(found, key=lambda percent: (abs(found[percent] - wanted), percent))
    own = found[new_percent]
    return Pair(
        hpa=hpa,
        size=replace(size, new_request=own, new_limit=own if is_fixed else size.new_limit),
        before=Fraction(before),
        after=product / new_percent,
        percent=int(metric.value),
        new_percent=new_percent,
    )


def in_order(cluster: ClusterState, pair: Pair, resources: Patch) -> Patch:
    """Both changes, and both back: whichever asks for more pods while the other is not there yet comes first."""
    metrics = metrics_with(pair.hpa, pair.new_percent), metrics_with(pair.hpa, pair.percent)
    target = patch(cluster, pair.hpa.meta, pair.hpa.meta.ref, [{"spec": {"metrics": one}} for one in metrics])
    if pair.after > pair.before:  # a lower target first; back, the smaller request first
        return Patch(apply=_both(target.apply, resources.apply), undo=_both(resources.undo, target.undo))
    return Patch(apply=_both(resources.apply, target.apply), undo=_both(target.undo, resources.undo))


def _both(first: str, second: str) -> str:
    are_yaml = first.startswith("#") and second.startswith("#")
    return "\n".join([first.rstrip(), *(["---"] if are_yaml else []), second])


def played(pair: Pair, cluster: ClusterState, snapshot: Snapshot, context: RuleContext) -> HpaChoice | None:
    """Today's settings and, as the guide's, those of the pair; None where the demand is not known."""
    guide = context.guide.kubernetes.scaling
    case = case_of(cluster, pair.hpa, snapshot, guide)
    if case is None:
        return None
    then = with_request(case.plan(pair.new_percent), pair.after)
    return context.autoscaler_model.choose(case.question(guide, then, (), guide.overload_price))


def paths(choice: HpaChoice) -> str:
    """The pods by hour of the busiest day, with both settings, as played."""
    before, after = path(choice.today.peak), path(choice.guide.peak)
    if before == after:
        return f"pods by hour of the busiest day, before as after: {before}"
    return f"pods by hour of the busiest day, before: {before}; after: {after}; the controller rounds to whole percents"
