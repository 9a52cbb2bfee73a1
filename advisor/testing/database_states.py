"""Ready-made looks at a database, for the rules that judge one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from advisor.model.database.maintenance import TableMaintenance
from advisor.model.database.workload import Activity, DatabaseState, Statement, Table
from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.signal import Measured, Reading, SignalKey
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext
from advisor.settings.guide import GuideSettings
from advisor.testing.models import FakeAutoscalerModel, FakeLoadClassifier
from advisor.testing.words import NOON
from advisor.whatif.cache import ReuseCache
from advisor.whatif.pool import ErlangPool


def a_statement(text: str, **changes: Any) -> Statement:
    """1,000 calls of 1 ms and one row each; its id follows from the text."""
    calls = changes.get("calls", 1000)
    mean = changes.get("mean_seconds", 0.001)
    statement = Statement(
        queryid=f"q{abs(hash(text)) % 10**6}",
        text=text,
        calls=calls,
        total_seconds=calls * mean,
        mean_seconds=mean,
        rows=calls,
    )
    return replace(statement, **changes)


def a_table(name: str, **changes: Any) -> Table:
    """100,000 rows, 20 MB, nothing happened to it."""
    table = Table(
        schema="public",
        name=name,
        rows=100_000,
        size_bytes=20_000_000,
        sequential_scans=0,
        sequential_rows_read=0,
        index_scans=0,
        rows_inserted=0,
        rows_updated=0,
        rows_deleted=0,
    )
    return replace(table, **changes)


def a_table_maintenance(table: str, **changes: Any) -> TableMaintenance:
    """100,000 live rows, none dead, none changed, analysed and vacuumed an hour ago."""
    maintenance = TableMaintenance(
        schema="public",
        table=table,
        live_rows=100_000,
        dead_rows=0,
        changed_since_analyze=0,
        inserted_since_vacuum=0,
        analyzed_at=NOON - timedelta(hours=1),
        vacuumed_at=NOON - timedelta(hours=1),
    )
    return replace(maintenance, **changes)


def a_database_state(*statements: Statement, **changes: Any) -> DatabaseState:
    """1,000 seconds of a PostgreSQL 18 with 100 connections."""
    look = DatabaseState(
        name="main",
        taken_at=NOON,
        window_seconds=1000,
        is_first_look=False,
        server_version=180000,
        is_in_recovery=False,
        max_connections=100,
        reserved_connections=3,
        has_statements=True,
        has_hypopg=False,
        statements=statements,
        tables=(),
        indexes=(),
        activity=Activity(
            total=10, active=1, idle_in_transaction=0, longest_idle_in_transaction_seconds=0, longest_query_seconds=0
        ),
    )
    return replace(look, **changes)


def a_snapshot(look: DatabaseState, signals: Mapping[SignalKey, float] | None = None) -> Snapshot:
    readings: dict[SignalKey, Reading] = {key: Measured(value=value, at=NOON) for key, value in (signals or {}).items()}
    return Snapshot(taken_at=NOON, window_seconds=1000, signals=readings, databases={look.name: look})


def a_context(**changes: Any) -> RuleContext:
    context = RuleContext(
        guide=GuideSettings(),
        pool_model=ErlangPool(),
        cache_model=ReuseCache(),
        autoscaler_model=FakeAutoscalerModel(),
        load_classifier=FakeLoadClassifier(),
        index_planners={},
    )
    return replace(context, **changes)


def ask(
    rule: Rule,
    look: DatabaseState,
    context: RuleContext | None = None,
    signals: Mapping[SignalKey, float] | None = None,
) -> tuple[Sequence[Finding], Sequence[Proposal]]:
    """What the rule finds in the look, and proposes."""
    snapshot, chosen = a_snapshot(look, signals), context or a_context()
    findings = rule.diagnose(snapshot, chosen)
    return findings, [p for finding in findings for p in rule.propose(finding, snapshot, chosen)]
