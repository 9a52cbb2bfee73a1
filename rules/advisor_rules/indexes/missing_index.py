"""A statement reads a large table row by row where an index would find its rows: guide, sections 1 and 2."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.forecast import IndexForecast
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.model.workload import DatabaseState, Index, Statement, Table
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.settings.guide import QueryGuide
from advisor.sql.parse import UnreadableStatementError
from advisor.sql.shape import TableUse, table_uses
from advisor_rules.indexes.by_search import found_by_search

_ID = "missing-index"
_GUIDE = "1. Query Optimization; 2. Index Optimization"
_SMALLEST_GAIN = 0.3
_LARGE_INDEX_BYTES = 1_000_000_000
_INDEX_UNCERTAINTY = 3.0


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.query
    findings: list[Finding] = []
    for look in snapshot.databases.values():
        for statement in look.statements:
            if _matters(statement, look, guide):
                findings.extend(_findings_of(statement, look, guide) or _searched(statement, look, context))
    return findings


def _matters(statement: Statement, look: DatabaseState, guide: QueryGuide) -> bool:
    load = statement.calls_per_second(look.window_seconds) * statement.mean_seconds
    return statement.mean_seconds > guide.slow_mean_seconds or load >= guide.smallest_load_ratio


def _findings_of(statement: Statement, look: DatabaseState, guide: QueryGuide) -> list[Finding]:
    try:
        uses = table_uses(statement.text)
    except UnreadableStatementError:
        return []
    for use in uses:
        table = _scanned(use, look, guide)
        if table is not None:
            return [_finding(statement, table, look, guide)]
    return []


def _searched(statement: Statement, look: DatabaseState, context: RuleContext) -> Iterator[Finding]:
    """What the search over the whole workload finds, as `advisor indexes` tells it: an index there may do little."""
    forecast, guide = found_by_search(statement, look, context), context.guide.query
    table = look.table(forecast.candidate.schema, forecast.candidate.table) if forecast else None
    if forecast is None or table is None:
        return
    less = f"would take {1 - forecast.cost_ratio:.0%} off the planner's cost ({forecast.method})"
    yield replace(
        _finding(statement, table, look, guide),
        summary=f"a statement reads much of {table.schema}.{table.name} for few rows",
        cause=f"an index on {', '.join(forecast.candidate.columns)} {less}: {statement.text[:200]}"
        + _standing_against(table, look, guide),
    )


def _scanned(use: TableUse, look: DatabaseState, guide: QueryGuide) -> Table | None:
    """The table of `use`, when it is large, is read whole, and no index leads with a column of the condition."""
    if not use.equal and not use.ranges:
        return None
    named = [table for table in look.tables if table.name == use.table and use.schema in ("", table.schema)]
    if len(named) != 1:
        return None
    table = named[0]
    if table.sequential_scans == 0 or _rows(table) < guide.smallest_table_rows:
        return None
    leading = {index.columns[0].strip('"') for index in look.indexes_of(table.schema, table.name) if _serves(index)}
    return None if leading & {*use.equal, *use.ranges} else table


def _rows(table: Table) -> float:
    """The planner's estimate; of a table that was never analysed, what one sequential scan reads (> 0 scans)."""
    return table.rows if table.rows >= 0 else table.sequential_rows_read / table.sequential_scans


def _serves(index: Index) -> bool:
    """Whether an index helps whatever the condition's constants are: a partial one only helps some."""
    return index.is_valid and bool(index.columns) and " WHERE " not in index.definition


