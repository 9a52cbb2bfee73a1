"""A hot statement whose answer seldom changes: guide, section 3, "Query Result Caching"."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.model.database.workload import DatabaseState, Statement, Table
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.model.units import format_duration
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import GuideSettings
from advisor.sql.statement_facts import StatementFacts, facts_of
from advisor_rules.advice import CODE, advice
from advisor_rules.table_load import load_of

_ID = "cacheable-query"
_GUIDE = "3. Optimize Query Structure, Query Result Caching"
_SHORTEST_TTL_SECONDS = 5.0
_LEAST_HIT_RATIO = 0.5
_TIER = "l2"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caching:
    """changes_per_second: of one answer. hit_ratio: at least, if all keys are asked for equally often."""

    statement: Statement
    load: float
    calls_per_second: float
    changes_per_second: float
    ttl_seconds: float
    keys: float
    hit_ratio: float


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    findings = []
    for look in snapshot.databases.values():
        for statement in look.statements:
            found = _judge(statement, look, context.guide)
            if found is not None:
                findings.append(_finding(found, look, context.guide))
    return findings


def _judge(statement: Statement, look: DatabaseState, guide: GuideSettings) -> _Caching | None:
    """How well a cache would serve the statement; None where it would not, or nobody can tell."""
    calls = statement.calls_per_second(look.window_seconds)
    load = load_of(statement, look)
    if look.window_seconds < guide.query.cacheable_after_seconds:
        return None
    if calls < guide.query.cacheable_calls_per_second or load < guide.query.smallest_load_ratio:
        return None
    facts = facts_of(statement.text)
    if facts is None or not facts.is_read or facts.is_momentary or not facts.tables:
        return None
    tables = [_table(look, schema, name) for schema, name in facts.tables]
    known = [table for table in tables if table is not None]
    if len(known) < len(tables):
        return None  # a view, a function, a foreign table: nothing tells when it changes
    changes = sum(_changes_per_second(table, statement, facts, look) for table in known)
    ttl = _ttl_seconds(changes, guide)
    keys = _keys(known, statement, facts)
    hit_ratio = max(0.0, 1 - keys / (calls * ttl)) if ttl > 0 else 0.0
    if ttl < _SHORTEST_TTL_SECONDS or hit_ratio < _LEAST_HIT_RATIO:
        return None
    return _Caching(
        statement=statement,
        load=load,
        calls_per_second=calls,
        changes_per_second=changes,
        ttl_seconds=ttl,
        keys=keys,
        hit_ratio=hit_ratio,
    )


def _table(look: DatabaseState, schema: str, name: str) -> Table | None:
    found = [table for table in look.tables if table.name == name and schema in ("", table.schema)]
    return found[0] if len(found) == 1 else None


def _changes_per_second(table: Table, statement: Statement, facts: StatementFacts, look: DatabaseState) -> float:
    """Writes that fall into one answer: its share of the table where a key picks rows, all of them where none does."""
    writes = table.writes / look.window_seconds
    is_keyed = any(use.table == table.name and use.equal for use in facts.uses) and facts.has_parameters
    if not is_keyed or facts.returns_one or table.rows <= 0:
        return writes
    return writes * min(1.0, max(1.0, statement.rows_per_call) / table.rows)


def _ttl_seconds(changes_per_second: float, guide: GuideSettings) -> float:
    """An answer that changes r times a second is stale for r ttl / 2 of its life: the TTL at which that is allowed."""
    longest = guide.cache.longest_ttl_seconds.get(_TIER, 300.0)
    if changes_per_second <= 0:
        return longest
    return min(longest, 2 * guide.cache.largest_stale_ratio / changes_per_second)


def _keys(tables: Sequence[Table], statement: Statement, facts: StatementFacts) -> float:
    """Distinct answers: one without parameters, else at most as many as the rows of a call fit into the tables."""
    if not facts.has_parameters:
        return 1.0
    return max(max(1.0, table.rows) / max(1.0, statement.rows_per_call) for table in tables)


def _finding(found: _Caching, look: DatabaseState, guide: GuideSettings) -> Finding:
    statement = found.statement
    return Finding(
        rule=_ID,
        key=f"{look.name}/{statement.queryid}",
        severity=Severity.INFO,
        subject=Subject(kind="query", name=statement.queryid, namespace=look.name),
        summary=(
            f"a statement is called {found.calls_per_second:.3g} times a second and its answer seldom changes: "
            f"{statement.text[:100]}"
        ),
        cause=(
            f"one answer changes {found.changes_per_second:.3g} times a second, and there are at most "
            f"{found.keys:.0f} different ones"
        ),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="query.calls_per_second",
                value=found.calls_per_second,
                unit="1/s",
                threshold=guide.query.cacheable_calls_per_second,
            ),
            Evidence(signal="answer.changes_per_second", value=found.changes_per_second, unit="1/s"),
            Evidence(signal="answer.ttl_seconds", value=found.ttl_seconds, unit="s"),
            Evidence(signal="answer.hit_ratio", value=found.hit_ratio, unit="ratio"),
        ),
        waste_seconds_per_second=found.load * found.hit_ratio,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    look = snapshot.databases[finding.subject.namespace or ""]
    statement = next(known for known in look.statements if known.queryid == finding.subject.name)
    found = _judge(statement, look, context.guide)
    if found is None:
        return NoProposal("its answers change too often for a cache")
    ttl = format_duration(found.ttl_seconds)
    return (
        advice(
            finding,
            change=CODE,
            what=f"keep its answers in the cache for {ttl}, keyed by its parameters",
            rationale=(
                f"at {ttl} at most {context.guide.cache.largest_stale_ratio:.0%} of the answers are out of date, and "
                f"at least {found.hit_ratio:.0%} of the calls are answered by the cache; drop keys on writes"
            ),
            metric=signal("query.calls_per_second", database=look.name, queryid=statement.queryid),
            gain_seconds_per_second=finding.waste_seconds_per_second,
        ),
    )


CACHEABLE_QUERY = Rule(
    id=_ID,
    title="A hot statement's answer seldom changes",
    guide=_GUIDE,
    needs=needs("statements"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(
        why="what a statement reads and how seldom that changes is told by its text, which no metric carries"
    ),
)
