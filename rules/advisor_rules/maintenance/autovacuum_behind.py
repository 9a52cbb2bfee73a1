"""Dead rows pile up faster than autovacuum takes them: guide, section 5; the table's own storage parameters help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

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
from advisor_rules.advice import SERVER, advice
from advisor_rules.maintenance.proposal import Expectation, holding_back, last_done, maintenance_proposal, on_primary
from advisor_rules.table_load import load_on

_ID = "autovacuum-behind"
_GUIDE = "5. Database Maintenance"
_SCALE_FACTOR = 0.02
_COST_LIMIT = 2000
"""Ten times Postgres' default of 200: a worker that reads and dirties ten times as much before it rests."""


class BehindCause(StrEnum):
    HELD_BACK = "a transaction holds it back"
    OFF_EVERYWHERE = "autovacuum is off on the server"
    OFF_HERE = "autovacuum is off for the table"
    OVERDUE = "it is due and does not get through"
    TOO_PATIENT = "it waits for too many rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Behind:
    maintenance: TableMaintenance
    cause: BehindCause
    text: str


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(behind, look, context.guide)
        for look in on_primary(snapshot)
        for maintenance in look.maintenance
        if (behind := _judge(maintenance, look, context.guide)) is not None
    ]


def _judge(maintenance: TableMaintenance, look: DatabaseState, guide: GuideSettings) -> _Behind | None:
    rows = maintenance.live_rows + maintenance.dead_rows
    if rows < guide.query.smallest_table_rows or maintenance.dead_ratio < guide.maintenance.dead_ratio:
        return None
    trigger = look.vacuum.vacuum_trigger(maintenance)
    is_overdue = maintenance.dead_rows >= guide.maintenance.overdue_ratio * trigger
    is_off = maintenance.options.get("autovacuum_enabled") in ("false", "off", "no", "0")
    is_patient = (
        maintenance.live_rows >= guide.maintenance.large_table_rows
        and "autovacuum_vacuum_scale_factor" not in (maintenance.options)
    )
    holder = holding_back(look, guide)
    vacuumed = last_done(maintenance.vacuumed_at)
    dead = f"{maintenance.dead_rows} dead rows ({maintenance.dead_ratio:.0%}); last VACUUM: {vacuumed}"
    if holder is not None and (is_overdue or is_patient):
        who = holder.application or holder.role
        text = f"{dead}; {who} (pid {holder.pid}) has had a transaction open for {holder.open_seconds:.0f} s"
        return _Behind(maintenance=maintenance, cause=BehindCause.HELD_BACK, text=text)
    if not look.vacuum.is_on and is_overdue:
        return _Behind(
            maintenance=maintenance, cause=BehindCause.OFF_EVERYWHERE, text=f"{dead}; autovacuum or track_counts is off"
        )
    if is_off and is_overdue:
        return _Behind(
            maintenance=maintenance, cause=BehindCause.OFF_HERE, text=f"{dead}; autovacuum_enabled is off for the table"
        )
    if is_overdue:
        text = f"{dead}; autovacuum was due at {trigger:.0f}" + (
            " and is at it" if maintenance.is_being_vacuumed else ""
        )
        return _Behind(maintenance=maintenance, cause=BehindCause.OVERDUE, text=text)
    if is_patient:
        text = f"{dead}; autovacuum waits for {trigger:.0f}, a share of the table that grows with it"
        return _Behind(maintenance=maintenance, cause=BehindCause.TOO_PATIENT, text=text)
    return None


def _finding(behind: _Behind, look: DatabaseState, guide: GuideSettings) -> Finding:
    maintenance = behind.maintenance
    name = f"{maintenance.schema}.{maintenance.table}"
    return Finding(
        rule=_ID,
        key=f"{look.name}/{name}",
        severity=Severity.WARNING,
        subject=Subject(kind="table", name=maintenance.table, namespace=maintenance.schema),
        summary=f"autovacuum is behind on {name}: {behind.cause.value}",
        cause=behind.text,
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="table.dead_ratio",
                value=maintenance.dead_ratio,
                unit="ratio",
                threshold=guide.maintenance.dead_ratio,
            ),
            Evidence(
                signal="table.dead_rows",
                value=maintenance.dead_rows,
                unit="rows",
                threshold=look.vacuum.vacuum_trigger(maintenance) * guide.maintenance.overdue_ratio,
            ),
        ),
        waste_seconds_per_second=load_on(look, maintenance.schema, maintenance.table)
        * guide.maintenance.expected_gain_ratio,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """The table's own parameters where they are the cause; nothing while a transaction holds everything back."""
    look = snapshot.databases[finding.key.partition("/")[0]]
    maintenance = look.maintenance_of(finding.subject.namespace or "", finding.subject.name)
    behind = _judge(maintenance, look, context.guide) if maintenance is not None else None
    if behind is None or behind.cause is BehindCause.HELD_BACK:
        return NoProposal("no vacuum can remove what an open transaction may still read: end that one first")
    labels = {"database": look.name, "schema": behind.maintenance.schema, "table": behind.maintenance.table}
    metric = signal("table.dead_ratio", **labels)
    if behind.cause is BehindCause.OFF_EVERYWHERE:
        what = "ALTER SYSTEM SET autovacuum = on; ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf();"
        reason = "without it dead rows, statistics and transaction ages are nobody's business"
        return (advice(finding, change=SERVER, what=what, rationale=reason, metric=metric),)
    new = _wanted(behind)
    old = {name: behind.maintenance.options.get(name, "default") for name in new}
    if old == new:
        return NoProposal("the table has the settings already that would be proposed")
    texts = (behind.text, _alter(behind.maintenance, new), _alter(behind.maintenance, old))
    expectation = Expectation(
        metric=metric,
        unit="ratio",
        after=_SCALE_FACTOR / 2,
        high=max(_SCALE_FACTOR, behind.maintenance.dead_ratio / 2),
        minimum_gain_ratio=0.3,
        model="autovacuum-trigger",
    )
    target = knob_target("postgres.autovacuum", **labels)
    app = context.app_of(look.name, snapshot)
    return (maintenance_proposal(finding, app, target, (_text(old), _text(new)), expectation, texts),)


def _wanted(behind: _Behind) -> Mapping[str, str]:
    match behind.cause:
        case BehindCause.OFF_HERE:
            return {"autovacuum_enabled": "default"}
        case BehindCause.TOO_PATIENT:
            return {"autovacuum_vacuum_scale_factor": f"{_SCALE_FACTOR:g}"}
        case _:
            return {
                "autovacuum_vacuum_cost_limit": str(_COST_LIMIT),
                "autovacuum_vacuum_scale_factor": f"{_SCALE_FACTOR:g}",
            }


def _text(values: Mapping[str, str]) -> str:
    """A value as the knob carries it."""
    return ", ".join(f"{name}={values[name]}" for name in sorted(values))


def _alter(maintenance: TableMaintenance, values: Mapping[str, str]) -> str:
    """The statement a person would run."""
    set_now = ", ".join(f"{name} = {value}" for name, value in values.items() if value != "default")
    reset = ", ".join(name for name, value in values.items() if value == "default")
    parts = ([f"SET ({set_now})"] if set_now else []) + ([f"RESET ({reset})"] if reset else [])
    return f"ALTER TABLE {quoted(maintenance.schema)}.{quoted(maintenance.table)} {', '.join(parts)};"


AUTOVACUUM_BEHIND = Rule(
    id=_ID,
    title="Dead rows pile up faster than autovacuum takes them",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="what autovacuum waits for is set table by table, and no metric carries that"),
)
