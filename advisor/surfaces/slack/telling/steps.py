"""The steps of a change, for its thread."""

from advisor.model.change import ChangeRecord, Phase, State
from advisor.surfaces.slack.blocks import Message, listed
from advisor.surfaces.slack.words import moment, notification, words

_REASON_CHARACTERS = 600
_MOST = 12
"""In one message; after a long outage the middle is left out, as the journal has it."""

LOUD = frozenset({State.STUCK, State.FAILED, State.SUPERSEDED})
"""States that cannot wait for quiet hours to end: something went wrong, and a person has to look."""


def steps_message(record: ChangeRecord, told: int) -> Message | None:
    """The phases after the first `told` ones; None where there are none. The first phase is the message itself."""
    fresh = record.phases[max(told, 1) :]
    if not fresh:
        return None
    left_out = len(fresh) - _MOST
    lines = [_line(phase) for phase in (fresh if left_out <= 0 else (*fresh[:2], *fresh[-(_MOST - 2) :]))]
    if left_out > 0:
        lines.insert(2, f"_{left_out} more steps: advisor changes show {words(record.id, 60)}_")
    last = fresh[-1]
    return Message(text=notification(f"{_name(last)}: {last.reason}"), blocks=listed(lines))


def _line(phase: Phase) -> str:
    return f"{moment(phase.at)} *{_name(phase)}* {words(phase.reason, _REASON_CHARACTERS)}".rstrip()


def _name(phase: Phase) -> str:
    return phase.state.value.replace("_", " ")
