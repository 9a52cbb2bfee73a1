"""What the rules of a CPU target that is too high and of one that is too low share."""

from collections.abc import Sequence

from advisor.model.finding import Finding, Severity
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.kubernetes.objects.subject import SCALING, key_of, shown, subject_of
from advisor_rules.kubernetes.scaling.target_proposal import target_evidence, target_proposal
from advisor_rules.kubernetes.scaling.told import told
from advisor_rules.kubernetes.scaling.verdict import Verdict, clearly_worse


def target_rule(rule_id: str, *, too_high: bool, severity: Severity, title: str, says: str, cause: str) -> Rule:
    """says: what is wrong, after the autoscaler's name."""

    def finding(verdict: Verdict) -> Finding:
        case = verdict.case
        seen = f"at {case.percent}% of CPU {told(verdict.choice.today)}"
        return Finding(
            rule=rule_id,
            key=key_of(case.cluster, case.hpa.meta),
            severity=severity,
            subject=subject_of(case.hpa.meta),
            summary=f"{shown(case.hpa.meta)} {says}: {seen}",
            cause=cause,
            guide=SCALING,
            evidence=target_evidence(verdict),
            waste_seconds_per_second=0.0,
        )

    def diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
        return [finding(verdict) for verdict in clearly_worse(snapshot, context, too_high=too_high)]

    return Rule(
        id=rule_id,
        title=title,
        guide=SCALING,
        needs=needs("autoscalers", "demand"),
        alert=NotByMetrics(why="it replays days of demand, which are read by grouped queries of their own"),
        diagnose=diagnose,
        propose=target_proposal,
    )
