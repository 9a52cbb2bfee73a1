"""An index that a concurrent build left INVALID: guide, section 2."""

from collections.abc import Sequence

from advisor.model.finding import Finding, Severity
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.indexes.removal import finding_of, invalid, look_of, proposals_of

_ID = "invalid-index"
_GUIDE = "2. Index Optimization"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        finding_of(removal, look, _ID, _GUIDE, Severity.WARNING)
        for look in snapshot.databases.values()
        for removal in invalid(look)
    ]


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    look = look_of(finding, snapshot)
    return proposals_of(finding, tuple(invalid(look)), look)


INVALID_INDEX = Rule(
    id=_ID,
    title="A failed build left an index behind",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="whether an index is valid stands in the catalogue, and no preset carries it"),
)
