"""Ask every rule. Pure."""

from collections.abc import Sequence

from advisor.model.errors import AdvisorError
from advisor.model.finding import Finding
from advisor.model.report import RuleResult, RuleStatus
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext


def diagnose(
    snapshot: Snapshot, rules: Sequence[Rule], context: RuleContext
) -> tuple[tuple[RuleResult, ...], tuple[Finding, ...]]:
    """How each rule ended, and all findings, the costliest first.

    A rule with an unmet need is skipped, and so is one that fails. One that could judge some things and not others says
    which it could not.
    """
    results: list[RuleResult] = []
    findings: list[Finding] = []
    for rule in rules:
        unmet = [reason for need in rule.needs if (reason := need.missing(snapshot))]
        if unmet:
            results.append(RuleResult(rule=rule.id, status=RuleStatus.SKIPPED, reason="; ".join(dict.fromkeys(unmet))))
            continue
        try:
            found = rule.diagnose(snapshot, context)
        except AdvisorError as error:
            results.append(RuleResult(rule=rule.id, status=RuleStatus.SKIPPED, reason=str(error)))
            continue
        findings.extend(found)
        status = RuleStatus.FIRED if found else RuleStatus.HEALTHY
        gaps = "; ".join(gap for need in rule.needs for gap in need.gaps(snapshot))
        results.append(RuleResult(rule=rule.id, status=status, reason=f"not judged: {gaps}" if gaps else ""))
    findings.sort(key=lambda finding: (-finding.waste_seconds_per_second, finding.id))
    return tuple(results), tuple(findings)
