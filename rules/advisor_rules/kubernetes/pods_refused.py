"""A server would take no new pod of a template, by its LimitRanges: guide, "Resource Requests and Limits"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.kubernetes.objects.subject import RESOURCES, key_of, shown, subject_of, workloads_of

_ID = "pods-refused"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    findings = []
    for cluster, workload in workloads_of(snapshot):
        ranges = [one for one in cluster.limit_ranges if one.namespace == workload.meta.namespace]
        reasons = [reason for one in ranges for reason in one.refusals(workload.template)]
        if not reasons:
            continue
        findings.append(
            Finding(
                rule=_ID,
                key=key_of(cluster, workload.meta),
                severity=Severity.CRITICAL,
                subject=subject_of(workload.meta),
                summary=f"{shown(workload.meta)} gets no new pod: {'; '.join(reasons)}",
                cause="admission refuses such pods; those that are there were made before, and are not replaced",
                guide=RESOURCES,
                evidence=(Evidence(signal="kubernetes.refusals", value=len(reasons), unit="", threshold=0),),
                waste_seconds_per_second=0.0,
            )
        )
    return findings


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    return NoProposal("whether the LimitRange or the container is meant otherwise, only their authors know")


PODS_REFUSED = Rule(
    id=_ID,
    title="A server would take no new pod of a template",
    guide=RESOURCES,
    needs=needs("workloads"),
    alert=NotByMetrics(why="it compares a template with the LimitRanges of its namespace, and no preset carries those"),
    diagnose=_diagnose,
    propose=_propose,
)
