"""Pods of the class BestEffort are the first to be evicted: guide, "Quality of Service"."""

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

_ID = "qos-best-effort"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    findings = []
    for cluster, workload in workloads_of(snapshot):
        if not workload.template.containers or workload.template.qos is not QosClass.BEST_EFFORT:
            continue
        found = lacks(workload)
        count = sum(len(lack.resources) for lack in found)
        findings.append(
            Finding(
                rule=_ID,
                key=key_of(cluster, workload.meta),
                severity=Severity.WARNING,
                subject=subject_of(workload.meta),
                summary=f"pods of {shown(workload.meta)} are BestEffort: {', '.join(map(str, found))} ask for nothing",
                cause="no container has a request or a limit, so that they are evicted first and get CPU last "
                "when a node is busy",
                guide=RESOURCES,
                evidence=(
                    Evidence(signal=MISSING, value=count, unit="", threshold=0),
                    Evidence(signal="kubernetes.qos", value=QosClass.BEST_EFFORT.value, unit=""),
                ),
                waste_seconds_per_second=0.0,
            )
        )
    return findings


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    cluster, workload = workload_of(finding, snapshot)
    return offered_unless_blind(finding, snapshot, cluster, workload, context.guide)


QOS_BEST_EFFORT = Rule(
    id=_ID,
    title="Pods of the class BestEffort are the first to be evicted",
    guide=RESOURCES,
    needs=needs("workloads"),
    alert=NotByMetrics(
        why="the class of a pod follows from the requests and limits of all its containers, and no preset carries those"
    ),
    diagnose=_diagnose,
    propose=_propose,
)
