"""A message as lines of text, for where there is no Slack: the demo, and whoever wants to see what would be sent."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.surfaces.slack.blocks import Message

_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")


def as_text(message: Message) -> tuple[str, ...]:
    """One line a line of text, and the buttons as [Approve] [Reject]."""
    return tuple(line for block in message.blocks for line in _lines(block))


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    match block.get("type"):
        case "header":
            yield f"== {block['text']['text']} =="
        case "section":
            yield from _shown(str(block["text"]["text"])).splitlines()
        case "context":
            yield " | ".join(_shown(str(one["text"])) for one in block["elements"])
        case "actions":
            yield " ".join(_buttons(block["elements"]))
        case _:
            return  # a divider says nothing


def _buttons(elements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for element in elements:
        if element["type"] == "static_select":
            options = " / ".join(str(option["text"]["text"]) for option in element["options"])
            yield f"[{element['placeholder']['text']}: {options}]"
        else:
            yield f"[{element['text']['text']}]"


def _shown(mrkdwn: str) -> str:
    return html.unescape(_DATE.sub(r"\1", mrkdwn))
