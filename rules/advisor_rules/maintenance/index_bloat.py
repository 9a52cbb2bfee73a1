"""A B-tree is much larger than its entries: guide, section 5, "REINDEX" and "Check bloat"."""

from collections.abc import Sequence

from advisor.model.database.maintenance import Bloat, BloatMethod
from advisor.model.database.workload import DatabaseState
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.knob import knob_target
from advisor.model.proposal import Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import GuideSettings
from advisor.sql.identifier import quoted
from advisor_rules.maintenance.proposal import Expectation, maintenance_proposal, on_primary, wasteful
from advisor_rules.table_load import load_on

_ID = "index-bloat"
_GUIDE = "5. Database Maintenance"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(bloat, look, context.guide)
        for look in on_primary(snapshot)
        for bloat, _ in wasteful(look, context.guide)
        if bloat.index
    ]


def _finding(bloat: Bloat, look: DatabaseState, guide: GuideSettings) -> Finding:
    name = f"{bloat.schema}.{bloat.index}"
    return Finding(
        rule=_ID,
        key=f"{look.name}/{name}",
        severity=Severity.WARNING,
        subject=Subject(kind="index", name=bloat.index, namespace=bloat.schema),
        summary=(
            f"the index {name} takes {bloat.size_bytes / 1e6:.0f} MB and needs "
            f"{(bloat.size_bytes - bloat.wasted_bytes) / 1e6:.0f} MB ({bloat.method})"
        ),
        cause="rows came and went, and a B-tree does not give pages back while anything is left on them",
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="index.wasted_ratio",
                value=bloat.wasted_ratio,
                unit="ratio",
                threshold=guide.maintenance.bloat_ratio,
            ),
            Evidence(signal="index.size_bytes", value=bloat.size_bytes, unit="bytes"),
            Evidence(signal="index.bloat_method", value=str(bloat.method), unit=""),
        ),
        waste_seconds_per_second=load_on(look, bloat.schema, bloat.table) * guide.maintenance.expected_gain_ratio,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """A rebuild beside the old one, which blocks nobody and needs room for a second copy."""
    look = snapshot.databases[finding.key.partition("/")[0]]
    place = (finding.subject.namespace, finding.subject.name)
    bloat = next(b for b, _ in wasteful(look, context.guide) if b.index and (b.schema, b.index) == place)
    after = bloat.size_bytes - bloat.wasted_bytes
    labels = {"database": look.name, "schema": bloat.schema, "index": bloat.index}
    return (
        maintenance_proposal(
            finding,
            context.app_of(look.name, snapshot),
            knob_target("postgres.reindex", **labels, table=bloat.table),
            (f"file {bloat.file}", "REINDEX"),
            Expectation(
                metric=signal("index.size_bytes", **labels),
                unit="bytes",
                after=after,
                # An estimate may miss a third of what is wasted; a measurement little.
                high=after + bloat.wasted_bytes * (0.33 if bloat.method is BloatMethod.ESTIMATED else 0.1),
                minimum_gain_ratio=context.guide.maintenance.bloat_ratio / 2,
                model=f"bloat-{bloat.method}",
            ),
            (
                f"{bloat.wasted_bytes / 1e6:.0f} MB come free; while it is built both copies take room",
                f"REINDEX INDEX CONCURRENTLY {quoted(bloat.schema)}.{quoted(bloat.index)};",
                "-- nothing to undo",
            ),
        ),
    )


INDEX_BLOAT = Rule(
    id=_ID,
    title="A B-tree is much larger than its entries",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="bloat is reckoned from pages and tuples of each index, and no metric carries it"),
)
