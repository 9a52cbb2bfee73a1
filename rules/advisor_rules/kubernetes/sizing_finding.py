"""Rules about the size of a workload's containers: the finding, with the numbers that speak for it, and the rule."""

from collections.abc import Callable, Iterator, Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.objects.subject import RESOURCES, key_of, shown, subject_of
from advisor_rules.kubernetes.sizing.misfit import Misfit, workloads_with
from advisor_rules.kubernetes.sizing.size import Fault
from advisor_rules.kubernetes.sizing.target import target_of
from advisor_rules.kubernetes.sizing_proposal import sizing_proposal

UNITS = {ResourceName.CPU: "cores", ResourceName.MEMORY: "bytes"}


def provisioning_rule(
    fault: Fault, says: Callable[[Sequence[Misfit]], str], *, cause: str, severity: Severity, title: str, rationale: str
) -> Rule:
    """says: the summary, after the workload's name. rationale: why the sizes that mend it are as they are."""

    def diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
        guide = context.guide.kubernetes.sizing
        return [
            sizing_finding(fault, where, guide, says=(says(where[2]), cause), severity=severity)
            for where in workloads_with(snapshot, fault, guide)
        ]

    def propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
        return sizing_proposal(fault, finding, snapshot, context, rationale)

    return Rule(
        id=fault.value,
        title=title,
        guide=RESOURCES,
        needs=needs("workloads", "usage"),
        alert=NotByMetrics(why="it looks at days of usage, which are read by grouped queries of their own"),
        diagnose=diagnose,
        propose=propose,
    )


def sizing_finding(
    fault: Fault,
    where: tuple[ClusterState, Workload, Sequence[Misfit]],
    guide: SizingGuide,
    *,
    says: tuple[str, str],
    severity: Severity = Severity.WARNING,
    first: Sequence[Evidence] = (),
) -> Finding:
    """says: summary (after the workload's name) and cause. first: the evidence of the rule's own signal."""
    cluster, workload, found = where
    return Finding(
        rule=fault.value,
        key=key_of(cluster, workload.meta),
        severity=severity,
        subject=subject_of(workload.meta),
        summary=f"{shown(workload.meta)} {says[0]}",
        cause=says[1],
        guide=RESOURCES,
        evidence=(*first, *(one for misfit in found for one in _evidence(misfit, guide))),
        waste_seconds_per_second=0.0,
    )


def used(misfit: Misfit) -> float:
    """What its request is held against: the 95th percentile of CPU, the peak of memory."""
    spread = misfit.usage.spread(misfit.name)
    if spread is None:
        return 0.0
    return spread.p95 if misfit.name is ResourceName.CPU else misfit.usage.peak(misfit.name)


def _evidence(misfit: Misfit, guide: SizingGuide) -> Iterator[Evidence]:
    resources, unit = misfit.container.resources, UNITS[misfit.name]
    request = resources.requests.of(misfit.name)
    target = target_of(misfit.name, misfit.usage, resources, guide)
    start = f"kubernetes.{misfit.container.name}.{misfit.name}"
    yield Evidence(
        signal=f"{start}.used",
        value=round(used(misfit), 4),
        unit=unit,
        threshold=None if not request else float(request),
    )
    if target is not None:
        yield Evidence(signal=f"{start}.target", value=round(target.request, 4), unit=unit)
