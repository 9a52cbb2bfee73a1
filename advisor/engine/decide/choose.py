"""Choose at most one proposal, and say of every other why it waits. Pure."""

from collections.abc import Sequence

from advisor.engine.decide.context import DecisionContext
from advisor.engine.decide.global_gates import standstill
from advisor.engine.decide.permission import Grant, grant
from advisor.engine.decide.proposal_gates import objection
from advisor.engine.decide.ranking import Ranked, rank
from advisor.engine.decide.track_record import calibrate
from advisor.model.proposal import Proposal
from advisor.model.report import Choice, Waiting
from advisor.settings.policy import PolicySettings

__all__ = ["DecisionContext", "decide"]


def decide(proposals: Sequence[Proposal], context: DecisionContext) -> Choice:
    """The worthiest proposal that nothing stands against."""
    record = calibrate(context.history)
    halt = standstill(context)
    chosen: Ranked | None = None
    waiting: list[Waiting] = []
    for ranked in rank(proposals, context.policy, record):
        reason = objection(ranked.proposal, context) or halt
        if not reason and chosen is not None:
            first = chosen.proposal.target
            reason = f"one change at a time; {first} is worth more ({chosen.sum}, this one {ranked.sum})"
        if reason:
            waiting.append(Waiting(proposal=ranked.proposal, reason=reason))
        else:
            chosen = ranked
    watched_on = _watched_on(context)
    if chosen is None:
        why = _why_none(waiting, halt)
        return Choice(proposal=None, reason=why, waiting=tuple(waiting), record=record, probation=watched_on)
    granted = grant(chosen.proposal, context, record)
    return Choice(
        proposal=chosen.proposal,
        reason=_why(chosen, granted, context.policy),
        needs_approval=granted.needs_approval,
        waiting=tuple(waiting),
        record=record,
        probation=watched_on,
    )


def _watched_on(context: DecisionContext) -> str:
    """What was kept and is on probation; "" for nothing."""
    for record in context.history:
        if record.is_on_probation and record.probation is not None:
            until = f"{record.probation.until:%Y-%m-%d %H:%M:%S}Z"
            return f"change {record.id} of {record.proposal.target}, until {until} or the next change"
    return ""


def _why(chosen: Ranked, granted: Grant, policy: PolicySettings) -> str:
    """The worth, and why a person must or must not approve."""
    reason = f"worth most: {chosen.sum} s of waiting saved per second"
    if granted.needs_approval:
        permission = policy.for_knob(chosen.proposal.target.knob).permission
        why = granted.reason or f"policy: {permission}"
        return f"{reason}; a person must approve it: {why}"
    return f"{reason}; {granted.reason}" if granted.reason else reason


def _why_none(waiting: Sequence[Waiting], halt: str) -> str:
    """The one reason for all, or that of the worthiest."""
    if not waiting:
        return "nothing to propose"
    if halt:
        return halt
    if not any(one.proposal.automatic for one in waiting):
        many = f"{len(waiting)} proposals, all of them" if len(waiting) > 1 else "the one proposal is"
        return f"{many} advice that a person follows"
    first = next(one for one in waiting if one.proposal.automatic)
    return f"something stands against every proposal; against the first, {first.proposal.target}: {first.reason}"
