"""A hand-made diagnosis with a little of everything, some of it hostile."""

from datetime import UTC, datetime

from advisor.model.database.workload import Statement
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.knob import knob_target
from advisor.model.proposal import Proposal
from advisor.model.report import Answer, Choice, Diagnosis, RuleResult, RuleStatus, Waiting
from advisor.model.snapshot import Snapshot, SourceReport, SourceStatus
from advisor.testing.snapshots import a_database_state, a_statement
from advisor.testing.words import a_finding, a_proposal

HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> `x` | \x1b[31mred"


def pool_proposal() -> Proposal:
    return a_proposal()


def cache_finding() -> Finding:
    return a_finding(
        rule="low-cache-hit-rate",
        key="shop/users/l2",
        severity=Severity.CRITICAL,
        subject=Subject(kind="cache", name=HOSTILE, namespace="prod"),
        summary=HOSTILE,
        cause="the TTL is short",
        evidence=(Evidence(signal="cache.hit_ratio", value=float("nan"), unit="ratio", threshold=0.7),),
        waste_seconds_per_second=float("inf"),
    )


def cache_proposal() -> Proposal:
    return a_proposal(
        finding="low-cache-hit-rate/shop/users/l2",
        rule="low-cache-hit-rate",
        target=knob_target("cache.l2.ttl", app="shop", cache="users"),
        current=2.0,
        proposed=60.0,
        unit="seconds",
        apply="HSET advisor:knobs:shop ...",
    )


def a_diagnosis() -> Diagnosis:
    """A pool to enlarge now, a cache that waits, one source dead, one rule healthy and one skipped."""
    pool, cache = pool_proposal(), cache_proposal()
    return Diagnosis(
        snapshot=Snapshot(
            taken_at=datetime(2026, 1, 1, tzinfo=UTC),
            window_seconds=300,
            sources=(
                SourceReport(name="prometheus", status=SourceStatus.OK, latency_seconds=0.1),
                SourceReport(name="postgres:main", status=SourceStatus.UNAVAILABLE, detail="connection refused"),
            ),
        ),
        rules=(
            RuleResult(rule="pool-exhaustion", status=RuleStatus.FIRED),
            RuleResult(rule="low-cache-hit-rate", status=RuleStatus.FIRED),
            RuleResult(rule="missing-index", status=RuleStatus.SKIPPED, reason="no Postgres was read"),
        ),
        findings=(a_finding(), cache_finding()),
        proposals=(pool, cache),
        choice=Choice(
            proposal=pool,
            reason="saves the most",
            needs_approval=True,
            waiting=(Waiting(proposal=cache, reason="one change at a time"),),
        ),
    )


def a_quiet_diagnosis() -> Diagnosis:
    """Nothing found."""
    return Diagnosis(
        snapshot=Snapshot(taken_at=datetime(2026, 1, 1, tzinfo=UTC), window_seconds=300),
        rules=(),
        findings=(),
        proposals=(),
        choice=Choice(proposal=None, reason="nothing was proposed"),
    )


def a_large_diagnosis() -> Diagnosis:
    """An application with 30 tables, each read whole by five variants of one statement and by another one, and with two
    small indexes that do the same as a third; half of the tables have an index proposed."""
    missing = [_whole_reads(table) for table in range(30)]
    statements = [statement for read, _ in missing for statement in read]
    findings = [finding for _, found in missing for finding in found]
    proposed = {finding.id: _index_on(finding) for finding in findings if finding.subject.name[-1] in "13579"}
    proposals = tuple({proposal.id: proposal for proposal in proposed.values()}.values())
    answers = {
        finding.id: Answer(proposals=(proposed[finding.id].id,))
        if finding.id in proposed
        else Answer(reason="no index that was tried lowers the cost")
        for finding in findings
    }
    waits = "one change at a time; more is saved by another"
    return Diagnosis(
        snapshot=Snapshot(
            taken_at=datetime(2026, 1, 1, tzinfo=UTC),
            window_seconds=300,
            databases={"main": a_database_state(statements=tuple(statements))},
        ),
        rules=tuple(RuleResult(rule=f"some-rule-{number}", status=RuleStatus.HEALTHY) for number in range(20)),
        findings=(*findings, *(_duplicate(number) for number in range(60))),
        proposals=proposals,
        choice=Choice(
            proposal=proposals[0],
            reason="saves the most",
            waiting=tuple(Waiting(proposal=one, reason=waits) for one in proposals[1:]),
        ),
        answers=answers,
    )


def _whole_reads(table: int) -> tuple[list[Statement], list[Finding]]:
    lists = [", ".join(f"${number}" for number in range(1, length)) for length in range(3, 8)]
    texts = [f"SELECT a, b, c, d FROM table_{table} WHERE id IN ({values})" for values in lists]
    texts.append(f"SELECT a, b, c, d FROM table_{table} WHERE owner = $1")
    statements = [
        a_statement(text, mean_seconds=0.1, queryid=f"-{table:03}{number}00000000000")
        for number, text in enumerate(texts)
    ]
    findings = [
        a_finding(
            rule="missing-index",
            key=f"main/{statement.queryid}",
            severity=Severity.WARNING,
            subject=Subject(kind="table", name=f"table_{table}", namespace="public"),
            summary=f"a statement reads public.table_{table} whole, 2 times a second",
            cause=f"no index of public.table_{table} leads with a column of its condition: {statement.text}",
            evidence=(),
        )
        for statement in statements
    ]
    return statements, findings


def _index_on(finding: Finding) -> Proposal:
    table = finding.subject.name
    return a_proposal(
        finding=finding.id,
        rule=finding.rule,
        target=knob_target("postgres.index", database="main", schema="public", table=table, index=f"adv_{table}"),
        current=None,
        proposed="CREATE INDEX",
        unit="index",
    )


def _duplicate(number: int) -> Finding:
    return a_finding(
        rule="duplicate-index",
        key=f"main/public.t{number}_idx",
        severity=Severity.INFO,
        subject=Subject(kind="index", name=f"t{number}_idx", namespace="public"),
        evidence=(Evidence(signal="index.size_bytes", value=16_384, unit="bytes"),),
        waste_seconds_per_second=0.0,
    )
