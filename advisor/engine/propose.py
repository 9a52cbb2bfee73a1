"""Ask the rules that fired what to do. The what-if models are behind ports; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.model.errors import AdvisorError
from advisor.model.finding import Finding
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.report import Answer
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext

_SILENT = "the rule proposes no change for this cause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What the rules propose, the largest gain first.

    problems: by rule id, why a what-if model could not answer. answers: by finding id, which proposals answer it or why
    none does; a proposal that two findings lead to answers both.
    """

    proposals: tuple[Proposal, ...]
    problems: Mapping[str, str]
    answers: Mapping[str, Answer]


def propose(findings: Sequence[Finding], snapshot: Snapshot, rules: Sequence[Rule], context: RuleContext) -> Offers:
    """Ask the rule of each finding, in the order given: of two that propose the same, the first is taken."""
    by_id = {rule.id: rule for rule in rules}
    proposals: dict[str, Proposal] = {}
    problems: dict[str, str] = {}
    answers: dict[str, Answer] = {}
    for finding in findings:
        try:
            offered = by_id[finding.rule].propose(finding, snapshot, context)
        except AdvisorError as error:
            problems[finding.rule] = f"no proposal for {finding.key}: {error}"
            answers[finding.id] = Answer(reason=str(error))
            continue
        for proposal in offered:
            proposals.setdefault(proposal.id, replace(proposal, evidence=finding.evidence))
        answers[finding.id] = _answer(offered)
    ranked = sorted(proposals.values(), key=lambda p: (-p.gain_seconds_per_second, p.risk.rank, p.id))
    return Offers(proposals=tuple(ranked), problems=problems, answers=answers)


def _answer(offered: Sequence[Proposal]) -> Answer:
    if isinstance(offered, NoProposal):
        return Answer(reason=offered.reason)
    return Answer(proposals=tuple(proposal.id for proposal in offered), reason="" if offered else _SILENT)
