"""Slack's blocks, and messages made of parts of which the least needed go first when a message becomes too long."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from advisor.surfaces.slack.limits import (
    BLOCKS_PER_MESSAGE,
    BUTTON_TEXT_CHARACTERS,
    CONFIRM_BUTTON_CHARACTERS,
    CONFIRM_TEXT_CHARACTERS,
    CONFIRM_TITLE_CHARACTERS,
    HEADER_CHARACTERS,
    MESSAGE_CHARACTERS,
    OPTION_TEXT_CHARACTERS,
    SECTION_CHARACTERS,
    within,
)
from advisor.surfaces.slack.words import plain

Block: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """text: shown in notifications and read aloud. detail: mrkdwn that found no room, for the thread.

    metadata: event_type and event_payload, by which a second copy is told.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    detail: tuple[str, ...] = ()
    metadata: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some blocks that belong together. rank: 0 stays whatever happens; else the highest goes first.

    detail: what says the same in the thread.
    """

    blocks: tuple[Block, ...]
    rank: int = 0
    detail: tuple[str, ...] = field(default=())


def fitted(parts: Sequence[Part]) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """The blocks that have room, and the details of those that have none, both in the order of the parts."""
    kept = list(parts)
    while not _fits(kept):
        dropped = max(kept, key=lambda part: part.rank)
        if dropped.rank == 0:
            break
        kept.remove(dropped)
    blocks = tuple(block for part in kept for block in part.blocks)
    return blocks, tuple(text for part in parts if part not in kept for text in part.detail)


def characters(value: object) -> int:
    """Of all texts in `value`, values and ids of buttons too."""
    match value:
        case str():
            return len(value)
        case Mapping():
            return sum(characters(inner) for inner in value.values())
        case list() | tuple():
            return sum(characters(inner) for inner in value)
        case _:
            return 0


def header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, HEADER_CHARACTERS)}


def section(mrkdwn: str) -> Block:
    """verbatim: Slack makes no links and mentions of what only looks like some."""
    return {"type": "section", "text": _mrkdwn(mrkdwn)}


def listed(lines: Sequence[str]) -> tuple[Block, ...]:
    """Lines of mrkdwn, none longer than a section, in as few sections as hold them."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= within(SECTION_CHARACTERS):
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return tuple(section(text) for text in texts)


def context(*mrkdwn: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text) for text in mrkdwn]}


def actions(block_id: str, elements: Sequence[Block]) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(text: str, action_id: str, value: str, *, style: str = "", confirm: Block | None = None) -> Block:
    """style: "primary", "danger" or none."""
    made: dict[str, object] = {
        "type": "button",
        "text": _plain(text, BUTTON_TEXT_CHARACTERS),
        "action_id": action_id,
        "value": value,
    }
    if style:
        made["style"] = style
    if confirm is not None:
        made["confirm"] = confirm
    return made


def menu(placeholder: str, action_id: str, options: Sequence[tuple[str, str]]) -> Block:
    """options: what each says, and its value."""
    return {
        "type": "static_select",
        "placeholder": _plain(placeholder, BUTTON_TEXT_CHARACTERS),
        "action_id": action_id,
        "options": [{"text": _plain(text, OPTION_TEXT_CHARACTERS), "value": value} for text, value in options],
    }


def confirmation(title: str, text: str, confirm: str) -> Block:
    return {
        "title": _plain(title, CONFIRM_TITLE_CHARACTERS),
        "text": _plain(text, CONFIRM_TEXT_CHARACTERS),
        "confirm": _plain(confirm, CONFIRM_BUTTON_CHARACTERS),
        "deny": _plain("Cancel", CONFIRM_BUTTON_CHARACTERS),
    }


def in_messages(texts: Sequence[str], title: str) -> Iterator[Message]:
    """Pieces of mrkdwn, none longer than a section, as as few messages as they take."""
    pending: list[str] = []
    for text in texts:
        if pending and sum(map(len, pending)) + len(text) > within(MESSAGE_CHARACTERS):
            yield Message(text=title, blocks=listed(pending))
            pending = []
        pending.append(text)
    if pending:
        yield Message(text=title, blocks=listed(pending))


def _fits(parts: Sequence[Part]) -> bool:
    blocks = [block for part in parts for block in part.blocks]
    return len(blocks) <= BLOCKS_PER_MESSAGE and characters(blocks) <= within(MESSAGE_CHARACTERS)


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": plain(text, within(limit)), "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
