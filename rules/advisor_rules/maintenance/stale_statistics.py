"""The planner works with old statistics: guide, section 5, "ANALYZE tables (update statistics)"."""

from collections.abc import Sequence

from advisor.model.database.maintenance import TableMaintenance
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
from advisor_rules.maintenance.proposal import Expectation, last_done, maintenance_proposal, on_primary
from advisor_rules.table_load import load_on

_ID = "stale-statistics"
_GUIDE = "5. Database Maintenance"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(maintenance, look, context.guide)
        for look in on_primary(snapshot)
        for maintenance in look.maintenance
        if _is_stale(maintenance, look, context.guide)
    ]


def _is_stale(maintenance: TableMaintenance, look: DatabaseState, guide: GuideSettings) -> bool:
    """Many rows changed since the last ANALYZE, or there never was one. A small table is planned well enough."""
    if maintenance.live_rows < guide.query.smallest_table_rows:
        return False
    return _was_never_analysed(maintenance, look) or maintenance.changed_ratio >= guide.maintenance.changed_ratio


def _was_never_analysed(maintenance: TableMaintenance, look: DatabaseState) -> bool:
    table = look.table(maintenance.schema, maintenance.table)
    return maintenance.analyzed_at is None and table is not None and table.rows <= 0


def _finding(maintenance: TableMaintenance, look: DatabaseState, guide: GuideSettings) -> Finding:
    name = f"{maintenance.schema}.{maintenance.table}"
    load = load_on(look, maintenance.schema, maintenance.table)
    never = _was_never_analysed(maintenance, look)
    return Finding(
        rule=_ID,
        key=f"{look.name}/{name}",
        severity=Severity.WARNING,
        subject=Subject(kind="table", name=maintenance.table, namespace=maintenance.schema),
        summary=f"the planner knows {name} as it was: "
        + ("it was never analysed" if never else f"{maintenance.changed_ratio:.0%} of its rows have changed since"),
        cause=(
            f"last ANALYZE: {last_done(maintenance.analyzed_at)}; autovacuum is "
            + ("on, and has not come round to it" if look.vacuum.is_on else "off on this server")
        ),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="table.changed_ratio",
                value=maintenance.changed_ratio,
                unit="ratio",
                threshold=guide.maintenance.changed_ratio,
            ),
            Evidence(signal="table.changed_rows", value=maintenance.changed_since_analyze, unit="rows"),
            Evidence(signal="table.load", value=load, unit="s/s"),
        ),
        waste_seconds_per_second=load * guide.maintenance.expected_gain_ratio,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """An ANALYZE; nothing undoes it, and nothing has to."""
    look = snapshot.databases[finding.key.partition("/")[0]]
    maintenance = look.maintenance_of(finding.subject.namespace or "", finding.subject.name)
    if maintenance is None:
        return NoProposal("the table is gone by now")
    labels = {"database": look.name, "schema": maintenance.schema, "table": maintenance.table}
    return (
        maintenance_proposal(
            finding,
            context.app_of(look.name, snapshot),
            knob_target("postgres.analyze", **labels),
            (last_done(maintenance.analyzed_at), "ANALYZE"),
            Expectation(
                metric=signal("table.changed_ratio", **labels),
                unit="ratio",
                after=0.0,
                high=context.guide.maintenance.changed_ratio / 2,
                minimum_gain_ratio=0.5,
                model="definition",
            ),
            (
                f"{maintenance.changed_since_analyze} rows changed since statistics were gathered from "
                f"{maintenance.live_rows} live ones; ANALYZE reads a sample and blocks nobody",
                f"ANALYZE {quoted(maintenance.schema)}.{quoted(maintenance.table)};",
                "-- nothing to undo",
            ),
        ),
    )


STALE_STATISTICS = Rule(
    id=_ID,
    title="The planner works with old statistics",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(
        why="rows changed since ANALYZE, table by table, are read from Postgres; no preset carries a series a table"
    ),
)
