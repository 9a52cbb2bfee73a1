"""One statement lists rows, and another is called once for each of them: guide, section 3, "N+1 Query Problem"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.model.database.maintenance import ForeignKey
from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import QueryGuide
from advisor.sql.statement_facts import StatementFacts, facts_of
from advisor_rules.advice import CODE, advice
from advisor_rules.table_load import load_of

_ID = "n-plus-one"
_GUIDE = "3. Optimize Query Structure, N+1 Query Problem"
_FEWEST_CALLS = 20
_LEAST_MATCH, _MOST_MATCH = 0.5, 1.25
"""Child's calls / parent's rows: below 1 where a session knows some rows already, hardly above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loop:
    """parent lists rows; child is called for each, by `key`."""

    parent: Statement
    child: Statement
    key: ForeignKey

    @property
    def ratio(self) -> float:
        return self.child.calls / self.parent.calls

    @property
    def mismatch(self) -> float:
        return abs(self.child.calls - self.parent.rows) / max(1, self.parent.rows)


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(loop, look, context.guide.query)
        for look in snapshot.databases.values()
        for loop in _loops(look, context.guide.query)
    ]


def _loops(look: DatabaseState, guide: QueryGuide) -> Iterator[_Loop]:
    """For each child the parent whose rows its calls match best."""
    read = [(statement, facts) for statement in look.statements if (facts := facts_of(statement.text)) is not None]
    parents = [(s, r) for s, r in read if r.is_read and not r.returns_one]
    for child, facts in read:
        if child.calls < _FEWEST_CALLS or not facts.is_read or len(facts.uses) != 1:
            continue
        loops = [
            _Loop(parent=parent, child=child, key=key)
            for key, parent_table in _keys(facts, look)
            for parent, other in parents
            if parent.queryid != child.queryid and other.reads(*parent_table) and not _is_child_like(other, facts)
        ]
        fitting = [loop for loop in loops if _fits(loop, guide)]
        if fitting:
            yield min(fitting, key=lambda loop: loop.mismatch)


def _keys(facts: StatementFacts, look: DatabaseState) -> Iterator[tuple[ForeignKey, tuple[str, str]]]:
    """The foreign keys the child is looked up by, and the table its parent must read.

    Children of one row (`WHERE user_id = $1`): the parent reads the referenced table. The one row that a row points at
    (`WHERE id = $1`): the parent reads the table that points.
    """
    use = facts.uses[0]
    for key in look.foreign_keys:
        if use.table == key.table and use.schema in ("", key.schema) and set(key.columns) <= set(use.equal):
            yield key, (key.referenced_schema, key.referenced_table)
        is_referenced = use.table == key.referenced_table and use.schema in ("", key.referenced_schema)
        if is_referenced and set(key.referenced_columns) == set(use.equal):
            yield key, (key.schema, key.table)


def _is_child_like(parent: StatementFacts, child: StatementFacts) -> bool:
    """The same look-up in other words, such as with other columns: it is no parent."""
    return any(use.table == child.uses[0].table and set(use.equal) == set(child.uses[0].equal) for use in parent.uses)


def _fits(loop: _Loop, guide: QueryGuide) -> bool:
    if loop.ratio < guide.n_plus_one_ratio or loop.parent.rows_per_call < guide.n_plus_one_ratio:
        return False
    return _LEAST_MATCH <= loop.child.calls / max(1, loop.parent.rows) <= _MOST_MATCH


def _finding(loop: _Loop, look: DatabaseState, guide: QueryGuide) -> Finding:
    child, parent = loop.child, loop.parent
    load = load_of(child, look)
    return Finding(
        rule=_ID,
        key=f"{look.name}/{child.queryid}",
        severity=Severity.CRITICAL if load > 1 else Severity.WARNING,
        subject=Subject(kind="query", name=child.queryid, namespace=look.name),
        summary=f"a statement is called {loop.ratio:.1f} times for each call of another: {child.text[:100]}",
        cause=(
            f"it looks rows up by {loop.key.table}({', '.join(loop.key.columns)}), once for each of the "
            f"{parent.rows_per_call:.1f} rows that the other returns on average: {parent.text[:100]}"
        ),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="query.calls_per_parent_call", value=loop.ratio, unit="calls", threshold=guide.n_plus_one_ratio
            ),
            Evidence(signal="query.calls_per_second", value=child.calls_per_second(look.window_seconds), unit="1/s"),
            Evidence(signal="parent.rows_per_call", value=parent.rows_per_call, unit="rows"),
            Evidence(signal="parent.queryid", value=parent.queryid, unit=""),
        ),
        # One statement for all rows at once costs about as much as one of them now.
        waste_seconds_per_second=load * (1 - 1 / loop.ratio),
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    look = snapshot.databases[finding.subject.namespace or ""]
    loop = next(found for found in _loops(look, context.guide.query) if found.child.queryid == finding.subject.name)
    key = loop.key
    return (
        advice(
            finding,
            change=CODE,
            what=(
                f"load {key.table} with {key.referenced_table} at once: selectinload() or joinedload() on the "
                f"relationship in SQLAlchemy, or one statement with {key.columns[0]} = ANY($1)"
            ),
            rationale=(
                f"{loop.child.calls} calls against {loop.parent.rows} rows of {loop.parent.calls} calls of the parent; "
                "every call also waits for the network, which the database does not see"
            ),
            metric=signal("query.calls_per_second", database=look.name, queryid=loop.child.queryid),
            gain_seconds_per_second=finding.waste_seconds_per_second,
        ),
    )


N_PLUS_ONE = Rule(
    id=_ID,
    title="A statement is called once for each row of another",
    guide=_GUIDE,
    needs=needs("statements"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="two statements of one loop are told by their texts, which no metric carries"),
)
