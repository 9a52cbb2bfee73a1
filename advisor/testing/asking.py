"""Puts one rule's two questions to a snapshot that holds at most one thing to find."""

from collections.abc import Sequence

from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext


def finding_of(rule: Rule, snapshot: Snapshot, context: RuleContext) -> Finding | None:
    """The finding; None when all is well."""
    findings = rule.diagnose(snapshot, context)
    assert len(findings) <= 1
    return findings[0] if findings else None


def the_finding(rule: Rule, snapshot: Snapshot, context: RuleContext) -> Finding:
    finding = finding_of(rule, snapshot, context)
    assert finding is not None
    return finding


def proposals_of(rule: Rule, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """What is proposed about the finding, which there must be."""
    return rule.propose(the_finding(rule, snapshot, context), snapshot, context)


def the_proposal_of(rule: Rule, snapshot: Snapshot, context: RuleContext) -> Proposal:
    (proposal,) = proposals_of(rule, snapshot, context)
    return proposal
