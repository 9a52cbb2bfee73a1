"""The form that asks why a change is rejected."""

from collections.abc import Mapping
from typing import Any

from advisor.surfaces.slack.actions import PUT_BACK, REJECT, WITHDRAW

_WORDS = {
    REJECT: ("Reject", "Why is it rejected?"),
    WITHDRAW: ("Reject", "Why is it rejected?"),
    PUT_BACK: ("Put back", "Why is the old value to come back?"),
}
"""What its button says, and what is asked."""
REASON_BLOCK = "advisor_reason"
CALLBACKS = frozenset(_WORDS)
"""A form is called after the button that opened it."""
REASON_ACTION = "advisor_reason_text"
LONGEST_REASON = 3000
"""Characters; Slack's own limit, checked again here [reference/block-kit/block-elements/plain-text-input-element]."""


def reason_modal(action: str, value: str) -> dict[str, Any]:
    """The view for views.open. value: that of the button; it comes back with the form, checked again."""
    word, asked = _WORDS[action]
    return {
        "type": "modal",
        "callback_id": action,
        "private_metadata": value,
        "title": _plain(f"{word} a change"),
        "submit": _plain(word),
        "close": _plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": REASON_BLOCK,
                "label": _plain(asked),
                "hint": _plain("It is kept with the change and shown to everybody in the channel."),
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON_ACTION,
                    "multiline": True,
                    "min_length": 1,
                    "max_length": LONGEST_REASON,
                },
            }
        ],
    }


def errors(sentence: str) -> Mapping[str, Any]:
    """The answer that keeps the form open with `sentence` under its field: by block_id, else Slack shows nothing."""
    return {"response_action": "errors", "errors": {REASON_BLOCK: sentence}}


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
