"""Why nothing at all may be begun now. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from advisor.engine.decide.context import DecisionContext
from advisor.model.change import ChangeRecord
from advisor.model.units import format_duration
from advisor.settings.policy import PolicySettings

_DAY = timedelta(days=1)


def standstill(context: DecisionContext) -> str:
    """The reason, "" when something may be begun."""
    if context.pause is not None:
        return f"paused since {context.pause.since:%Y-%m-%d %H:%M:%S}Z: {context.pause.reason}"
    open_change = next((record for record in context.history if record.is_open), None)
    if open_change is not None:
        return f"change {open_change.id} is open ({open_change.whereabouts}); one at a time"
    if context.unwatched_seconds > 0:
        return f"measure first: watching for another {format_duration(context.unwatched_seconds)}"
    return (
        frozen(context.policy, context.now)
        or _settling(context)
        or _spent(context.history, context.policy.daily_changes, context.now)
    )


def frozen(policy: PolicySettings, now: datetime) -> str:
    """The freeze in force, "" when there is none."""
    freeze = next((freeze for freeze in policy.freezes if freeze.contains(now)), None)
    return f"policy: frozen until {freeze.end:%Y-%m-%d %H:%M}Z ({freeze.text})" if freeze is not None else ""


def _settling(context: DecisionContext) -> str:
    last = max((record.settled_at for record in context.history if record.settled_at), default=None)
    if last is None:
        return ""
    left = context.policy.settle_seconds - (context.now - last).total_seconds()
    return f"the last change is settling for another {format_duration(left)}" if left > 0 else ""


def _spent(history: Sequence[ChangeRecord], budget: int | None, now: datetime) -> str:
    """A change counts from when it was written, whatever became of it."""
    if budget is None:
        return ""
    begun = sorted(
        (record.applying_since for record in history if record.applying_since and record.applying_since > now - _DAY),
        reverse=True,
    )
    if len(begun) < budget:
        return ""
    left = (begun[budget - 1] + _DAY - now).total_seconds()
    return f"policy: {len(begun)} of {budget} changes in 24 hours are made; the next in {format_duration(left)}"
