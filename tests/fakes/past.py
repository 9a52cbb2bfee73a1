"""Ended changes, as the journal holds them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from advisor.model.change import ChangeRecord, Phase, State
from advisor.model.proposal import Prediction
from advisor.model.verdict import MetricComparison, Outcome, Verdict, VerdictReason
from advisor.testing.words import NOON, WAIT, a_change, a_proposal


def a_comparison(before: float, after: float, *, role: str = "goal") -> MetricComparison:
    """Exact, as if there were no noise."""
    return MetricComparison(
        signal=str(WAIT),
        role=role,
        before=before,
        after=after,
        ratio=after / before,
        ratio_low=after / before,
        ratio_high=after / before,
        confidence=0.98,
        samples_before=60,
        samples_after=60,
        effective_before=30,
        effective_after=30,
        mean_before=before,
        mean_after=after,
    )


def a_verdict(before: float, after: float, *, reason: VerdictReason = VerdictReason.GAIN_PROVEN) -> Verdict:
    outcome = Outcome.KEEP if reason is VerdictReason.GAIN_PROVEN else Outcome.ROLL_BACK
    return Verdict(outcome=outcome, reason=reason, explanation="test", evidence=(a_comparison(before, after),))


def ended(state: State, *, seconds_ago: float = 1_000_000, now: datetime = NOON, **changes: Any) -> ChangeRecord:
    """A change that came to `state` so many seconds before `now`."""
    at = now - timedelta(seconds=seconds_ago)
    return replace(a_change(state), applying_since=at, phases=(Phase(state=state, at=at, reason="test"),), **changes)


def kept(*, after: float = 0.004, **changes: Any) -> ChangeRecord:
    """From 0.4 s of waiting to `after`, of which 0.004 (0.001 to 0.02) was predicted by erlang-c."""
    return ended(State.KEPT, verdict=a_verdict(0.4, after), **changes)


def rolled_back(*, after: float = 0.5, **changes: Any) -> ChangeRecord:
    """From 0.4 s of waiting to `after`, although 0.004 was predicted: an error of -1.25 by default."""
    verdict = a_verdict(0.4, after, reason=VerdictReason.NO_GAIN)
    return ended(State.ROLLED_BACK, verdict=verdict, trial_since=NOON, **changes)


def predicted(low: float, expected: float, high: float, *, model: str = "erlang-c") -> Any:
    """A proposal with this prediction."""
    return a_proposal(prediction=Prediction(signal=WAIT, unit="s", low=low, expected=expected, high=high, model=model))
