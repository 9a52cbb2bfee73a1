"""A statement returns more rows than anybody reads, or pages deep by OFFSET: guide, section 3, "Pagination"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.model.workload import DatabaseState, Statement
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.settings.guide import QueryGuide
from advisor.sql.statement_facts import StatementFacts, facts_of
from advisor_rules.advice import CODE, advice
from advisor_rules.table_load import load_of

_ID = "unbounded-result"
_GUIDE = "3. Optimize Query Structure, Pagination"
_PAGE = 20
"""Rows of a page in the guide's example."""


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    findings = []
    for look in snapshot.databases.values():
        for statement in look.statements:
            facts = facts_of(statement.text)
            if facts is None or not facts.is_read or not facts.tables:
                continue
            if _is_unbounded(statement, facts, context.guide.query):
                findings.append(_unbounded(statement, look, context.guide.query))
            elif _is_deep(statement, facts, context.guide.query):
                findings.append(_deep(statement, look, context.guide.query))
    return findings


def _is_unbounded(statement: Statement, facts: StatementFacts, guide: QueryGuide) -> bool:
    return not facts.has_limit and not facts.returns_one and statement.rows_per_call >= guide.unbounded_rows


def _is_deep(statement: Statement, facts: StatementFacts, guide: QueryGuide) -> bool:
    """OFFSET reads what it skips: many blocks for few rows."""
    if not facts.has_offset or not facts.has_limit:
        return False
    blocks = _blocks_per_call(statement)
    return blocks >= guide.deep_offset_blocks and blocks > 2 * statement.rows_per_call


def _blocks_per_call(statement: Statement) -> float:
    return (statement.shared_blocks_hit + statement.shared_blocks_read) / max(1, statement.calls)


def _unbounded(statement: Statement, look: DatabaseState, guide: QueryGuide) -> Finding:
    rows = statement.rows_per_call
    return Finding(
        rule=_ID,
        key=f"{look.name}/{statement.queryid}",
        severity=Severity.WARNING,
        subject=Subject(kind="query", name=statement.queryid, namespace=look.name),
        summary=f"a statement returns {rows:.0f} rows a call: {statement.text[:100]}",
        cause="it has no LIMIT, so its answer grows with the table",
        guide=_GUIDE,
        evidence=(
            Evidence(signal="query.rows_per_call", value=rows, unit="rows", threshold=guide.unbounded_rows),
            Evidence(
                signal="query.calls_per_second", value=statement.calls_per_second(look.window_seconds), unit="1/s"
            ),
            Evidence(signal="query.mean_seconds", value=statement.mean_seconds, unit="s"),
        ),
        # What the rows beyond the largest page allowed cost, taken to be their share of the time.
        waste_seconds_per_second=load_of(statement, look) * (1 - guide.unbounded_rows / rows),
    )


def _deep(statement: Statement, look: DatabaseState, guide: QueryGuide) -> Finding:
    blocks = _blocks_per_call(statement)
    return Finding(
        rule=_ID,
        key=f"{look.name}/{statement.queryid}",
        severity=Severity.WARNING,
        subject=Subject(kind="query", name=statement.queryid, namespace=look.name),
        summary=(
            f"a page by OFFSET reads {blocks:.0f} blocks for {statement.rows_per_call:.0f} rows: {statement.text[:100]}"
        ),
        cause="OFFSET reads and throws away every row before the page: the deeper, the slower",
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="query.blocks_per_call", value=blocks, unit="blocks", threshold=float(guide.deep_offset_blocks)
            ),
            Evidence(signal="query.rows_per_call", value=statement.rows_per_call, unit="rows"),
            Evidence(signal="query.mean_seconds", value=statement.mean_seconds, unit="s"),
        ),
        waste_seconds_per_second=load_of(statement, look) * (1 - guide.deep_offset_blocks / blocks / 2),
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    look = snapshot.databases[finding.subject.namespace or ""]
    statement = next(known for known in look.statements if known.queryid == finding.subject.name)
    facts = facts_of(statement.text)
    columns = facts.sorted_by if facts is not None else ()
    return (
        advice(
            finding,
            change=CODE,
            what=f"return pages by key: {keyset(columns)}",
            rationale=(
                "the next page begins after the last row of this one, so that an index finds it at once; OFFSET would "
                "read all earlier pages again"
            ),
            metric=signal("query.mean_seconds", database=look.name, queryid=statement.queryid),
            gain_seconds_per_second=finding.waste_seconds_per_second,
        ),
    )


def keyset(columns: Sequence[str]) -> str:
    """The clause that turns a page; a unique last column keeps rows of the same value from being lost between pages."""
    key = list(columns) or ["id"]
    if "id" not in key:
        key.append("id")
    places = ", ".join(f"$last_{name}" for name in key)
    return f"WHERE ({', '.join(key)}) > ({places}) ORDER BY {', '.join(key)} LIMIT {_PAGE} (with < and DESC backwards)"


UNBOUNDED_RESULT = Rule(
    id=_ID,
    title="A statement returns more rows than a page, or pages deep by OFFSET",
    guide=_GUIDE,
    needs=needs("statements"),
    diagnose=_diagnose,
    propose=_propose,
)
