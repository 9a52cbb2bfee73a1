"""An autoscaler that is left alone, and why: guide, "HPA Threshold Tuning"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.kubernetes.objects.hold import Hold, HoldReason, Part, holds
from advisor_rules.kubernetes.objects.subject import SCALING, hpa_of, hpas_of, key_of, shown, subject_of

_ID = "hpa-hands-off"
_CONFLICTS = (HoldReason.RIVALS, HoldReason.VPA, HoldReason.TAKEN_OVER, HoldReason.NO_CONTAINER)


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    """One finding for each autoscaler; one for all that fight over a target."""
    findings = []
    for cluster, hpa in hpas_of(snapshot):
        found = tuple(holds(hpa, cluster))
        fights = any(hold.reason is HoldReason.RIVALS for hold in found)
        if found and (not fights or hpa is cluster.rivals_of(hpa)[0]):
            findings.append(_finding(cluster, hpa, found))
    return findings


def _finding(cluster: ClusterState, hpa: Hpa, found: Sequence[Hold]) -> Finding:
    is_conflict = any(hold.reason in _CONFLICTS for hold in found)
    parts = sorted(part for part in Part if any(part in hold.parts for hold in found))
    return Finding(
        rule=_ID,
        key=key_of(cluster, hpa.meta),
        severity=Severity.WARNING if is_conflict else Severity.INFO,
        subject=subject_of(hpa.meta),
        summary=f"{shown(hpa.meta)} is left alone: {'; '.join(hold.reason.value for hold in found)}",
        cause="; ".join(hold.text for hold in found),
        guide=SCALING,
        evidence=(Evidence(signal="kubernetes.closed", value=", ".join(parts), unit=""),),
        waste_seconds_per_second=0.0,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    cluster, hpa = hpa_of(finding, snapshot)
    return NoProposal(f"hands off, because {next(holds(hpa, cluster)).text}")


HPA_HANDS_OFF = Rule(
    id=_ID,
    title="An autoscaler is left alone, wholly or in part",
    guide=SCALING,
    needs=needs("autoscalers"),
    alert=NotByMetrics(why="who owns an autoscaler and what it reads stands in its object"),
    diagnose=_diagnose,
    propose=_propose,
)
