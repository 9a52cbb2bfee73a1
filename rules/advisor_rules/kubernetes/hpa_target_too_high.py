"""An autoscaler lets its pods become too busy before it adds some: guide, "CPU Threshold"."""

from collections.abc import Sequence

from advisor.model.finding import Finding, Severity
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.kubernetes.objects.subject import SCALING, key_of, shown, subject_of
from advisor_rules.kubernetes.scaling.target_proposal import target_evidence, target_proposal
from advisor_rules.kubernetes.scaling.told import told
from advisor_rules.kubernetes.scaling.verdict import Verdict, clearly_worse

_ID = "hpa-target-too-high"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [_finding(verdict) for verdict in clearly_worse(snapshot, context, too_high=True)]


def _finding(verdict: Verdict) -> Finding:
    case, today = verdict.case, verdict.choice.today
    return Finding(
        rule=_ID,
        key=key_of(case.cluster, case.hpa.meta),
        severity=Severity.WARNING,
        subject=subject_of(case.hpa.meta),
        summary=f"{shown(case.hpa.meta)} lets its pods get too busy: at {case.percent}% of CPU {told(today)}",
        cause="above the target nothing is left for a rise until new pods are ready",
        guide=SCALING,
        evidence=target_evidence(verdict),
        waste_seconds_per_second=0.0,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    return target_proposal(finding, snapshot, context)


HPA_TARGET_TOO_HIGH = Rule(
    id=_ID,
    title="An autoscaler lets its pods become too busy before it adds some",
    guide=SCALING,
    needs=needs("autoscalers", "demand"),
    alert=NotByMetrics(why="it replays days of demand, which are read by grouped queries of their own"),
    diagnose=_diagnose,
    propose=_propose,
)
