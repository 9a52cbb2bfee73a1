"""What stops a target until a person has cleared it: another owner, or attempts that all failed. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from advisor.engine.decide.context import DecisionContext
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import IllegalTransitionError
from advisor.model.knob import KnobTarget

_NEVER_TRIED = frozenset({State.EXPIRED, State.REJECTED})


def uncleared(target: KnobTarget, context: DecisionContext) -> str:
    """What a person must clear before `target` is changed again; "" when there is nothing."""
    return _fought_over(target, context) or _given_up(target, context)


def _fought_over(target: KnobTarget, context: DecisionContext) -> str:
    """Somebody else moved this very knob while it was ours: one such fight is enough."""
    fights = [
        record
        for record in (*context.history, *context.fights)
        if record.is_fight and record.proposal.target.overlaps(target)
    ]
    if not fights:
        return ""
    told = _reason(fights[0]) or "somebody else set the value"
    return f"{target} has another owner: {told}; stopped until a person clears it: {_command(fights[0])}"


def _given_up(target: KnobTarget, context: DecisionContext) -> str:
    """So many attempts in a row failed before the value was in force: a lock not to be had, a build that timed out."""
    attempts = context.policy.for_knob(target.knob).attempts
    failed = _failed_in_a_row(target, context.history)
    if len(failed) < attempts:
        return ""
    return f"given up after {len(failed)} attempts, the last: {_reason(failed[0])}; to try again: {_command(failed[0])}"


def _failed_in_a_row(target: KnobTarget, history: Sequence[ChangeRecord]) -> list[ChangeRecord]:
    tried = [r for r in history if r.proposal.target.overlaps(target) and not r.is_open and r.state not in _NEVER_TRIED]
    return list(takewhile(lambda record: record.state is State.FAILED and not record.cleared_by, tried))


def _reason(record: ChangeRecord) -> str:
    return record.phases[-1].reason if record.phases else ""


def _command(record: ChangeRecord) -> str:
    return f"advisor changes clear {record.id}"


def cleared(record: ChangeRecord, who: str) -> ChangeRecord:
    """`record` with the word of `who` that its target may be changed again. Raises IllegalTransitionError."""
    if record.cleared_by or record.state not in (State.SUPERSEDED, State.FAILED):
        ended = f"cleared by {record.cleared_by}" if record.cleared_by else f"{record.state}, not superseded or failed"
        raise IllegalTransitionError(
            f"there is nothing to clear: it is {ended}", where=f"change {record.id}", fix="see: advisor changes list"
        )
    return replace(record, cleared_by=who)
