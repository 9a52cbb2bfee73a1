"""Choose at most one proposal, and say of every other why it waits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from advisor.model.change import ChangeRecord, Pause, State
from advisor.model.proposal import Proposal
from advisor.model.report import Choice, Waiting
from advisor.model.units import format_duration
from advisor.settings.policy import Permission, PolicySettings

_LONGEST_DOUBLING = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a decision depends on besides the proposals. history: newest first.

    unwatched_seconds: how long the environment must still be watched before anything may be begun.
    """

    policy: PolicySettings
    history: Sequence[ChangeRecord]
    pause: Pause | None
    now: datetime
    unwatched_seconds: float = 0.0


def decide(proposals: Sequence[Proposal], circumstances: Circumstances) -> Choice:
    """The best proposal (they come ranked by gain) that nothing stands against."""
    standstill = _standstill(circumstances)
    chosen: Proposal | None = None
    waiting: list[Waiting] = []
    for proposal in proposals:
        reason = _objection(proposal, circumstances) or standstill
        if not reason and chosen is not None:
            reason = f"one change at a time; {chosen.target} saves more"
        if reason:
            waiting.append(Waiting(proposal=proposal, reason=reason))
        else:
            chosen = proposal
    if chosen is None:
        return Choice(proposal=None, reason=_why_none(proposals, standstill), waiting=tuple(waiting))
    permission = circumstances.policy.for_knob(chosen.target.knob).permission
    needs_approval = permission is Permission.APPROVE or not chosen.app
    reason = f"saves most: {chosen.gain_seconds_per_second:.3g} s of waiting per second"
    if needs_approval:
        reason += "; a person must approve it" + ("" if chosen.app else ", as no application is known to watch")
    return Choice(proposal=chosen, reason=reason, needs_approval=needs_approval, waiting=tuple(waiting))


def _why_none(proposals: Sequence[Proposal], standstill: str) -> str:
    if not proposals:
        return "nothing to propose"
    return standstill or "something stands against every proposal"


def _standstill(circumstances: Circumstances) -> str:
    """Why nothing at all may be begun now; "" when something may."""
    if circumstances.pause is not None:
        return f"paused since {circumstances.pause.since:%Y-%m-%d %H:%M:%S}Z: {circumstances.pause.reason}"
    open_change = next((record for record in circumstances.history if record.is_open), None)
    if open_change is not None:
        return f"change {open_change.id} is open ({open_change.state}); one at a time"
    if circumstances.unwatched_seconds > 0:
        return f"measure first: watching for another {format_duration(circumstances.unwatched_seconds)}"
    last = max((record.settled_at for record in circumstances.history if record.settled_at), default=None)
    if last is not None:
        left = circumstances.policy.settle_seconds - (circumstances.now - last).total_seconds()
        if left > 0:
            return f"the last change is settling for another {format_duration(left)}"
    return ""


def _objection(proposal: Proposal, circumstances: Circumstances) -> str:
    """What stands against this proposal alone; "" when nothing does."""
    policy = circumstances.policy.for_knob(proposal.target.knob)
    if not proposal.automatic:
        return "advice for a person; no knob reaches it"
    if policy.permission is Permission.NEVER:
        return f"policy: {proposal.target.knob} is never changed"
    value = proposal.proposed
    if isinstance(value, int | float):
        if policy.minimum is not None and value < policy.minimum:
            return f"policy: {value:g} is below the lowest allowed {policy.minimum:g}"
        if policy.maximum is not None and value > policy.maximum:
            return f"policy: {value:g} is above the highest allowed {policy.maximum:g}"
    return _cooldown(proposal, circumstances, policy.cooldown_seconds)


def _cooldown(proposal: Proposal, circumstances: Circumstances, cooldown_seconds: float) -> str:
    """A target rests after a change, twice as long after each one in a row that was not kept."""
    earlier = [
        record for record in circumstances.history if record.proposal.target == proposal.target and not record.is_open
    ]
    if not earlier or earlier[0].settled_at is None:
        return ""
    if earlier[0].state is State.ROLLED_BACK and earlier[0].proposal.id == proposal.id:
        return f"change {earlier[0].id} tried exactly this and was rolled back; waits until the evidence changes"
    failures = 0
    for record in earlier:
        if record.state is State.KEPT:
            break
        failures += 1
    rest = cooldown_seconds * 2 ** min(failures, _LONGEST_DOUBLING)
    until = earlier[0].settled_at + timedelta(seconds=rest)
    if circumstances.now >= until:
        return ""
    left = format_duration((until - circumstances.now).total_seconds())
    return f"change {earlier[0].id} of the same target ended {earlier[0].state}; it rests for another {left}"
