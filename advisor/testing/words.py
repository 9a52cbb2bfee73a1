"""Ready-made words of the domain; a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from advisor.model.change import ChangeRecord, Guardrail, Phase, State, TrialPlan
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WAIT = signal("pool.wait_mean_seconds", app="shop")
ERRORS = signal("http.error_ratio", app="shop")
LATENCY = signal("http.p95_seconds", app="shop")
LOAD = signal("http.requests_per_second", app="shop")


def a_proposal(**changes: Any) -> Proposal:
    """Pool of the shop from 5 to 12; saves half a second of waiting per second."""
    proposal = Proposal(
        finding="pool-exhaustion/shop",
        rule="pool-exhaustion",
        target=knob_target("db.pool_size", app="shop"),
        current=5,
        proposed=12,
        unit="connections",
        rationale="40/s x 0.1 s = 4 busy connections on average",
        risk=Risk.LOW,
        prediction=Prediction(signal=WAIT, unit="s", low=0.001, expected=0.004, high=0.02, model="erlang-c"),
        goal=Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.3),
        gain_seconds_per_second=0.5,
        app="shop",
        apply="create_engine(..., pool_size=12)",
        undo="create_engine(..., pool_size=5)",
    )
    return replace(proposal, **changes)


def a_plan(**changes: Any) -> TrialPlan:
    """Warm-up 60 s, windows of 600 s, at most 1800 s; errors, latency and throughput watched."""
    plan = TrialPlan(
        apply_seconds=60,
        warm_up_seconds=60,
        baseline_seconds=600,
        trial_seconds=600,
        longest_seconds=1800,
        guardrails=(
            Guardrail(signal=ERRORS, better=Better.LOWER, maximum_harm_ratio=0.1, slack=0.005),
            Guardrail(signal=LATENCY, better=Better.LOWER, maximum_harm_ratio=0.1, slack=0.005),
            Guardrail(signal=LOAD, better=Better.HIGHER, maximum_harm_ratio=0.1, slack=0.0),
        ),
    )
    return replace(plan, **changes)


def a_change(state: State = State.PROPOSED, **changes: Any) -> ChangeRecord:
    """A change of `a_proposal` that reached `state` at noon."""
    record = ChangeRecord(
        id="chg_0123456789ab",
        environment="default",
        version=1,
        epoch=1,
        state=state,
        proposal=a_proposal(),
        plan=a_plan(),
        created_at=NOON,
        expires_at=NOON + timedelta(days=1),
        phases=(Phase(state=state, at=NOON, reason="test"),),
    )
    return replace(record, **changes)


def a_finding(**changes: Any) -> Finding:
    """The shop's pool is exhausted."""
    finding = Finding(
        rule="pool-exhaustion",
        key="shop",
        severity=Severity.WARNING,
        subject=Subject(kind="pool", name="shop"),
        summary="the pool of shop is exhausted",
        cause="too few connections",
        guide="4. Connection Pool Tuning",
        evidence=(Evidence(signal="pool.wait_p95_seconds", value=0.4, unit="s", threshold=0.1),),
        waste_seconds_per_second=0.5,
    )
    return replace(finding, **changes)
