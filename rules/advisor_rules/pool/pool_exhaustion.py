"""Callers wait for a database connection, or connections idle: guide, section 4 and bottleneck 1."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, NoProposal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import RuleAlert
from advisor.settings.guide import GuideSettings, PoolGuide
from advisor_rules.pool.cause import STARVED_THREADS, Diagnosis, PoolCause, diagnose_pool
from advisor_rules.pool.reading import PoolReading, pool_readings, siblings_of
from advisor_rules.pool.sizing import Sizing, larger_size, smaller_size

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
_BUSIER = 1.2
_HOLD_SHORTER = "hold connections for a shorter time: no calls to other services inside a transaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One pool that something is wrong with. sizing: what it should be, where its size is what is wrong."""

    reading: PoolReading
    diagnosis: Diagnosis
    sizing: Sizing | None


def _cases(snapshot: Snapshot, context: RuleContext) -> list[_Case]:
    readings = pool_readings(snapshot)
    cases = []
    for reading in readings:
        look, siblings = context.database_of(reading.app, snapshot), siblings_of(reading, readings)
        diagnosis = diagnose_pool(reading, look, context.guide, siblings)
        match diagnosis and diagnosis.cause:
            case PoolCause.TOO_SMALL:
                sizing: Sizing | None = larger_size(reading, readings, snapshot, context)
            case PoolCause.OVERSIZED:
                sizing = smaller_size(reading, context)
                if not sizing.is_smaller:
                    continue
            case _:
                sizing = None
        if diagnosis is not None:
            cases.append(_Case(reading=reading, diagnosis=diagnosis, sizing=sizing))
    return cases


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [_finding(case, context.guide.pool) for case in _cases(snapshot, context)]


def _finding(case: _Case, guide: PoolGuide) -> Finding:
    reading, diagnosis, sizing = case.reading, case.diagnosis, case.sizing
    text = diagnosis.text
    if diagnosis.cause is PoolCause.TOO_SMALL and sizing is not None and not sizing.is_larger:
        text = f"{text}; it is not enlarged: {sizing.text}"
    return Finding(
        rule=_ID,
        key=reading.name,
        severity=_SEVERITY[diagnosis.cause],
        subject=Subject(kind="pool", name=reading.name),
        summary=f"{reading.title}: {diagnosis.cause.value}",
        cause=text,
        guide=_GUIDE,
        evidence=tuple(_evidence(reading, guide)),
        waste_seconds_per_second=reading.waste_seconds_per_second,
    )


def _evidence(reading: PoolReading, guide: PoolGuide) -> list[Evidence]:
    longest = reading.longest_checkout

    def one(name: str, value: float | None, unit: str, threshold: float | None = None) -> Evidence:
        return Evidence(signal=name, value="not known" if value is None else value, unit=unit, threshold=threshold)

    return [
        one("pool.checked_out", reading.checked_out, "connections", reading.capacity * guide.exhausted_ratio),
        one("pool.wait_p95_seconds", reading.wait_p95_seconds, "s", guide.wait_p95_seconds),
        one("pool.wait_mean_seconds", reading.wait_mean_seconds, "s"),
        one("pool.timeouts_per_second", reading.timeouts_per_second, "1/s", 0.0),
        one("pool.hold_mean_seconds", reading.hold_mean_seconds, "s"),
        one("pool.longest_checkout_seconds", longest.seconds if longest else None, "s", guide.leak_seconds),
        one("app.threads_busy / app.thread_limit", reading.threads_busy_ratio, "ratio", STARVED_THREADS),
    ]


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """A larger pool for one that is too small, a smaller one for one that idles; nothing for any other cause."""
    case = next(case for case in _cases(snapshot, context) if case.reading.name == finding.key)
    if case.sizing is None:
        return NoProposal(
            f"the cause is a {case.diagnosis.cause}, not the size: a larger pool would not end the waiting"
        )
    if case.sizing.is_smaller:
        return (_shrink(finding, case.reading, case.sizing),)
    if not case.sizing.is_larger:
        return NoProposal(f"it is not enlarged: {case.sizing.text}")
    return (_enlarge(finding, case, case.sizing, context),)


def _enlarge(finding: Finding, case: _Case, sizing: Sizing, context: RuleContext) -> Proposal:
    reading = case.reading
    prediction = _predict_wait(reading, sizing, context)
    before = reading.wait_mean_seconds
    saved = max(0.0, 1 - prediction.expected / before) if before else 0.0
    # Without the server's limit it may be too many; without a measured wait no trial could judge it.
    untried = [
        *(["how many connections the server has left is not known"] if not sizing.budget_known else []),
        *(["the wait is not measured, so that no trial could judge it"] if before is None else []),
    ]
    doubts = (*case.diagnosis.doubts, *untried)
    return Proposal(
        finding=finding.id,
        rule=_ID,
        target=knob_target(sizing.knob, **reading.labels),
        current=sizing.current,
        proposed=sizing.proposed,
        unit="connections",
        rationale="; ".join([sizing.text, *case.diagnosis.doubts]),
        risk=Risk.LOW if sizing.demand is not None and not doubts else Risk.MEDIUM,
        prediction=prediction,
        goal=Goal(signal=prediction.signal, better=Better.LOWER, minimum_gain_ratio=_SMALLEST_GAIN),
        gain_seconds_per_second=reading.waste_seconds_per_second * saved,
        app=reading.app,
        apply=_setting(reading, sizing.knob, sizing.proposed),
        undo=_setting(reading, sizing.knob, sizing.current),
        automatic=not untried,
        alternatives=(_HOLD_SHORTER,),
        doubts=doubts,
    )