def _finding(statement: Statement, table: Table, look: DatabaseState, guide: QueryGuide) -> Finding:
    calls = statement.calls_per_second(look.window_seconds)
    slow = statement.mean_seconds > guide.slow_mean_seconds
    name = f"{table.schema}.{table.name}"
    return Finding(
        rule=_ID,
        key=f"{look.name}/{statement.queryid}",
        severity=Severity.CRITICAL if slow and calls * statement.mean_seconds > 1 else Severity.WARNING,
        subject=Subject(kind="table", name=table.name, namespace=table.schema),
        summary=f"a statement reads {name} whole, {calls:.3g} times a second",
        cause=f"no index of {name} leads with a column of its condition: {statement.text[:200]}"
        + _standing_against(table, look, guide),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="query.mean_seconds", value=statement.mean_seconds, unit="s", threshold=guide.slow_mean_seconds
            ),
            Evidence(signal="query.calls_per_second", value=calls, unit="1/s"),
            Evidence(signal="table.rows", value=_rows(table), unit="rows", threshold=guide.smallest_table_rows),
            Evidence(signal="table.sequential_scans", value=table.sequential_scans, unit="scans"),
            Evidence(signal="table.writes", value=table.writes, unit="rows"),
        ),
        waste_seconds_per_second=calls * statement.mean_seconds,
    )


def _standing_against(table: Table, look: DatabaseState, guide: QueryGuide) -> str:
    """Why no index is built all the same; "" when nothing is known to stand against it."""
    if table.rows < 0:
        return "; the table was never analysed, so that no index can be priced: ANALYZE it first"
    if _too_many_writes(table, guide):
        return f"; {table.writes} rows were written meanwhile: an index would cost more than it brings"
    if look.is_in_recovery:
        return "; this server is a replica: the index must be built on its primary"
    return ""


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """The best index for the statement; none where writes would cost more than reads gain, or nothing helps enough."""
    database, _, queryid = finding.key.rpartition("/")
    look, planner = snapshot.databases[database], context.index_planners.get(database)
    statement = next(known for known in look.statements if known.queryid == queryid)
    if planner is None:
        return ()
    guide = context.guide.query
    for forecast in planner.forecasts(look, statement):
        table = look.table(forecast.candidate.schema, forecast.candidate.table)
        if table is None or table.rows < 0 or _too_many_writes(table, guide):
            continue
        if 1 - forecast.cost_ratio >= guide.smallest_gain_ratio:
            return (_proposal(finding, forecast, statement, look, context.app_of(look.name, snapshot)),)
    return ()


def _too_many_writes(table: Table, guide: QueryGuide) -> bool:
    reads = table.sequential_scans + table.index_scans
    return table.writes > guide.heaviest_write_ratio * reads * max(1.0, table.rows / 10_000)


def _proposal(
    finding: Finding, forecast: IndexForecast, statement: Statement, look: DatabaseState, app: str
) -> Proposal:
    candidate = forecast.candidate
    mean = signal("query.mean_seconds", database=look.name, queryid=statement.queryid)
    expected = statement.mean_seconds * forecast.cost_ratio
    return Proposal(
        finding=finding.id,
        rule=_ID,
        target=knob_target(
            "postgres.index",
            database=look.name,
            schema=candidate.schema,
            table=candidate.table,
            index=candidate.name,
        ),
        current=None,
        proposed=forecast.ddl,
        unit="index",
        rationale=(
            f"the planner's cost falls from {forecast.cost_before:.0f} to {forecast.cost_after:.0f} "
            f"({forecast.method}); about {forecast.size_bytes / 1e6:.1f} MB; helps: {statement.text[:200]}"
        ),
        risk=Risk.MEDIUM if forecast.size_bytes > _LARGE_INDEX_BYTES else Risk.LOW,
        prediction=Prediction(
            signal=mean,
            unit="s",
            low=expected / _INDEX_UNCERTAINTY,
            expected=expected,
            high=min(statement.mean_seconds, expected * _INDEX_UNCERTAINTY),
            model=f"index-{forecast.method}",
        ),
        goal=Goal(signal=mean, better=Better.LOWER, minimum_gain_ratio=_SMALLEST_GAIN),
        gain_seconds_per_second=finding.waste_seconds_per_second * (1 - forecast.cost_ratio),
        app=app,
        apply=forecast.ddl + ";",
        undo=forecast.undo_ddl + ";",
        automatic=not look.is_in_recovery,
    )


MISSING_INDEX = Rule(
    id=_ID,
    title="A statement reads a large table whole where an index would find its rows",
    guide=_GUIDE,
    needs=needs("statements", "tables"),
    diagnose=_diagnose,
    propose=_propose,
)
