"""Connections sit idle in a transaction: taken, and not given back. Guide, section 4 and bottlenecks 1 and 2."""

from collections.abc import Iterator, Mapping, Sequence

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

_ID = "connection-leak"
_GUIDE = "4. Connection Pool Tuning; Common Bottlenecks 1 and 2"
_CRITICAL_SHARE = 0.2
"""Of max_connections, from which leaked connections soon keep others out."""


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(who, found, look, context.guide.transaction)
        for look in snapshot.databases.values()
        for who, found in _leaks(look, context.guide.transaction).items()
    ]


def _leaks(look: DatabaseState, guide: TransactionGuide) -> Mapping[str, list[OpenTransaction]]:
    """Sessions idle in a transaction for too long, by application, the oldest first."""
    leaks: dict[str, list[OpenTransaction]] = {}
    for transaction in look.transactions:
        if transaction.is_idle and transaction.state_seconds >= guide.idle_seconds:
            leaks.setdefault(transaction.application or transaction.role or "unnamed", []).append(transaction)
    for found in leaks.values():
        found.sort(key=lambda transaction: -transaction.state_seconds)
    return leaks


def _finding(who: str, found: Sequence[OpenTransaction], look: DatabaseState, guide: TransactionGuide) -> Finding:
    oldest = found[0]
    is_critical = len(found) >= _CRITICAL_SHARE * look.max_connections
    return Finding(
        rule=_ID,
        key=f"{look.name}/{who}",
        severity=Severity.CRITICAL if is_critical else Severity.WARNING,
        subject=Subject(kind="application", name=who, namespace=look.name),
        summary=(
            f"{len(found)} connection(s) of {who} sit idle in a transaction, the longest for "
            f"{format_duration(oldest.state_seconds)}"
        ),
        cause="; ".join(_described(found)),
        guide=_GUIDE,
        evidence=(
            Evidence(
                signal="transaction.idle_seconds", value=oldest.state_seconds, unit="s", threshold=guide.idle_seconds
            ),
            Evidence(signal="transaction.idle_connections", value=len(found), unit="connections"),
            Evidence(signal="postgres.connections", value=look.activity.total, unit="connections"),
        ),
        waste_seconds_per_second=0.0,  # nobody waits for them yet; when somebody does, pool-exhaustion says so
    )


def _described(found: Sequence[OpenTransaction]) -> Iterator[str]:
    """Who, since when, what; the three oldest."""
    for one in found[:3]:
        yield (
            f"pid {one.pid} ({one.role}@{one.client}) idle for {format_duration(one.state_seconds)} after: "
            f"{' '.join(without_constants(one.statement).split())[:120]}"
        )
    if len(found) > 3:
        yield f"and {len(found) - 3} more"


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """Only the code can give them back; ending sessions is a person's decision."""
    look = snapshot.databases[finding.subject.namespace or ""]
    found = _leaks(look, context.guide.transaction)[finding.subject.name]
    limit = format_duration(context.guide.transaction.idle_seconds)
    return (
        advice(
            finding,
            change=CODE,
            what=(
                "commit or roll back on every path (a with block or finally); to free them now: "
                + " ".join(f"SELECT pg_terminate_backend({transaction.pid});" for transaction in found)
            ),
            rationale=(
                f"as a net: ALTER ROLE {found[0].role} SET idle_in_transaction_session_timeout = '{limit}' ends such "
                "sessions by itself; they hold locks and keep VACUUM from removing dead rows"
            ),
            metric=signal("transaction.idle_seconds", database=look.name, application=finding.subject.name),
        ),
    )


def _expressions(guide: GuideSettings) -> Sequence[str]:
    """As the agents see it, or the server."""
    agents = f"(%pool.longest_checkout_seconds% > {guide.pool.leak_seconds:g})"
    server = f"(%postgres.longest_idle_in_transaction_seconds% > {guide.transaction.idle_seconds:g})"
    return f"{agents} or {server}", agents, server


CONNECTION_LEAK = Rule(
    id=_ID,
    title="Connections sit idle in a transaction",
    guide=_GUIDE,
    needs=needs("database", "sessions"),
    diagnose=_diagnose,
    propose=_propose,
    alert=RuleAlert(expressions=_expressions, summary="a connection is held and not given back"),
)
