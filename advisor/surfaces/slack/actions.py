"""What the buttons of a message are called, and what they carry: the change and the plan that was read."""

from dataclasses import dataclass

from advisor.surfaces.slack.limits import OPTION_VALUE_CHARACTERS

APPROVE = "advisor_approve"
REJECT = "advisor_reject"
SNOOZE = "advisor_snooze"
SNOOZE_RULE = "advisor_snooze_rule"
"""Of a recommendation, behind which there is no change."""
ROLL_BACK = "advisor_roll_back"
WITHDRAW = "advisor_withdraw"
"""Reject what is approved and not begun: no button of a proposal, so that of Approve and Reject the first wins."""
KEEP = "advisor_keep"
PUT_BACK = "advisor_put_back"
"""Of a trial that is held for a person; a button for a proposal never decides that, nor the other way round."""
BUTTONS = frozenset({APPROVE, REJECT, WITHDRAW, SNOOZE, ROLL_BACK, KEEP, PUT_BACK})
"""Of a change; anything else decides nothing."""
DECIDE_BLOCK = "advisor_decide"
"""The block that the buttons stand in."""

METADATA_EVENT = "advisor_change"
"""The type of the metadata by which a message of a change is told from all others."""

SNOOZE_TIMES = (("4 hours", "4h"), ("1 day", "1d"), ("1 week", "7d"), ("30 days", "30d"))
"""What the menu says, and the duration that it stands for."""

DURATIONS = frozenset(duration for _, duration in SNOOZE_TIMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a button or an option stands for. duration: that of a snooze, "" elsewhere."""

    change_id: str
    plan_hash: str
    duration: str = ""

    @property
    def value(self) -> str:
        """Such as "chg_1a2b|0123456789abcdef", and with a duration "chg_1a2b|0123456789abcdef|4h"."""
        return "|".join(filter(None, (self.change_id, self.plan_hash, self.duration)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSnooze:
    """What an option of the menu under a recommendation stands for. duration: one of SNOOZE_TIMES."""

    proposal_id: str
    duration: str

    @property
    def value(self) -> str:
        """Such as "prp_1a2b|4h"."""
        return f"{self.proposal_id}|{self.duration}"


def read_snooze(value: str) -> RuleSnooze | None:
    """None for a value that no recommendation of ours carries."""
    proposal_id, _, duration = value.partition("|")
    is_ours = len(value) <= OPTION_VALUE_CHARACTERS and proposal_id and duration in DURATIONS
    return RuleSnooze(proposal_id=proposal_id, duration=duration) if is_ours else None


def read_value(value: str) -> Decision | None:
    """What a value stands for; None for one that no message of ours can carry."""
    parts = value.split("|")
    if len(value) > OPTION_VALUE_CHARACTERS or len(parts) not in (2, 3) or not all(parts):
        return None
    return Decision(change_id=parts[0], plan_hash=parts[1], duration=parts[2] if len(parts) == 3 else "")
