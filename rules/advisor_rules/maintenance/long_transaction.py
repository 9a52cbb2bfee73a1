"""A transaction stays open for long: it holds locks and keeps VACUUM from removing anything. Guide, bottleneck 1."""

from collections.abc import Sequence

from advisor.model.database.maintenance import OpenTransaction
from advisor.model.database.workload import DatabaseState
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.model.units import format_duration
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import RuleAlert
from advisor.settings.guide import GuideSettings, TransactionGuide
from advisor.sql.statement_facts import without_constants
from advisor_rules.advice import CODE, advice

_ID = "long-transaction"
_GUIDE = "Common Bottlenecks 1, Review long-running queries"
_CRITICAL_TIMES = 12
"""Of the threshold: an hour by default."""


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.transaction
    return [
        _finding(transaction, look, guide)
        for look in snapshot.databases.values()
        for transaction in look.transactions
        if transaction.open_seconds >= guide.long_seconds
    ]


def _key(transaction: OpenTransaction) -> str:
    return f"pid {transaction.pid}" if transaction.pid else f"prepared {transaction.statement}"


def _shown(transaction: OpenTransaction) -> str:
    """What it runs or ran last, without anybody's data; a prepared one's name."""
    if transaction.state == "prepared":
        return transaction.statement
    return " ".join(without_constants(transaction.statement).split())[:160]


def _finding(transaction: OpenTransaction, look: DatabaseState, guide: TransactionGuide) -> Finding:
    who = transaction.application or transaction.role or "somebody"
    doing = f"{transaction.state} for {format_duration(transaction.state_seconds)}"
    return Finding(
        rule=_ID,
        key=f"{look.name}/{_key(transaction)}",
        severity=(
            Severity.CRITICAL if transaction.open_seconds >= _CRITICAL_TIMES * guide.long_seconds else Severity.WARNING
        ),
        subject=Subject(kind="session", name=_key(transaction), namespace=look.name),
        summary=f"a transaction of {who} has been open for {format_duration(transaction.open_seconds)}",
        cause=(
            f"{_key(transaction)} ({transaction.role}@{transaction.client or 'server'}) is {doing}: "
            f"{_shown(transaction)}"
        ),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="transaction.open_seconds",
                value=transaction.open_seconds,
                unit="s",
                threshold=guide.long_seconds,
            ),
            Evidence(signal="transaction.horizon_age", value=transaction.horizon_age, unit="transactions"),
            Evidence(signal="transaction.state", value=transaction.state, unit=""),
        ),
        waste_seconds_per_second=0.0,  # what it costs shows in other rules: dead rows, waits for locks
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    look = snapshot.databases[finding.subject.namespace or ""]
    transaction = next(t for t in look.transactions if _key(t) == finding.subject.name)
    if transaction.state == "prepared":
        name = transaction.statement.replace("'", "''")
        what = f"COMMIT PREPARED '{name}'; or ROLLBACK PREPARED '{name}'; whoever prepared it has forgotten it"
    elif transaction.is_idle:
        what = f"end it in the code that left it open; now: SELECT pg_terminate_backend({transaction.pid});"
    else:
        what = (
            f"work in smaller pieces, each with a COMMIT; to stop it now: SELECT pg_cancel_backend({transaction.pid});"
        )
    return (
        advice(
            finding,
            change=CODE,
            what=what,
            rationale=(
                f"{transaction.horizon_age} transactions have begun since the oldest one it may still see; dead rows "
                "of all of them stay, in every table"
            ),
            metric=signal("transaction.open_seconds", database=look.name),
        ),
    )


def _expressions(guide: GuideSettings) -> Sequence[str]:
    return (f"%postgres.longest_transaction_seconds% > {guide.transaction.long_seconds:g}",)


LONG_TRANSACTION = Rule(
    id=_ID,
    title="A transaction stays open for long",
    guide=_GUIDE,
    needs=needs("database", "sessions"),
    diagnose=_diagnose,
    propose=_propose,
    alert=RuleAlert(expressions=_expressions, summary="a transaction on {{ $labels.database }} has been open for long"),
)
