"""Callers wait for a database connection, or connections idle: guide, section 4 and bottleneck 1."""

import math
from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.rules.pool_cause import Diagnosis, PoolCause, diagnose_pool
from advisor.rules.pool_reading import PoolReading, pool_readings
from advisor.rules.pool_size import Sizing, size_for
from advisor.rules.rule import Rule, RuleContext, needs

_ID = "pool-exhaustion"
_GUIDE = "4. Connection Pool Tuning; Common Bottlenecks 1"
_SEVERITY = {
    PoolCause.LEAK: Severity.CRITICAL,
    PoolCause.TOO_SMALL: Severity.WARNING,
    PoolCause.SLOW_STATEMENT: Severity.WARNING,
    PoolCause.STARVED_THREADS: Severity.WARNING,
    PoolCause.OVERSIZED: Severity.INFO,
}
_SMALLEST_GAIN = 0.3


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    findings = []
    for reading in pool_readings(snapshot):
        diagnosis = diagnose_pool(reading, snapshot, context.guide)
        if diagnosis is not None:
            findings.append(_finding(reading, diagnosis, context))
    return findings


def _finding(reading: PoolReading, diagnosis: Diagnosis, context: RuleContext) -> Finding:
    guide = context.guide.pool
    return Finding(
        rule=_ID,
        key=reading.app,
        severity=_SEVERITY[diagnosis.cause],
        subject=Subject(kind="pool", name=reading.app),
        summary=f"the connection pool of {reading.app}: {diagnosis.cause.value}",
        cause=diagnosis.text,
        guide=_GUIDE,
        evidence=(
            _evidence("pool.checked_out", reading.checked_out, "connections", reading.capacity * guide.exhausted_ratio),
            _evidence("pool.wait_p95_seconds", reading.wait_p95_seconds, "s", guide.wait_p95_seconds),
            _evidence("pool.wait_mean_seconds", reading.wait_mean_seconds, "s", None),
            _evidence("pool.timeouts_per_second", reading.timeouts_per_second, "1/s", 0.0),
            _evidence("pool.hold_mean_seconds", reading.hold_mean_seconds, "s", None),
            _evidence("app.threads_busy / app.thread_limit", reading.threads_busy_ratio, "ratio", 0.95),
        ),
        waste_seconds_per_second=reading.waste_seconds_per_second,
    )


def _evidence(name: str, value: float | None, unit: str, threshold: float | None) -> Evidence:
    return Evidence(signal=name, value="not known" if value is None else value, unit=unit, threshold=threshold)


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """A larger pool for one that is too small, a smaller one for one that idles; nothing for any other cause."""
    reading = next(found for found in pool_readings(snapshot) if found.app == finding.key)
    diagnosis = diagnose_pool(reading, snapshot, context.guide)
    if diagnosis is None or diagnosis.cause not in (PoolCause.TOO_SMALL, PoolCause.OVERSIZED):
        return ()
    sizing = size_for(reading, snapshot, context.guide.pool, context.pool_model)
    if diagnosis.cause is PoolCause.OVERSIZED:
        smaller = max(sizing.size, context.guide.pool.smallest_size)
        return (_shrink(finding, reading, smaller, sizing),) if smaller < reading.size else ()
    return (_enlarge(finding, reading, sizing, context),) if sizing.size > reading.size else ()


def _enlarge(finding: Finding, reading: PoolReading, sizing: Sizing, context: RuleContext) -> Proposal:
    prediction = _predict_wait(reading, sizing, context)
    before = reading.wait_mean_seconds or 0.0
    saved = max(0.0, 1 - prediction.expected / before) if before > 0 else 1.0
    return Proposal(
        finding=finding.id,
        rule=_ID,
        target=knob_target("db.pool_size", app=reading.app),
        current=reading.size,
        proposed=sizing.size,
        unit="connections",
        rationale=sizing.text,
        risk=Risk.LOW if sizing.budget_known else Risk.MEDIUM,
        prediction=prediction,
        goal=Goal(signal=prediction.signal, better=Better.LOWER, minimum_gain_ratio=_SMALLEST_GAIN),
        gain_seconds_per_second=reading.waste_seconds_per_second * saved,
        app=reading.app,
        apply=_setting(sizing.size, reading),
        undo=_setting(reading.size, reading),
        automatic=sizing.budget_known,
        alternatives=_alternatives(sizing),
    )


def _alternatives(sizing: Sizing) -> tuple[str, ...]:
    others = ("hold connections for a shorter time: no calls to other services inside a transaction",)
    if not sizing.budget_known:
        return ("give the advisor the database, so that max_connections is known", *others)
    return others


def _predict_wait(reading: PoolReading, sizing: Sizing, context: RuleContext) -> Prediction:
    """The mean wait; high is that of a queue with a fifth more work, as an exhausted pool hides demand."""
    wait = signal("pool.wait_mean_seconds", app=reading.app)
    demand = reading.demand
    before = reading.wait_mean_seconds or 0.0
    if demand is None:
        return Prediction(signal=wait, unit="s", low=0.0, expected=before / 2, high=before, model="guide-table")
    capacity = sizing.size + reading.max_overflow
    expected = context.pool_model.forecast(demand, capacity).wait_mean_seconds
    busier = type(demand)(
        arrivals_per_second=demand.arrivals_per_second * 1.2,
        hold_seconds=demand.hold_seconds,
        wait_p95_seconds=demand.wait_p95_seconds,
    )
    high = context.pool_model.forecast(busier, capacity).wait_mean_seconds
    return Prediction(
        signal=wait,
        unit="s",
        low=0.0,
        expected=expected if math.isfinite(expected) else before,
        high=high if math.isfinite(high) else max(before, expected if math.isfinite(expected) else before),
        model="erlang-c",
    )


def _shrink(finding: Finding, reading: PoolReading, size: int, sizing: Sizing) -> Proposal:
    """Frees connections of the server. No signal of the application gets better by it, so a person decides."""
    held = signal("pool.size", app=reading.app)
    return Proposal(
        finding=finding.id,
        rule=_ID,
        target=knob_target("db.pool_size", app=reading.app),
        current=reading.size,
        proposed=size,
        unit="connections",
        rationale=f"{sizing.text}; {(reading.size - size) * reading.instances} connections of the server come free",
        risk=Risk.LOW,
        prediction=Prediction(signal=held, unit="connections", low=size, expected=size, high=size, model="definition"),
        goal=Goal(signal=held, better=Better.LOWER, minimum_gain_ratio=0.0),
        gain_seconds_per_second=0.0,
        app=reading.app,
        apply=_setting(size, reading),
        undo=_setting(reading.size, reading),
        automatic=False,
    )


def _setting(size: int, reading: PoolReading) -> str:
    return f"create_engine(..., pool_size={size}, max_overflow={reading.max_overflow})"


POOL_EXHAUSTION = Rule(
    id=_ID,
    title="Callers wait for a database connection, or connections idle",
    guide=_GUIDE,
    needs=needs("pool.size", "pool.checked_out"),
    diagnose=_diagnose,
    propose=_propose,
)
