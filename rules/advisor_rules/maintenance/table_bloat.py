"""A table is much larger than its rows: guide, section 5, "VACUUM (reclaim space)" and "Check bloat"."""

from collections.abc import Sequence

from advisor.model.database.maintenance import Bloat, TableMaintenance
from advisor.model.database.workload import DatabaseState
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.knob import knob_target
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import GuideSettings
from advisor.sql.identifier import quoted
from advisor_rules.advice import SERVER, advice
from advisor_rules.maintenance.proposal import (
    Expectation,
    holding_back,
    last_done,
    maintenance_proposal,
    on_primary,
    wasteful,
)
from advisor_rules.table_load import load_on

_ID = "table-bloat"
_GUIDE = "5. Database Maintenance"
_WORTH_A_VACUUM = 0.25
"""Dead rows' share of the waste from which a VACUUM frees something; the rest is free already, inside the file."""


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(bloat, maintenance, look, context.guide)
        for look in on_primary(snapshot)
        for bloat, maintenance in wasteful(look, context.guide)
        if not bloat.index
    ]


def _finding(bloat: Bloat, maintenance: TableMaintenance, look: DatabaseState, guide: GuideSettings) -> Finding:
    name = f"{bloat.schema}.{bloat.table}"
    return Finding(
        rule=_ID,
        key=f"{look.name}/{name}",
        severity=Severity.WARNING,
        subject=Subject(kind="table", name=bloat.table, namespace=bloat.schema),
        summary=(
            f"{name} takes {bloat.size_bytes / 1e6:.0f} MB and needs "
            f"{(bloat.size_bytes - bloat.wasted_bytes) / 1e6:.0f} MB ({bloat.method})"
        ),
        cause=_cause(bloat, maintenance, look, guide),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="table.wasted_ratio",
                value=bloat.wasted_ratio,
                unit="ratio",
                threshold=guide.maintenance.bloat_ratio,
            ),
            Evidence(signal="table.wasted_bytes", value=bloat.wasted_bytes, unit="bytes"),
            Evidence(signal="table.dead_ratio", value=maintenance.dead_ratio, unit="ratio"),
            Evidence(signal="table.bloat_method", value=str(bloat.method), unit=""),
        ),
        waste_seconds_per_second=load_on(look, bloat.schema, bloat.table) * guide.maintenance.expected_gain_ratio,
    )


def _dead_bytes(bloat: Bloat, maintenance: TableMaintenance) -> float:
    return bloat.dead_bytes or maintenance.dead_ratio * bloat.size_bytes


def _cause(bloat: Bloat, maintenance: TableMaintenance, look: DatabaseState, guide: GuideSettings) -> str:
    dead = _dead_bytes(bloat, maintenance)
    holder = holding_back(look, guide)
    if dead >= _WORTH_A_VACUUM * bloat.wasted_bytes:
        text = f"{dead / 1e6:.0f} MB are dead rows; last VACUUM: {last_done(maintenance.vacuumed_at)}"
        if holder is not None:
            text += f"; a transaction of {holder.application or holder.role} (pid {holder.pid}) keeps them"
        return text
    return "it was vacuumed: the room is free inside its file, for new rows only"


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """VACUUM where dead rows make up the waste; a rewrite, by a person, where the file is mostly air."""
    look = snapshot.databases[finding.key.partition("/")[0]]
    place = (finding.subject.namespace, finding.subject.name)
    bloat, maintenance = next(
        (b, u) for b, u in wasteful(look, context.guide) if not b.index and (b.schema, b.table) == place
    )
    labels = {"database": look.name, "schema": bloat.schema, "table": bloat.table}
    metric = signal("table.dead_ratio", **labels)
    name = f"{quoted(bloat.schema)}.{quoted(bloat.table)}"
    if _dead_bytes(bloat, maintenance) < _WORTH_A_VACUUM * bloat.wasted_bytes or maintenance.dead_ratio <= 0:
        return (
            advice(
                finding,
                change=SERVER,
                what=f"rewrite it: pg_repack --table {bloat.schema}.{bloat.table}, or VACUUM FULL {name} in a window",
                rationale="VACUUM FULL locks the table for as long as it takes, and needs room for a second copy",
                metric=signal("table.wasted_bytes", **labels),
            ),
        )
    if holding_back(look, context.guide) is not None:
        return NoProposal("a VACUUM would remove nothing while an open transaction holds it back: end that one first")
    return (
        maintenance_proposal(
            finding,
            context.app_of(look.name, snapshot),
            knob_target("postgres.vacuum", **labels),
            (last_done(maintenance.vacuumed_at), "VACUUM"),
            Expectation(
                metric=metric,
                unit="ratio",
                after=0.0,
                high=maintenance.dead_ratio / 2,
                minimum_gain_ratio=0.5,
                model="definition",
            ),
            (
                f"{maintenance.dead_rows} dead rows come free for reuse; the file keeps its size, and stops growing",
                f"VACUUM (TRUNCATE false) {name};",
                "-- nothing to undo",
            ),
        ),
    )


TABLE_BLOAT = Rule(
    id=_ID,
    title="A table is much larger than its rows",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="bloat is reckoned from pages and tuples of each table, and no metric carries it"),
)
