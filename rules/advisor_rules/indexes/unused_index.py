"""An index that nobody has read for long, though its reads were counted everywhere: guide, section 2."""

from collections.abc import Sequence

from advisor.model.finding import Finding, Severity
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.indexes.removal import finding_of, look_of, proposals_of, unused

_ID = "unused-index"
_GUIDE = "2. Index Optimization"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        finding_of(removal, look, _ID, _GUIDE, Severity.INFO)
        for look in snapshot.databases.values()
        for removal in unused(look, context.guide.query)
    ]


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    look = look_of(finding, snapshot)
    return proposals_of(finding, tuple(unused(look, context.guide.query)), look)


UNUSED_INDEX = Rule(
    id=_ID,
    title="An index that nobody reads",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="whether an index may go depends on its definition and on the reads of every replica"),
)
