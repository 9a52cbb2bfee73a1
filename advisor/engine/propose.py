"""Ask the rules that fired what to do. The what-if models are behind ports; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from advisor.model.errors import AdvisorError
from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext


def propose(
    findings: Sequence[Finding], snapshot: Snapshot, rules: Sequence[Rule], context: RuleContext
) -> tuple[tuple[Proposal, ...], Mapping[str, str]]:
    """The proposals, the largest gain first, and by rule id why a what-if model could not answer."""
    by_id = {rule.id: rule for rule in rules}
    proposals: dict[str, Proposal] = {}
    problems: dict[str, str] = {}
    for finding in findings:
        try:
            offered = by_id[finding.rule].propose(finding, snapshot, context)
        except AdvisorError as error:
            problems[finding.rule] = f"no proposal for {finding.key}: {error}"
            continue
        for proposal in offered:
            proposals.setdefault(proposal.id, replace(proposal, evidence=finding.evidence))
    ranked = sorted(proposals.values(), key=lambda p: (-p.gain_seconds_per_second, p.risk.rank, p.id))
    return tuple(ranked), problems