def _predict_wait(reading: PoolReading, sizing: Sizing, context: RuleContext) -> Prediction:
    """The mean wait. By the queue: high is that of a fifth more work, as an exhausted pool hides demand.

    By the guide's table alone: somewhere below the wait that counts as too long. Never more than now, where that is
    measured.
    """
    limit, before = context.guide.pool.wait_p95_seconds, reading.wait_mean_seconds
    worst = before if before is not None else limit
    if sizing.demand is None:
        expected, high, model = min(worst, limit / 2), worst, "guide-table"
    else:
        busier = replace(sizing.demand, arrivals_per_second=sizing.demand.arrivals_per_second * _BUSIER)
        expected, high = (
            context.pool_model.forecast(demand, sizing.capacity).wait_mean_seconds for demand in (sizing.demand, busier)
        )
        # A step that leaves it overloaded promises nothing.
        expected = min(expected, worst)
        high, model = max(expected, high if math.isfinite(high) else worst), "erlang-c"
    return Prediction(
        signal=signal("pool.wait_mean_seconds", **reading.labels),
        unit="s",
        low=0.0,
        expected=expected,
        high=high,
        model=model,
    )


def _shrink(finding: Finding, reading: PoolReading, sizing: Sizing) -> Proposal:
    """Frees connections of the server; it saves nobody's waiting, so that every other proposal comes first."""
    held = signal("pool.size", **reading.labels)
    size = float(sizing.proposed)
    freed = f"{reading.size - sizing.proposed} connections of the server come free for each process"
    return Proposal(
        finding=finding.id,
        rule=_ID,
        target=knob_target(sizing.knob, **reading.labels),
        current=sizing.current,
        proposed=sizing.proposed,
        unit="connections",
        rationale=f"{sizing.text}; {freed}",
        risk=Risk.LOW if sizing.demand is not None else Risk.MEDIUM,
        prediction=Prediction(signal=held, unit="connections", low=size, expected=size, high=size, model="definition"),
        goal=Goal(signal=held, better=Better.LOWER, minimum_gain_ratio=0.0),
        gain_seconds_per_second=0.0,
        app=reading.app,
        apply=_setting(reading, sizing.knob, sizing.proposed),
        undo=_setting(reading, sizing.knob, sizing.current),
        doubts=() if sizing.demand is not None else ("how many connections are needed is not measured",),
    )


def _setting(reading: PoolReading, knob: str, value: int) -> str:
    """What a person would write instead, in the words of the pool's make."""
    is_size = knob == "db.pool_size"
    text = reading.make.setting(value if is_size else reading.size, reading.max_overflow if is_size else value)
    return f"{text}  # the pool {reading.pool}" if reading.pool else text


def _expressions(guide: GuideSettings) -> Sequence[str]:
    """Of waits, or of connections in use where waits are not measured."""
    pool = guide.pool
    waits = f"%pool.wait_p95_seconds% > {pool.wait_p95_seconds:g}"
    capacity = "((%pool.size% + %pool.max_overflow%) or %pool.size%)"
    return (
        f"({waits}) or (%pool.checked_out% >= {pool.exhausted_ratio:g} * {capacity})",
        f"%pool.checked_out% >= {pool.exhausted_ratio:g} * %pool.size%",
    )


POOL_EXHAUSTION = Rule(
    id=_ID,
    title="Callers wait for a database connection, or connections idle",
    guide=_GUIDE,
    needs=needs("pool.size", "pool.checked_out"),
    uses=(
        "pool.max_overflow",
        "pool.instances",
        "pool.replicas",
        "pool.in_use",
        "pool.timeout_seconds",
        "pool.checkouts_per_second",
        "pool.timeouts_per_second",
        "pool.waiting",
        "pool.wait_mean_seconds",
        "pool.wait_p95_seconds",
        "pool.hold_mean_seconds",
        "pool.longest_checkout_seconds",
        "app.threads_busy",
        "app.thread_limit",
        "http.requests_per_second",
    ),
    diagnose=_diagnose,
    propose=_propose,
    alert=RuleAlert(expressions=_expressions, summary="callers of {{ $labels.app }} wait for a database connection"),
)
