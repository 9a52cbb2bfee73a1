"""The database server has no processor time left: guide, bottleneck 3, "Database CPU high"."""

from collections.abc import Sequence

from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.sql.statement_facts import facts_of
from advisor_rules.advice import CAPACITY, CODE, advice
from advisor_rules.table_load import load_of

_ID = "db-cpu-bound"
_GUIDE = "Common Bottlenecks 1 and 3"
_FEWEST_LOOKS = 5
_ONE_STATEMENT = 0.5
_MOSTLY_READS = 0.5


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(look, wanted, cores, context)
        for look in snapshot.databases.values()
        if (cores := look.cpu_cores) is not None
        and (wanted := look.on_cpu_mean) is not None
        and look.activity_looks >= _FEWEST_LOOKS  # one look is a moment: several must show it
        and wanted / cores >= context.guide.transaction.cpu_ratio
    ]


def _finding(look: DatabaseState, wanted: float, cores: int, context: RuleContext) -> Finding:
    heaviest = look.statements[0] if look.statements else None
    text = f"; the heaviest statement: {heaviest.text[:120]}" if heaviest is not None else ""
    return Finding(
        rule=_ID,
        key=look.name,
        severity=Severity.CRITICAL if wanted > 2 * cores else Severity.WARNING,
        subject=Subject(kind="database", name=look.name),
        summary=f"{wanted:.1f} sessions want a processor at the same time, and there are {cores}",
        cause=f"active and waiting for nothing, mean of {look.activity_looks} looks{text}",
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="postgres.sessions_on_cpu",
                value=wanted,
                unit="sessions",
                threshold=context.guide.transaction.cpu_ratio * cores,
            ),
            Evidence(signal="statements.read_ratio", value=_read_ratio(look), unit="ratio"),
        ),
        waste_seconds_per_second=max(0.0, wanted - cores),  # those that queue for a processor
    )


def _read_ratio(look: DatabaseState) -> float:
    """Share of the statements' time that a replica could take: SELECTs that lock and write nothing."""
    known = [(s.total_seconds, facts) for s in look.statements if (facts := facts_of(s.text)) is not None]
    total = sum(seconds for seconds, _ in known)
    return sum(seconds for seconds, facts in known if facts.is_read) / total if total > 0 else 0.0


def _dominant(look: DatabaseState) -> Statement | None:
    total = sum(statement.total_seconds for statement in look.statements)
    heaviest = max(look.statements, key=lambda statement: statement.total_seconds, default=None)
    return heaviest if heaviest is not None and heaviest.total_seconds >= _ONE_STATEMENT * total else None


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """One statement that takes half of it comes first; then replicas for reads, or a larger server for writes."""
    look = snapshot.databases[finding.subject.name]
    metric = signal("postgres.sessions_on_cpu", database=look.name)
    dominant = _dominant(look)
    if dominant is not None:
        rationale = (
            f"it takes {load_of(dominant, look):.2f} of {look.cpu_cores} processors: more than all others together"
        )
        what = f"make one statement cheaper before buying anything: {dominant.text[:160]}"
        return (advice(finding, change=CODE, what=what, rationale=rationale, metric=metric),)
    reads = _read_ratio(look)
    if reads >= _MOSTLY_READS:
        rationale = f"{reads:.0%} of the statements' time are reads; a replica lags behind by moments: reads that may"
        what = "send reads that may be a moment old to a read replica"
        return (advice(finding, change=CAPACITY, what=what, rationale=rationale, metric=metric),)
    rationale = f"only {reads:.0%} of the statements' time are reads, which a replica could take"
    what = "give the server more processors, or write less: batches, fewer indexes"
    return (advice(finding, change=CAPACITY, what=what, rationale=rationale, metric=metric),)


DB_CPU_BOUND = Rule(
    id=_ID,
    title="The database server has no processor time left",
    guide=_GUIDE,
    needs=needs("database", "sessions", "cpu cores"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="which sessions are on a processor is asked of Postgres; no preset carries it"),
)
