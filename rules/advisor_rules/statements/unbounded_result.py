"""A statement returns more rows than anybody reads, or pages deep by OFFSET: guide, section 3, "Pagination"."""

from collections.abc import Sequence

from advisor.model.database.workload import DatabaseState, Index, Statement
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import QueryGuide
from advisor.sql.identifier import unquoted
from advisor.sql.keyset import next_page, offset_of
from advisor.sql.shape import TableUse
from advisor.sql.statement_facts import StatementFacts, facts_of, fingerprint
from advisor_rules.advice import CODE, advice
from advisor_rules.table_load import load_of

_ID = "unbounded-result"
_GUIDE = "3. Optimize Query Structure, Pagination"
_PAGE = 20
"""Rows of a page in the guide's example."""
_IN_WORDS = "sort by a key that no two rows share, and ask for what follows the last row of the page before"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    findings = []
    for look in snapshot.databases.values():
        for statement in look.statements:
            facts = facts_of(statement.text)
            if facts is None or not facts.is_read or not facts.tables:
                continue
            if _is_unbounded(statement, facts, context.guide.query):
                findings.append(_unbounded(statement, look, context.guide.query))
            elif _is_deep(statement, facts, look, context.guide.query):
                findings.append(_deep(statement, look, context.guide.query))
    return findings


def _is_unbounded(statement: Statement, facts: StatementFacts, guide: QueryGuide) -> bool:
    return not facts.has_limit and not facts.returns_one and statement.rows_per_call >= guide.unbounded_rows


def _is_deep(statement: Statement, facts: StatementFacts, look: DatabaseState, guide: QueryGuide) -> bool:
    """OFFSET reads what it skips: many blocks for few rows, and nothing else that they could be read for."""
    if not facts.has_offset or not facts.has_limit:
        return False
    blocks = _blocks_per_call(statement)
    if blocks < guide.deep_offset_blocks or blocks <= 2 * statement.rows_per_call:
        return False
    known = _offset(statement, look)
    return known > statement.rows_per_call if known is not None else _comes_in_order(facts, look)


def _offset(statement: Statement, look: DatabaseState) -> int | None:
    """As the text has it, or one of the same shape in the slow-query log; None where only a parameter is seen."""
    shape = fingerprint(statement.text)
    texts = [statement.text, *(logged.text for logged in look.logged if logged.fingerprint == shape)]
    found = [offset for text in texts if (offset := offset_of(text)) is not None]
    return max(found, default=None)


def _comes_in_order(facts: StatementFacts, look: DatabaseState) -> bool:
    """Whether an index gives the rows as they are asked for, or nothing is asked for: then what is read is skipped.

    Where they must be searched and sorted first, every page costs as much, also one with OFFSET 0.
    """
    (use, *others) = facts.uses
    if others:
        return False
    if not use.equal and not use.ranges and not facts.sorted_by:
        return True
    wanted = {*use.equal, *use.ranges, *use.sorted_by}
    return any(
        index.is_valid and " WHERE " not in index.definition and wanted and wanted == {*_names(index)[: len(wanted)]}
        for index in look.indexes
        if index.table == use.table and use.schema in ("", index.schema)
    )


def _names(index: Index) -> list[str]:
    return [unquoted(column) for column in index.columns]


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
    unique = _unique(facts.uses[0], look) if facts is not None and facts.uses else ()
    sql = next_page(statement.text, unique, _PAGE)
    return (
        advice(
            finding,
            change=CODE,
            what=f"return pages by key: {sql or _IN_WORDS}",
            rationale=(
                "the next page begins after the last row of this one, so that an index finds it at once; OFFSET would "
                "read all earlier pages again"
            ),
            metric=signal("query.mean_seconds", database=look.name, queryid=statement.queryid),
            gain_seconds_per_second=finding.waste_seconds_per_second,
        ),
    )


def _unique(use: TableUse, look: DatabaseState) -> tuple[str, ...]:
    """Columns that tell the table's rows apart: of the constraint with the fewest, else of a unique index."""
    found = [
        index
        for index in look.indexes
        if index.is_unique and index.is_valid and index.table == use.table and use.schema in ("", index.schema)
        if " WHERE " not in index.definition and "(" not in "".join(index.columns)
    ]
    found.sort(key=lambda index: (not index.name.endswith("_pkey"), not index.backs_constraint, len(index.columns)))
    return tuple(_names(found[0])) if found else ()


UNBOUNDED_RESULT = Rule(
    id=_ID,
    title="A statement returns more rows than a page, or pages deep by OFFSET",
    guide=_GUIDE,
    needs=needs("statements"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="whether a statement has a limit is told by its text, which no metric carries"),
)
