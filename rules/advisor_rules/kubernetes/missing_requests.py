"""A container asks for no CPU or no memory: guide, "Resource Requests and Limits"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.container import QosClass
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.kubernetes.blind import offered_unless_blind
from advisor_rules.kubernetes.objects.subject import RESOURCES, key_of, shown, subject_of, workload_of, workloads_of
from advisor_rules.kubernetes.sizing.lack import MISSING, lacks

_ID = "missing-requests"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    """A pod that asks for nothing at all is another rule's."""
    findings = []
    for cluster, workload in workloads_of(snapshot):
        found = lacks(workload)
        if not found or workload.template.qos is QosClass.BEST_EFFORT:
            continue
        count = sum(len(lack.resources) for lack in found)
        findings.append(
            Finding(
                rule=_ID,
                key=key_of(cluster, workload.meta),
                severity=Severity.WARNING,
                subject=subject_of(workload.meta),
                summary=f"{shown(workload.meta)} has containers without requests: {', '.join(map(str, found))}",
                cause="the scheduler takes what is not asked for as nothing, and fills the node with others",
                guide=RESOURCES,
                evidence=(Evidence(signal=MISSING, value=count, unit="", threshold=0),),
                waste_seconds_per_second=0.0,
            )
        )
    return findings


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """Nothing where an autoscaler divides by what is missing: that one's rule proposes all of it."""
    cluster, workload = workload_of(finding, snapshot)
    return offered_unless_blind(finding, snapshot, cluster, workload, context.guide)


MISSING_REQUESTS = Rule(
    id=_ID,
    title="A container asks for no CPU or no memory",
    guide=RESOURCES,
    needs=needs("workloads"),
    alert=NotByMetrics(why="requests are read from the objects of the cluster, and no preset carries them"),
    diagnose=_diagnose,
    propose=_propose,
)
