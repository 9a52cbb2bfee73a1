"""A hand-made diagnosis with a little of everything, some of it hostile."""

from datetime import UTC, datetime

from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.knob import knob_target
from advisor.model.proposal import Proposal
from advisor.model.report import Choice, Diagnosis, RuleResult, RuleStatus, Waiting
from advisor.model.snapshot import Snapshot, SourceReport, SourceStatus
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
