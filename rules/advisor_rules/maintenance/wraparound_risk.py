"""Transaction ids run out when old rows are not frozen in time: the server then stops accepting writes."""

from collections.abc import Sequence

from advisor.model.database.maintenance import DatabaseAge
from advisor.model.database.workload import DatabaseState
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import TransactionGuide
from advisor.sql.identifier import quoted
from advisor_rules.advice import SERVER, advice
from advisor_rules.maintenance.proposal import holding_back

_ID = "wraparound-risk"
_GUIDE = "5. Database Maintenance"
_LIMIT = 2**31
_OLDEST_TABLES = 5


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(age, look, context)
        for look in snapshot.databases.values()
        for age in look.ages
        if _is_at_risk(age, look, context.guide.transaction)
    ]


def _ratio(age: DatabaseAge) -> float:
    return max(age.transactions, age.multixacts) / _LIMIT


def _is_at_risk(age: DatabaseAge, look: DatabaseState, guide: TransactionGuide) -> bool:
    """Near the end, or far beyond the age at which autovacuum must have frozen everything."""
    return _ratio(age) >= guide.age_ratio or age.transactions >= guide.freeze_overdue_ratio * look.vacuum.freeze_max_age


def _finding(age: DatabaseAge, look: DatabaseState, context: RuleContext) -> Finding:
    guide = context.guide.transaction
    holder = holding_back(look, context.guide)
    held = f"; a transaction of {holder.application or holder.role} (pid {holder.pid}) holds it back" if holder else ""
    return Finding(
        rule=_ID,
        key=f"{look.name}/{age.database}",
        severity=Severity.CRITICAL if _ratio(age) >= guide.critical_age_ratio else Severity.WARNING,
        subject=Subject(kind="database", name=age.database, namespace=look.name),
        summary=f"the oldest row of {age.database} not frozen is {age.transactions:,} transactions old",
        cause=(
            f"{_ratio(age):.0%} of the ids there are; autovacuum freezes at {look.vacuum.freeze_max_age:,} and does "
            f"not get through{held}"
        ),
        guide=_GUIDE,
        evidence=(
            Evidence(signal="database.age_ratio", value=_ratio(age), unit="ratio", threshold=guide.age_ratio),
            Evidence(
                signal="database.transaction_age",
                value=age.transactions,
                unit="transactions",
                threshold=guide.freeze_overdue_ratio * look.vacuum.freeze_max_age,
            ),
            Evidence(signal="database.multixact_age", value=age.multixacts, unit="multixacts"),
        ),
        waste_seconds_per_second=0.0,  # costs nothing until it stops everything
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    look = snapshot.databases[finding.subject.namespace or ""]
    oldest = sorted(look.maintenance, key=lambda maintenance: -maintenance.transaction_age)[:_OLDEST_TABLES]
    commands = " ".join(f"VACUUM (FREEZE) {quoted(table.schema)}.{quoted(table.table)};" for table in oldest)
    return (
        advice(
            finding,
            change=SERVER,
            what=(
                "end what holds it back (old transactions, prepared ones, replication slots: pg_prepared_xacts, "
                f"pg_replication_slots), then, oldest first: {commands or 'VACUUM (FREEZE);'}"
            ),
            rationale="at 2^31 transactions the server refuses every write until old rows are frozen",
            metric=signal("database.transaction_age", database=finding.subject.name),
        ),
    )


WRAPAROUND_RISK = Rule(
    id=_ID,
    title="Transaction ids run out because old rows are not frozen",
    guide=_GUIDE,
    needs=needs("database"),
    diagnose=_diagnose,
    propose=_propose,
    alert=NotByMetrics(why="the age of rows that are not frozen is read from Postgres; no preset carries it"),
)
