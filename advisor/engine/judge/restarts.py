"""A trial whose application is not the one it began with proves nothing: a release, or new instances. Pure.

Where half of the processes are younger than the trial, what became better may be the new release's doing, or that of
fresh caches and more room. Harm still ends the trial; a gain is not believed.
"""

from dataclasses import replace
from datetime import datetime

from advisor.model.signal import Series, SignalKey, signal
from advisor.model.verdict import Outcome, Verdict, VerdictReason

_POINTS = 2
"""In a row: one alone may be a scrape that met a fleet half way through its start."""


def age_signal(app: str) -> SignalKey:
    return signal("app.median_age_seconds", app=app)


def replaced(ages: Series, since: datetime) -> str:
    """What is wrong with the median age of the processes since then; "" when it is not known, or nothing is."""
    latest = ages.samples[-_POINTS:]
    if len(latest) < _POINTS or any(one.value >= (one.at - since).total_seconds() for one in latest):
        return ""
    return f"half of the processes are younger than the change: their median age is {latest[-1].value:.0f} s"


def inconclusive(verdict: Verdict, why: str, *, undo_is_dear: bool) -> Verdict:
    """`verdict`, of which nothing but harm counts. What is dearer to undo than to leave is held for a person."""
    if not why or verdict.outcome is Outcome.ROLL_BACK:
        return verdict
    outcome = Outcome.HOLD if undo_is_dear else Outcome.ROLL_BACK
    return replace(verdict, outcome=outcome, reason=VerdictReason.REPLACED, explanation=why)
