"""A container asks for much more than it uses: guide, "Resource Requests and Limits", row "Over-provisioned"."""

from collections.abc import Sequence

from advisor.model.finding import Finding, Severity
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.misfit import Misfit, workloads_with
from advisor_rules.kubernetes.sizing.size import Fault
from advisor_rules.kubernetes.sizing_finding import sizing_finding, used
from advisor_rules.kubernetes.sizing_proposal import sizing_proposal
from advisor_rules.kubernetes.subject import RESOURCES

_FAULT = Fault.OVER
_RATIONALE = "the same numbers with the same margin, the guide's step at most, and no limit below what was used"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.kubernetes.sizing
    return [_finding(*where, guide) for where in workloads_with(snapshot, _FAULT, guide)]


def _finding(cluster: ClusterState, workload: Workload, found: Sequence[Misfit], guide: SizingGuide) -> Finding:
    parts = [f"{one.container.name} ({one.name} {_share(one):.0%} used)" for one in found]
    return sizing_finding(
        _FAULT,
        (cluster, workload, found),
        guide,
        says=(
            f"asks for more than it uses: {', '.join(parts)}",
            "what is asked for is set aside and paid for, whether it is used or not",
        ),
        severity=Severity.INFO,
    )


def _share(misfit: Misfit) -> float:
    request = misfit.container.resources.requests.of(misfit.name)
    return used(misfit) / float(request) if request else 0.0


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    return sizing_proposal(_FAULT, finding, snapshot, context, _RATIONALE)


RESOURCES_OVER_PROVISIONED = Rule(
    id=_FAULT.value,
    title="A container asks for much more than it uses",
    guide=RESOURCES,
    needs=needs("workloads", "usage"),
    alert=NotByMetrics(why="it looks at days of usage, which are read by grouped queries of their own"),
    diagnose=_diagnose,
    propose=_propose,
)
