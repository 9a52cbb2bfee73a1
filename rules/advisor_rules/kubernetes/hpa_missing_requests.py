"""An autoscaler divides by a request that is not there: guide, "HPA Threshold Tuning"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.kubernetes.blind import blinding
from advisor_rules.kubernetes.objects.subject import SCALING, hpa_of, hpas_of, key_of, shown, subject_of
from advisor_rules.kubernetes.request import request_proposal
from advisor_rules.kubernetes.sizing.lack import MISSING, Lack

_ID = "hpa-missing-requests"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [_finding(cluster, hpa, found) for cluster, hpa in hpas_of(snapshot) if (found := blinding(cluster, hpa))]


def _finding(cluster: ClusterState, hpa: Hpa, found: Sequence[Lack]) -> Finding:
    names = {name for lack in found for name in lack.resources}
    is_blind = all(metric.divides_by in names for metric in hpa.metrics)
    what = "computes nothing" if is_blind else "never scales down, as one of its metrics fails"
    return Finding(
        rule=_ID,
        key=key_of(cluster, hpa.meta),
        severity=Severity.CRITICAL if is_blind else Severity.WARNING,
        subject=subject_of(hpa.meta),
        summary=f"{shown(hpa.meta)} {what}: missing request for {', '.join(map(str, found))}",
        cause="a utilization is a percentage of the request, and one container without it fails the whole pod",
        guide=SCALING,
        evidence=(Evidence(signal=MISSING, value=sum(len(lack.resources) for lack in found), unit="", threshold=0),),
        waste_seconds_per_second=0.0,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    cluster, hpa = hpa_of(finding, snapshot)
    workload = cluster.target_of(hpa)
    if workload is None:
        return NoProposal("its target is not known")
    return request_proposal(finding, snapshot, cluster, workload, context.guide)


HPA_MISSING_REQUESTS = Rule(
    id=_ID,
    title="An autoscaler divides by a request that is not there",
    guide=SCALING,
    needs=needs("autoscalers"),
    alert=NotByMetrics(why="it compares an autoscaler with the containers of its target, and no preset carries those"),
    diagnose=_diagnose,
    propose=_propose,
)
