"""What stands against one proposal alone. Pure."""

from datetime import datetime, timedelta
from operator import itemgetter

from advisor.engine.decide.context import DecisionContext
from advisor.engine.decide.manual_clear import uncleared
from advisor.engine.decide.retry import unchanged_since
from advisor.model.change import ChangeRecord, State
from advisor.model.knob import Carrier
from advisor.model.proposal import Proposal
from advisor.model.signal import LOAD_SIGNAL
from advisor.model.units import format_duration
from advisor.settings.policy import KnobPolicy, Permission, PolicySettings

_LONGEST_DOUBLING = 6


def objection(proposal: Proposal, context: DecisionContext) -> str:
    """The first reason against it, "" when nothing stands against it."""
    policy = context.policy
    knob = policy.for_knob(proposal.target.knob)
    if not proposal.automatic:
        return _by_hand(proposal)
    if not proposal.gain_seconds_per_second > 0:
        return "nothing is expected to be saved by it"
    return (
        forbidden(proposal, policy)
        or _snoozed(proposal, context)
        or uncleared(proposal.target, context)
        or unchanged_since(proposal, context.history, policy.evidence_tolerance)
        or _cooling(proposal, context, knob.cooldown_seconds)
        or outside_windows(proposal, policy, context.now)
        or _too_busy(proposal, context)
    )


def _snoozed(proposal: Proposal, context: DecisionContext) -> str:
    for snooze in context.snoozes:
        if snooze.rule == proposal.rule and context.now < snooze.until:
            why = f": {snooze.reason}" if snooze.reason else ""
            return f"{snooze.who} does not want {snooze.rule} before {snooze.until:%Y-%m-%d %H:%M}Z{why}"
    return ""


def _by_hand(proposal: Proposal) -> str:
    """Why a person has to do it: there is no such knob, or there is and it cannot be tried here."""
    if proposal.target.kind.carrier is Carrier.PERSON:
        return "advice: a person has to do it"
    return f"advice: {'; '.join(proposal.doubts) or 'it cannot be tried from here'}"


def forbidden(proposal: Proposal, policy: PolicySettings) -> str:
    """What the policy never lets happen to this knob, whoever approves it; "" when it does not forbid this."""
    knob = policy.for_knob(proposal.target.knob)
    if knob.permission is Permission.NEVER:
        return f"policy: {proposal.target.knob} is never changed"
    return _out_of_bounds(proposal, knob)


def _out_of_bounds(proposal: Proposal, knob: KnobPolicy) -> str:
    old, new = proposal.current, proposal.proposed
    if not isinstance(new, int | float):
        return ""
    if knob.minimum is not None and new < knob.minimum:
        return f"policy: {new:g} is below the lowest allowed {knob.minimum:g}"
    if knob.maximum is not None and new > knob.maximum:
        return f"policy: {new:g} is above the highest allowed {knob.maximum:g}"
    if knob.largest_step_ratio is None:
        return ""
    if not isinstance(old, int | float) or old <= 0 or new <= 0:
        return f"policy: the step from {old} to {new:g} has no ratio to hold against the largest allowed"
    step = max(new / old, old / new)
    if step <= knob.largest_step_ratio:
        return ""
    return f"policy: {old:g} to {new:g} is a step of {step:.3g} times; {knob.largest_step_ratio:g} is the largest"


def _cooling(proposal: Proposal, context: DecisionContext, cooldown_seconds: float) -> str:
    """A target rests after a change, twice as long after each one in a row that was not kept."""
    settled = [(record.settled_at, record) for record in context.history if _settled_on(record, proposal)]
    earlier = sorted(((at, record) for at, record in settled if at is not None), key=itemgetter(0), reverse=True)
    if not earlier:
        return ""
    latest, last = earlier[0]
    failures = 0
    for _, record in earlier:
        if record.state is State.KEPT:
            break
        failures += 1
    rest = cooldown_seconds * 2 ** min(failures, _LONGEST_DOUBLING)
    until = latest + timedelta(seconds=rest)
    if context.now >= until:
        return ""
    left = format_duration((until - context.now).total_seconds())
    return f"change {last.id} of the same target ended {last.state}; it rests for another {left}"


def _settled_on(record: ChangeRecord, proposal: Proposal) -> bool:
    return record.proposal.target.overlaps(proposal.target) and not record.is_open


def outside_windows(proposal: Proposal, policy: PolicySettings, now: datetime) -> str:
    """Why this is no time for a change of this knob, "" when it is."""
    windows = policy.windows_for(proposal.target.knob)
    if not windows or any(window.contains(now) for window in windows):
        return ""
    return "policy: outside the change windows " + ", ".join(f'"{window.text}"' for window in windows)


def _too_busy(proposal: Proposal, context: DecisionContext) -> str:
    """Where quiet is asked for and it is not known whether it is quiet, it is not."""
    ratio = context.policy.quiet_ratio_for(proposal.target.knob)
    if ratio is None:
        return ""
    if not proposal.app:
        return "policy: waits for quiet, and no application is known whose load would tell"
    snapshot = context.snapshot
    now = snapshot.value(LOAD_SIGNAL, app=proposal.app) if snapshot is not None else None
    usual = context.usual_load.get(proposal.app)
    if now is None or usual is None:
        unknown = "the load" if now is None else "the usual load"
        return f"policy: waits for quiet, and {unknown} of {proposal.app} is not known"
    if now <= ratio * usual:
        return ""
    return f"policy: waits for quiet: {now:.3g} requests/s, {ratio:.0%} of the usual {usual:.3g} is the most allowed"
