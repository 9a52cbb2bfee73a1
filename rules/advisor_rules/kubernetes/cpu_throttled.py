"""A container is stopped by its CPU limit in its busy hours: guide, "Resource Requests and Limits", row "CPU-bound"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.objects.subject import RESOURCES
from advisor_rules.kubernetes.sizing.misfit import Misfit, workloads_with
from advisor_rules.kubernetes.sizing.size import Fault
from advisor_rules.kubernetes.sizing.target import throttled_ratio
from advisor_rules.kubernetes.sizing_finding import sizing_finding
from advisor_rules.kubernetes.sizing_proposal import sizing_proposal

_FAULT = Fault.THROTTLED
_RATIONALE = "its usage is cut off at the limit, so the limit rises by the guide's step and is looked at again"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.kubernetes.sizing
    return [_finding(*where, guide) for where in workloads_with(snapshot, _FAULT, guide)]


def _finding(cluster: ClusterState, workload: Workload, found: Sequence[Misfit], guide: SizingGuide) -> Finding:
    names = ", ".join(one.container.name for one in found)
    worst = max(throttled_ratio(one.usage) for one in found)
    return sizing_finding(
        _FAULT,
        (cluster, workload, found),
        guide,
        says=(
            f"is throttled in {worst:.0%} of the periods of its busy hours: {names}",
            "a period's share of the CPU limit is used up before the period ends, and every thread waits for the next",
        ),
        first=(
            Evidence(
                signal="kubernetes.throttled_ratio", value=round(worst, 3), unit="", threshold=guide.throttled_ratio
            ),
        ),
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    return sizing_proposal(_FAULT, finding, snapshot, context, _RATIONALE)


CPU_THROTTLED = Rule(
    id=_FAULT.value,
    title="A CPU limit stops a container in its busy hours",
    guide=RESOURCES,
    needs=needs("workloads", "usage"),
    alert=NotByMetrics(why="it looks at days of usage, which are read by grouped queries of their own"),
    diagnose=_diagnose,
    propose=_propose,
)
