"""What Slack refuses of a message or a modal, as documented: number of blocks, characters, ids, unprocessed files."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

Block = Mapping[str, Any]

MESSAGE_BLOCKS = 50
MODAL_BLOCKS = 100
ALL_CHARACTERS = 13_000
"""Undocumented: `msg_blocks_too_long` comes below every single limit."""


def faults_of_blocks(blocks: object, *, most: int, ready_files: Collection[str]) -> list[str]:
    """What Slack would say of `blocks`, as in `response_metadata.messages`; empty when it would take them."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["must be an array of blocks"]
    faults = [f"no more than {most} items allowed"] if len(blocks) > most else []
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    faults += [f"block_id {one!r} is not unique" for one, times in ids.items() if times > 1]
    for number, block in enumerate(blocks):
        faults += [f"{fault} [json-pointer:/blocks/{number}]" for fault in _faults(block, ready_files)]
    return faults


def characters(value: object) -> int:
    """How many characters of text stand in `value`, all levels together."""
    match value:
        case {"type": "plain_text" | "mrkdwn" | "markdown" | "text", "text": str(text)}:
            return len(text)
        case dict():
            return sum(characters(inner) for inner in value.values())
        case list():
            return sum(characters(inner) for inner in value)
        case _:
            return 0


def faults_of_view(view: Mapping[str, Any]) -> list[str]:
    """What Slack would say of a modal."""
    faults = [] if view.get("type") == "modal" else ["unsupported type of view"]
    for name in ("title", "submit", "close"):
        if name in view or name == "title":
            faults += _plain(view.get(name), 24, name)
    faults += [*_short(view, "private_metadata", 3000), *_short(view, "callback_id", 255)]
    return faults + faults_of_blocks(view.get("blocks"), most=MODAL_BLOCKS, ready_files=())


def _faults(block: Block, ready_files: Collection[str]) -> Iterator[str]:
    yield from _short(block, "block_id", 255)
    match block.get("type"):
        case "section":
            yield from _section(block)
        case "header":
            yield from _plain(block.get("text"), 150, "header")
        case "context":
            yield from _list(block.get("elements"), 10, lambda one: _context_element(one, ready_files))
        case "actions":
            yield from _list(block.get("elements"), 25, _element)
            ids = Counter(one.get("action_id") for one in block.get("elements") or [])
            yield from (f"action_id {one!r} is not unique" for one, times in ids.items() if times > 1)
        case "input":
            yield from _plain(block.get("label"), 2000, "label")
            yield from _element(block.get("element") or {})
        case "image":
            yield from _image(block, ready_files)
        case "markdown":
            yield from _length(block.get("text"), 12_000, "markdown")
        case "divider" | "rich_text":
            return
        case other:
            yield f"unsupported type: {other}"


def _section(block: Block) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield "a section needs text or fields"
    if "text" in block:
        yield from _text(block["text"], 3000, "section")
    if "fields" in block:
        yield from _list(block["fields"], 10, lambda field: _text(field, 2000, "field"))
    if "accessory" in block:
        yield from _element(block["accessory"])


def _context_element(element: Block, ready_files: Collection[str]) -> Iterator[str]:
    if element.get("type") == "image":
        yield from _image(element, ready_files)
    else:
        yield from _text(element, 2000, "context")


def _image(block: Block, ready_files: Collection[str]) -> Iterator[str]:
    yield from _length(block.get("alt_text"), 2000, "alt_text")
    file = block.get("slack_file")
    if file is not None and file.get("id") not in ready_files:
        yield "invalid slack file"
    if file is None:
        yield from _length(block.get("image_url"), 3000, "image_url")


def _element(element: Block) -> Iterator[str]:
    yield from _short(element, "action_id", 255)
    match element.get("type"):
        case "button":
            yield from _plain(element.get("text"), 75, "button")
            yield from _short(element, "value", 2000)
            yield from _short(element, "url", 3000)
            if element.get("style", "primary") not in ("primary", "danger"):
                yield "invalid style"
            yield from _confirm(element.get("confirm"))
        case "static_select" | "overflow" as kind:
            yield from _list(element.get("options"), 5 if kind == "overflow" else 100, _option)
            if "placeholder" in element:
                yield from _plain(element["placeholder"], 150, "placeholder")
            yield from _confirm(element.get("confirm"))
        case "plain_text_input":
            if not 1 <= element.get("max_length", 3000) <= 3000:
                yield "max_length must be 1 to 3000"
        case other:
            yield f"unsupported type: {other}"


def _option(option: Block) -> Iterator[str]:
    yield from _plain(option.get("text"), 75, "option")
    yield from _length(option.get("value"), 150, "option value")


def _confirm(confirm: Block | None) -> Iterator[str]:
    if confirm is None:
        return
    yield from _plain(confirm.get("title"), 100, "confirm title")
    yield from _text(confirm.get("text"), 300, "confirm text")
    yield from _plain(confirm.get("confirm"), 30, "confirm button")
    yield from _plain(confirm.get("deny"), 30, "deny button")


def _list(items: object, most: int, check: Callable[[Block], Iterator[str]]) -> Iterator[str]:
    if not isinstance(items, list) or not items:
        yield "must be a list of at least one item"
        return
    if len(items) > most:
        yield f"no more than {most} items allowed"
    for item in items:
        yield from check(item)


def _text(value: object, most: int, what: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{what}: not a text object"
        return
    yield from _length(value.get("text"), most, what)


def _plain(value: object, most: int, what: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") != "plain_text":
        yield f"{what}: must be plain_text"
        return
    yield from _length(value.get("text"), most, what)


def _length(value: object, most: int, what: str) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield f"{what}: must be more than 0 characters"
    elif len(value) > most:
        yield f"{what}: must be less than {most + 1} characters"


def _short(holder: Block, key: str, most: int) -> Iterator[str]:
    if key in holder:
        yield from _length(holder[key], most, key)
