"""An index whose work another one does: guide, section 2."""

from collections.abc import Sequence

from advisor.model.finding import Finding, Severity
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.indexes.removal import duplicate, finding_of, look_of, proposals_of

_ID = "duplicate-index"
_GUIDE = "2. Index Optimization"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        finding_of(removal, look, _ID, _GUIDE, Severity.INFO)
        for look in snapshot.databases.values()
        for removal in duplicate(look)
    ]


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    look = look_of(finding, snapshot)
    return proposals_of(finding, tuple(duplicate(look)), look)


DUPLICATE_INDEX = Rule(
    id=_ID,
    title="An index does what another does already",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="it compares the definitions of indexes, and no metric carries those"),
)
