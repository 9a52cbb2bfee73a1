"""A statement reads a large table row by row where an index would find its rows: guide, sections 1 and 2."""

from collections.abc import Sequence
from dataclasses import replace

from advisor.model.database.index_advice import UnpricedIndex
from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.forecast import IndexForecast
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, NoProposal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import QueryGuide
from advisor_rules.advice import CODE, SERVER, advice
from advisor_rules.indexes.by_search import lack_by_search
from advisor_rules.indexes.lack import REPLICA, Lack, doubts_of, lack_of, rows_of, standing_against

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
                lack = lack_of(statement, look, guide) or lack_by_search(statement, look, context)
                findings.extend([_finding(statement, lack, look, guide)] if lack is not None else [])
    return findings


def _matters(statement: Statement, look: DatabaseState, guide: QueryGuide) -> bool:
    load = statement.calls_per_second(look.window_seconds) * statement.mean_seconds
    return statement.mean_seconds > guide.slow_mean_seconds or load >= guide.smallest_load_ratio


def _finding(statement: Statement, lack: Lack, look: DatabaseState, guide: QueryGuide) -> Finding:
    table = lack.table
    calls = statement.calls_per_second(look.window_seconds)
    slow = statement.mean_seconds > guide.slow_mean_seconds
    against = standing_against(table) or (REPLICA if look.is_in_recovery else "")
    return Finding(
        rule=_ID,
        key=f"{look.name}/{statement.queryid}",
        severity=Severity.CRITICAL if slow and calls * statement.mean_seconds > 1 else Severity.WARNING,
        subject=Subject(kind="table", name=table.name, namespace=table.schema),
        summary=f"a statement {lack.summary}, {calls:.3g} times a second",
        cause=f"{lack.cause}: {statement.text[:200]}" + (f"; {against}" if against else ""),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="query.mean_seconds", value=statement.mean_seconds, unit="s", threshold=guide.slow_mean_seconds
            ),
            Evidence(signal="query.calls_per_second", value=calls, unit="1/s"),
            Evidence(signal="table.rows", value=rows_of(table), unit="rows", threshold=guide.smallest_table_rows),
            Evidence(signal="table.sequential_scans", value=table.sequential_scans, unit="scans"),
            Evidence(signal="table.writes", value=table.writes, unit="rows"),
        ),
        waste_seconds_per_second=calls * statement.mean_seconds,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """The best index for the statement; none where writes would cost more than reads gain, or nothing helps enough."""
    database, _, queryid = finding.key.rpartition("/")
    look, planner = snapshot.databases[database], context.index_planners.get(database)
    statement = next(known for known in look.statements if known.queryid == queryid)
    if planner is None:
        return NoProposal("nothing is at hand that could price an index of this database")
    guide, refused = context.guide.query, ""
    for forecast in planner.forecasts(look, statement):
        table = look.table(forecast.candidate.schema, forecast.candidate.table)
        reason = "the table is gone by now" if table is None else standing_against(table)
        if not reason and 1 - forecast.cost_ratio < guide.smallest_gain_ratio:
            reason = (
                f"the best index takes {1 - forecast.cost_ratio:.0%} off the planner's cost ({forecast.method}), "
                f"less than {guide.smallest_gain_ratio:.0%}"
            )
        if not reason and table is not None:
            proposal = _proposal(finding, forecast, statement, look, context.app_of(look.name, snapshot))
            doubts = doubts_of(table, look, guide)
            proposal = replace(proposal, doubts=doubts, risk=Risk.MEDIUM if doubts else proposal.risk)
            return (_with_relief(proposal, snapshot, context),)
        refused = refused or reason
    for index in planner.unpriced(look, statement):
        return (_unpriced(finding, index, look),)
    own = look.table(finding.subject.namespace or "", finding.subject.name)
    against = standing_against(own) if own is not None else ""
    return NoProposal(refused or against or planner.why_none(look, statement))


def _unpriced(finding: Finding, index: UnpricedIndex, look: DatabaseState) -> Proposal:
    """Advice alone: what nobody could price, and what the application has to change, are for a person."""
    queryid = finding.key.rpartition("/")[2]
    proposal = advice(
        finding,
        change=CODE if index.needs_code else SERVER,
        what=": ".join(filter(None, [index.reason if index.needs_code else "", f"{index.ddl};" if index.ddl else ""])),
        rationale=index.reason,
        metric=signal("query.mean_seconds", database=look.name, queryid=queryid),
    )
    return replace(proposal, undo=f"{index.undo_ddl};" if index.undo_ddl else "")


def _with_relief(proposal: Proposal, snapshot: Snapshot, context: RuleContext) -> Proposal:
    """`proposal` with the waiting for connections that ends with it, where the pool is known."""
    saved = proposal.gain_seconds_per_second
    relief = context.relief(proposal.app, saved, snapshot, context) if context.relief is not None else 0.0
    if relief <= 0:
        return proposal
    told = f"connections are held for a shorter time, which ends {relief:.3g} s/s of waiting for one"
    return replace(
        proposal,
        gain_seconds_per_second=saved + relief,
        rationale=f"{proposal.rationale}; {told}",
    )


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
            f"{_drawn(forecast)}"
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


def _drawn(forecast: IndexForecast) -> str:
    if not forecast.drawn:
        return ""
    return f"; planned with typical constants, as none is on record, for {', '.join(forecast.drawn)}"


MISSING_INDEX = Rule(
    id=_ID,
    title="A statement reads a large table whole where an index would find its rows",
    guide=_GUIDE,
    needs=needs("statements", "tables"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="whether an index would help is asked of the planner, statement by statement"),
)
