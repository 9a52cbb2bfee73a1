"""A container uses more than it asks for: guide, "Resource Requests and Limits", row "Under-provisioned"."""

from collections.abc import Sequence

from advisor.model.finding import Finding
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.misfit import Misfit, workloads_with
from advisor_rules.kubernetes.sizing.size import Fault
from advisor_rules.kubernetes.sizing_finding import sizing_finding
from advisor_rules.kubernetes.sizing_proposal import sizing_proposal
from advisor_rules.kubernetes.subject import RESOURCES

_FAULT = Fault.UNDER
_RATIONALE = (
    "the 95th percentile of CPU and the highest daily peaks of memory, of which the newer count more, with a margin; "
    "the guide's step at most"
)


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.kubernetes.sizing
    return [_finding(*where, guide) for where in workloads_with(snapshot, _FAULT, guide)]


def _finding(cluster: ClusterState, workload: Workload, found: Sequence[Misfit], guide: SizingGuide) -> Finding:
    parts = [f"{one.container.name} ({one.name})" for one in found]
    return sizing_finding(
        _FAULT,
        (cluster, workload, found),
        guide,
        says=(
            f"asks for less than it uses: {', '.join(parts)}",
            "the scheduler counts on the request: the node is fuller than it thinks, and these pods are evicted first",
        ),
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    return sizing_proposal(_FAULT, finding, snapshot, context, _RATIONALE)


RESOURCES_UNDER_PROVISIONED = Rule(
    id=_FAULT.value,
    title="A container uses more than it asks for",
    guide=RESOURCES,
    needs=needs("workloads", "usage"),
    alert=NotByMetrics(why="it looks at days of usage, which are read by grouped queries of their own"),
    diagnose=_diagnose,
    propose=_propose,
)
