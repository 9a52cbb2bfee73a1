"""A harmful change, journalled and approved as a person would, to see that it is rolled back."""

from dataclasses import replace
from datetime import datetime, timedelta

from advisor.demo.configuration import APP, document
from advisor.engine.judge.plan.trial_plan import plan_trial
from advisor.engine.rollout.transitions import Transitions
from advisor.journal.repository import SqlJournal
from advisor.model.change import ChangeRecord, Event, Phase, State
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.settings.trial import TrialSettings

RULE = "bad-advice"
_TOO_FEW = 2


def propose_harm(journal: SqlJournal, pool_size: int, now: datetime) -> ChangeRecord:
    """Journal a pool of 2 connections in place of `pool_size`, approved. The daemon takes it up by itself."""
    wait = signal("pool.wait_mean_seconds", app=APP)
    proposal = Proposal(
        finding=f"{RULE}/{APP}",
        rule=RULE,
        target=knob_target("db.pool_size", app=APP),
        current=pool_size,
        proposed=_TOO_FEW,
        unit="connections",
        rationale="somebody was sure that fewer connections are always better",
        risk=Risk.HIGH,
        prediction=Prediction(signal=wait, unit="s", low=0.0, expected=0.0, high=0.0, model="hearsay"),
        goal=Goal(signal=wait, better=Better.LOWER, minimum_gain_ratio=0.3),
        gain_seconds_per_second=0.0,
        app=APP,
        apply=f"create_engine(..., pool_size={_TOO_FEW})",
        undo=f"create_engine(..., pool_size={pool_size})",
    )
    return order(journal, proposal, TrialSettings.model_validate(document("")["trial"]), now)


def order(journal: SqlJournal, proposal: Proposal, trial: TrialSettings, now: datetime) -> ChangeRecord:
    """Journal `proposal`, approved. Raises ChangeAlreadyOpenError."""
    transitions = Transitions(journal=journal, listeners=(), epoch=journal.current_epoch())
    record = transitions.open(
        ChangeRecord(
            id="chg_bad_advice",
            environment="default",
            version=0,
            epoch=transitions.epoch,
            state=State.PROPOSED,
            proposal=proposal,
            plan=plan_trial(proposal, trial),
            created_at=now,
            expires_at=now + timedelta(hours=1),
            phases=(Phase(state=State.PROPOSED, at=now, reason="the demo's harmful change"),),
        )
    )
    return transitions.move(replace(record, approved_by="demo"), Event.APPROVED, now, "approved by the demo")
