"""A statement takes longer than the guide allows: guide, section 1 and bottleneck 3."""

from collections.abc import Iterator, Sequence

from advisor.model.database.workload import DatabaseState, LoggedStatement, Statement
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.model.units import format_duration
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import QueryGuide
from advisor.sql.statement_facts import facts_of, fingerprint, without_constants
from advisor_rules.advice import CODE, advice
from advisor_rules.statements.plan_reading import outline, remarks
from advisor_rules.table_load import load_of

_ID = "slow-query"
_GUIDE = "1. Query Optimization; Common Bottlenecks 3"
_MOST_FINDINGS = 20
_SPILL_BLOCKS = 100
_SHARE = 0.3


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.query
    return [
        _finding(statement, look, guide)
        for look in snapshot.databases.values()
        for statement in list(_slow(look, guide))[:_MOST_FINDINGS]
    ]


def _slow(look: DatabaseState, guide: QueryGuide) -> Iterator[Statement]:
    """By mean, the heaviest first; then what only the slow-query log shows."""
    known = set()
    for statement in look.statements:
        known.add(fingerprint(statement.text))
        if statement.mean_seconds > guide.slow_mean_seconds and facts_of(statement.text) is not None:
            yield statement
    for logged in look.logged:
        if logged.fingerprint not in known and logged.longest_seconds > guide.slow_mean_seconds:
            yield _as_statement(logged)


def _as_statement(logged: LoggedStatement) -> Statement:
    """The log holds slow executions only: a mean over them says nothing of the quick ones."""
    return Statement(
        queryid=f"log-{logged.fingerprint}",
        text=without_constants(logged.text),
        calls=logged.count,
        total_seconds=logged.total_seconds,
        mean_seconds=logged.total_seconds / logged.count,
        rows=0,
    )


def _finding(statement: Statement, look: DatabaseState, guide: QueryGuide) -> Finding:
    load = load_of(statement, look)
    calls = statement.calls_per_second(look.window_seconds)
    return Finding(
        rule=_ID,
        key=f"{look.name}/{statement.queryid}",
        severity=Severity.CRITICAL if load > 1 else Severity.WARNING,
        subject=Subject(kind="query", name=statement.queryid, namespace=look.name),
        summary=f"a statement takes {format_duration(statement.mean_seconds)} on average: {statement.text[:100]}",
        cause=_cause(statement),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="query.mean_seconds", value=statement.mean_seconds, unit="s", threshold=guide.slow_mean_seconds
            ),
            Evidence(signal="query.calls_per_second", value=calls, unit="1/s"),
            Evidence(
                signal="query.stddev_seconds",
                value="not known" if statement.stddev_seconds is None else statement.stddev_seconds,
                unit="s",
            ),
            Evidence(signal="query.rows_per_call", value=statement.rows_per_call, unit="rows"),
            Evidence(signal="query.temp_blocks", value=statement.temp_blocks, unit="blocks"),
        ),
        waste_seconds_per_second=load,
    )


def _cause(statement: Statement) -> str:
    """What the counters say; the plan, in the proposal, says which step it is."""
    seen = []
    blocks = statement.shared_blocks_hit + statement.shared_blocks_read
    if statement.queryid.startswith("log-"):
        seen.append(f"the slow-query log holds {statement.calls} executions")
    if statement.temp_blocks >= _SPILL_BLOCKS * statement.calls:
        spilled = statement.temp_blocks * 8 / 1024 / statement.calls
        seen.append(f"sorts or hashes spill {spilled:.1f} MiB a call to disk; work_mem is too small for them")
    if blocks and statement.shared_blocks_read > _SHARE * blocks:
        seen.append(f"{statement.shared_blocks_read / blocks:.0%} of its blocks are not in the buffer cache")
    if statement.plan_seconds > _SHARE * statement.total_seconds:
        seen.append("much of its time goes into planning; prepare it once")
    if statement.stddev_seconds is not None and statement.stddev_seconds > 2 * statement.mean_seconds:
        seen.append("it is usually quick and now and then very slow: locks, or parameters with many rows")
    if blocks:
        seen.append(f"{blocks / statement.calls:.0f} blocks for {statement.rows_per_call:.3g} rows a call")
    return "; ".join(seen) or "the counters do not say why"


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """What in its plan is slow, as advice; nothing where there is no planner."""
    look = snapshot.databases[finding.subject.namespace or ""]
    planner = context.statement_planners.get(look.name)
    statement = next(s for s in _slow(look, context.guide.query) if s.queryid == finding.subject.name)
    if planner is None:
        return NoProposal("nothing is at hand that could plan it for this database")
    plan = planner.plan(look, statement)
    found = remarks(plan)
    what = "; ".join(f"{r.share:.0%} of the cost: {r.what} ({r.remedy})" for r in found[:3])
    return (
        advice(
            finding,
            change=CODE,
            what=what or "no single step stands out; ask for less, or less often",
            rationale=f"the plan, whatever the parameters:\n{outline(plan)}",
            metric=signal("query.mean_seconds", database=look.name, queryid=statement.queryid),
        ),
    )


SLOW_QUERY = Rule(
    id=_ID,
    title="A statement takes longer than the guide allows",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="what single statements do stands in pg_stat_statements, which no preset carries"),
)
