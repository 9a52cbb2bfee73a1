"""Which buttons a change has, by its state: never one whose word the change does not wait for."""

from typing import assert_never

from advisor.model.change import ChangeRecord, State
from advisor.model.proposal import Proposal, Risk
from advisor.surfaces.slack.actions import (
    APPROVE,
    DECIDE_BLOCK,
    KEEP,
    PUT_BACK,
    REJECT,
    ROLL_BACK,
    SNOOZE,
    SNOOZE_RULE,
    SNOOZE_TIMES,
    WITHDRAW,
    Decision,
    RuleSnooze,
)
from advisor.surfaces.slack.blocks import Block, Part, actions, button, confirmation, menu

_SNOOZE = "Snooze the rule"


def decide(record: ChangeRecord) -> Part:
    """The row of buttons, which stays whatever else a message loses; no block where nothing can be pressed."""
    elements = _elements(record)
    return Part(blocks=(actions(DECIDE_BLOCK, elements),) if elements else ())


def snooze_rule(proposal: Proposal) -> Part:
    """Under a recommendation, of which nothing else can be decided here."""
    options = [(text, RuleSnooze(proposal_id=proposal.id, duration=duration).value) for text, duration in SNOOZE_TIMES]
    return Part(blocks=(actions(DECIDE_BLOCK, [menu(_SNOOZE, SNOOZE_RULE, options)]),))


def _elements(record: ChangeRecord) -> tuple[Block, ...]:
    value = Decision(change_id=record.id, plan_hash=record.plan_hash).value
    if record.is_held:
        keep = button("Keep", KEEP, value, style="primary")
        return (keep, button("Put back", PUT_BACK, value, style="danger"))
    match record.state:
        case State.PROPOSED:
            return (_approve(record, value), button("Reject", REJECT, value, style="danger"), _snooze(record))
        case State.APPROVED:
            return (button("Reject", WITHDRAW, value, style="danger"),)
        case State.APPLYING | State.TRIAL | State.SWITCHED_BACK:
            return () if record.roll_back_asked else (_roll_back("Roll back", value),)
        case State.KEPT:
            return (_roll_back("Roll back", value),)
        case State.STUCK:
            return (_roll_back("Try again to roll back", value),)
        case State.ROLLING_BACK | State.ROLLED_BACK | State.FAILED | State.EXPIRED | State.REJECTED | State.SUPERSEDED:
            return ()
        case _:
            assert_never(record.state)


def _approve(record: ChangeRecord, value: str) -> Block:
    is_high = record.proposal.risk is Risk.HIGH
    asked = confirmation("High risk", "Its risk is high. It begins in the next cycle.", "Approve") if is_high else None
    return button("Approve", APPROVE, value, style="primary", confirm=asked)


def _roll_back(text: str, value: str) -> Block:
    asked = confirmation("Roll back?", "The old value is put back in the next cycle.", "Roll back")
    return button(text, ROLL_BACK, value, style="danger", confirm=asked)


def _snooze(record: ChangeRecord) -> Block:
    """The rule is silent for a time, and its proposal is dropped."""
    options = [
        (text, Decision(change_id=record.id, plan_hash=record.plan_hash, duration=duration).value)
        for text, duration in SNOOZE_TIMES
    ]
    return menu(_SNOOZE, SNOOZE, options)
