"""All pools together may open more connections than the server takes: guide, section 4."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.model.database.workload import DatabaseState
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import RuleAlert
from advisor.settings.guide import GuideSettings
from advisor_rules.advice import SERVER, advice
from advisor_rules.pool.most_replicas import MostReplicas, most_replicas
from advisor_rules.pool.reading import PoolReading, facing_the_server, pool_readings

_ID = "connections-budget"
_GUIDE = "4. Connection Pool Tuning"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What one pool may open. each: processes of one replica, all with the pool. sum_text: its connections reckoned."""

    pool: str
    size: int
    overflow: int
    processes: int
    each: int
    most: MostReplicas
    limits: str

    @property
    def capacity(self) -> int:
        return self.size + self.overflow

    @property
    def connections(self) -> int:
        return self.most.total * self.each * self.capacity

    @property
    def sum_text(self) -> str:
        """Such as "(10 replicas + 3 surge) x 2 processes x (5 + 10) = 390"."""
        workers = f"{self.each} process{'' if self.each == 1 else 'es'}"
        replicas = f"({self.most.replicas} replicas + {self.most.surge} surge)"
        return f"{replicas} x {workers} x ({self.size} + {self.overflow}) = {self.connections}"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    found = []
    for look in snapshot.databases.values():
        claims = _claims(look, snapshot, context)
        if claims and sum(claim.connections for claim in claims) > _budget(look, context):
            found.append(_finding(claims, look, context))
    return found


def _budget(look: DatabaseState, context: RuleContext) -> int:
    return look.max_connections - look.reserved_connections - context.guide.pool.connection_reserve


def _claims(look: DatabaseState, snapshot: Snapshot, context: RuleContext) -> Sequence[_Claim]:
    """The pools that lead to this database, as far as their processes are counted."""
    pools = [pool for pool in pool_readings(snapshot) if context.database_of(pool.app, snapshot) is look]
    claims = (_claim(reading, snapshot, context) for reading in facing_the_server(pools))
    return [claim for claim in claims if claim is not None]


def _claim(reading: PoolReading, snapshot: Snapshot, context: RuleContext) -> _Claim | None:
    """Each process has the pool once: a replica of several workers, several times. None: nobody counts them."""
    if reading.processes is None:
        return None
    most = most_replicas(reading, reading.processes, snapshot, context)
    return _Claim(
        pool=reading.name,
        size=reading.size,
        overflow=reading.max_overflow or 0,
        processes=reading.processes,
        each=max(1, math.ceil(reading.processes / (reading.replicas or most.now))),
        most=most,
        limits=reading.make.limits,
    )


def _finding(claims: Sequence[_Claim], look: DatabaseState, context: RuleContext) -> Finding:
    total, budget = sum(claim.connections for claim in claims), _budget(look, context)
    now = sum(claim.capacity * claim.processes for claim in claims)
    parts = "; ".join(f"{claim.pool}: {claim.sum_text} ({claim.most.why})" for claim in claims)
    return Finding(
        rule=_ID,
        key=look.name,
        severity=Severity.CRITICAL if now > budget else Severity.WARNING,
        subject=Subject(kind="database", name=look.name),
        summary=f"the pools may open {total} connections; the server has {budget} for them",
        cause=(
            f"{parts}; max_connections {look.max_connections} less {look.reserved_connections} reserved and "
            f"{context.guide.pool.connection_reserve} for people and tools"
        ),
        guide=_GUIDE,
        evidence=(
            Evidence(signal="pools.most_connections", value=total, unit="connections", threshold=budget),
            Evidence(signal="pools.connections_now", value=now, unit="connections"),
            Evidence(signal="postgres.max_connections", value=look.max_connections, unit="connections"),
            *(Evidence(signal=f"pools.{claim.pool}.at_most", value=claim.sum_text, unit="") for claim in claims),
        ),
        waste_seconds_per_second=0.0,  # a limit not reached yet costs nobody any time
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """Smaller pools that together fit, or a pooler in between; a larger max_connections costs memory."""
    look = snapshot.databases[finding.subject.name]
    claims = _claims(look, snapshot, context)
    budget = _budget(look, context)
    share = budget / sum(claim.connections for claim in claims)
    sizes = "; ".join(
        f"{claim.pool}: at most {max(1, math.floor(claim.capacity * share))} a process" for claim in claims
    )
    limits = " and ".join(dict.fromkeys(claim.limits for claim in claims))
    return (
        advice(
            finding,
            change=SERVER,
            what=f"make {limits} fit ({sizes}), or put PgBouncer in transaction mode in between",
            rationale=(
                f"at {share:.0%} of their present size the pools fit; the last instances to start would otherwise be "
                "refused with 'too many clients', just when the load is highest"
            ),
            metric=signal("pools.most_connections", database=look.name),
        ),
    )


def _expressions(guide: GuideSettings) -> Sequence[str]:
    """What the pools may open, or what is open where pools are not measured."""
    left = f"on () (%postgres.max_connections% - {guide.pool.connection_reserve})"
    return (
        f"sum(%pool.instances% * (%pool.size% + %pool.max_overflow%)) > {left}",
        f"sum(%postgres.connections%) > {left}",
    )


CONNECTIONS_BUDGET = Rule(
    id=_ID,
    title="All pools together may open more connections than the server takes",
    guide=_GUIDE,
    needs=needs("database", "pool.size"),
    uses=("pool.max_overflow", "pool.instances", "pool.in_use"),
    diagnose=_diagnose,
    propose=_propose,
    alert=RuleAlert(expressions=_expressions, summary="the pools may open more connections than the server accepts"),
)
