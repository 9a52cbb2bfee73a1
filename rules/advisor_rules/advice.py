"""Advice for a person: a proposal that no knob carries out, and that the trial of another change can still watch."""

from advisor.model.finding import Finding
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import SignalKey

CODE, SERVER, CAPACITY = "code", "postgres.configuration", "capacity"
"""What has to be changed: the application's code, the server's configuration, or how much hardware there is."""


def advice(
    finding: Finding,
    *,
    change: str,
    what: str,
    rationale: str,
    metric: SignalKey,
    gain_seconds_per_second: float = 0.0,
) -> Proposal:
    """change: one of the kinds above. what: what to do, in a sentence or as SQL. metric: what to watch afterwards.

    No number is promised: the prediction runs from 0 to what the finding's evidence says now.
    """
    now = next((e.value for e in finding.evidence if e.signal == metric.name and isinstance(e.value, float | int)), 0.0)
    return Proposal(
        finding=finding.id,
        rule=finding.rule,
        target=knob_target(change, subject=finding.key),
        current=None,
        proposed=what,
        unit="",
        rationale=rationale,
        risk=Risk.MEDIUM,
        prediction=Prediction(signal=metric, unit="", low=0.0, expected=float(now), high=float(now), model="none"),
        goal=Goal(signal=metric, better=Better.LOWER, minimum_gain_ratio=0.0),
        gain_seconds_per_second=gain_seconds_per_second,
        app="",
        apply=what,
        undo="",
        automatic=False,
    )
