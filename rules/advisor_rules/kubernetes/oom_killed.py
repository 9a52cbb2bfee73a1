"""A container was killed for want of memory: guide, "Resource Requests and Limits", row "Memory-bound"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
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
from advisor_rules.kubernetes.sizing_finding import sizing_finding
from advisor_rules.kubernetes.sizing_proposal import sizing_proposal

_FAULT = Fault.OOM
_RATIONALE = "its usage is cut off at the limit, so the limit rises above what was seen, and is looked at again"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.kubernetes.sizing
    return [_finding(*where, guide) for where in workloads_with(snapshot, _FAULT, guide)]


def _finding(cluster: ClusterState, workload: Workload, found: Sequence[Misfit], guide: SizingGuide) -> Finding:
    kills = sum(one.usage.oom_kills or 0 for one in found)
    return sizing_finding(
        _FAULT,
        (cluster, workload, found),
        guide,
        says=(
            f"was OOM-killed {kills} times: {', '.join(one.container.name for one in found)}",
            "it reached its memory limit; what it would have used above that was not seen",
        ),
        severity=Severity.CRITICAL,
        first=(Evidence(signal="kubernetes.oom_kills", value=kills, unit="", threshold=0),),
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    return sizing_proposal(_FAULT, finding, snapshot, context, _RATIONALE)


OOM_KILLED = Rule(
    id=_FAULT.value,
    title="A container was killed at its memory limit",
    guide=RESOURCES,
    needs=needs("workloads", "usage"),
    alert=NotByMetrics(why="it looks at days of usage, which are read by grouped queries of their own"),
    diagnose=_diagnose,
    propose=_propose,
)
