"""A rule that finds what a test's snapshots say, and the script that replays it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from advisor.engine.replay.replay import Script
from advisor.model.finding import Evidence, Finding
from advisor.model.proposal import Proposal
from advisor.model.signal import Measured, signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.settings.guide import GuideSettings
from advisor.settings.policy import KnobPolicy, Permission, PolicySettings
from advisor.settings.trial import TrialSettings
from advisor.testing.models import FakeAutoscalerModel, FakeLoadClassifier
from advisor.testing.words import NOON, WAIT, a_finding, a_proposal
from advisor.whatif.cache import ReuseCache
from advisor.whatif.pool import ErlangPool

STEP_SECONDS = 60.0
KNOB = signal("knob.value", app="shop", instance="shop:1/7", knob="db.pool_size")


def a_snapshot(minute: float, *, wait: float | None = 0.0, size: int = 5) -> Snapshot:
    """So many minutes after noon; without a wait nothing was recorded."""
    at = NOON + timedelta(minutes=minute)
    values = {WAIT: wait, KNOB: float(size)} if wait is not None else {}
    signals = {key: Measured(value=value, at=at) for key, value in values.items() if value is not None}
    return Snapshot(taken_at=at, window_seconds=300, signals=signals)


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    wait = snapshot.value(WAIT.name, app="shop") or 0.0
    if wait <= 0.1:
        return ()
    seen = Evidence(signal=WAIT.name, value=wait, unit="s", threshold=0.1)
    return (a_finding(evidence=(seen,), waste_seconds_per_second=wait, summary=f"callers wait {wait:g} s"),)


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """To 10 connections for every second of waiting, at least to 12."""
    size = snapshot.value(KNOB.name, **dict(KNOB.labels)) or 0
    wait = float(finding.evidence[0].value)
    return (a_proposal(current=round(size), proposed=max(12, round(wait * 10)), gain_seconds_per_second=wait),)


SLOW_POOL = Rule(
    id="pool-exhaustion",
    title="Callers wait",
    guide="4. Connection Pool Tuning",
    needs=needs(WAIT.name),
    diagnose=_diagnose,
    propose=_propose,
)
DATABASE_RULE = replace(SLOW_POOL, id="missing-index", needs=needs("statements"))


def a_script(*rules: Rule, knob: dict[str, Any] | None = None, **policy: Any) -> Script:
    """Automatic, with an hour of rest, trials of 2 + 15 minutes."""

    def no_loads(proposals: Sequence[Proposal], now: datetime) -> dict[str, float]:
        return {}

    knobs = {"db.pool_size": KnobPolicy(permission=Permission.AUTOMATIC, **(knob or {}))}
    return Script(
        rules=rules or (SLOW_POOL,),
        context=RuleContext(
            guide=GuideSettings(),
            pool_model=ErlangPool(),
            cache_model=ReuseCache(),
            autoscaler_model=FakeAutoscalerModel(),
            load_classifier=FakeLoadClassifier(),
            index_planners={},
        ),
        policy=PolicySettings(knobs=knobs, **policy),
        trial=TrialSettings(warm_up_seconds="2m", baseline_seconds="15m", trial_seconds="15m"),
        usual_loads=no_loads,
    )
