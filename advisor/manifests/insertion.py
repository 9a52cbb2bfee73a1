"""A key that is not there yet: as the last of its mapping, written as the mapping is."""

from collections.abc import Mapping as MappingOf

from advisor.manifests.nodes import Mapping, Node, Scalar, last_leaf
from advisor.manifests.place import Missing
from advisor.manifests.scalar import Value, block, flow
from advisor.manifests.span import Edit

_STEP = 2


def insertion(text: str, place: Missing, value: Value) -> Edit:
    """The edit of `text` that gives the path of `place` this value."""
    within, whole = place.within, value
    for key in reversed(place.rest[1:]):
        whole = {key: whole}
    if place.nothing is not None:
        return _filled(text, place, place.nothing, whole)
    added = {place.rest[0]: whole}
    if within.is_flow:
        return _into_flow(text, within, added)
    indent, step = " " * _column(text, within.entries[0][0]), " " * _depth(text, place)
    return _line_after(text, last_leaf(within), block(added, indent, step, line_end_of(text)))


def line_end_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _filled(text: str, place: Missing, nothing: Scalar, value: Value) -> Edit:
    """The key is there without a value: what is new goes below it, or in its place."""
    if isinstance(value, MappingOf) and nothing.is_empty and not place.within.is_flow:
        step = " " * _depth(text, place)
        indent = " " * _column(text, place.within.entries[0][0]) + step
        return _line_after(text, nothing, block(value, indent, step, line_end_of(text)))
    lead = " " if nothing.is_empty and not text[nothing.start - 1].isspace() else ""
    return Edit(start=nothing.start, end=nothing.end, text=lead + flow(value, is_json=place.within.is_json))


def _into_flow(text: str, within: Mapping, added: MappingOf[str, Value]) -> Edit:
    inside = flow(added, is_json=within.is_json or text.lstrip().startswith("{"))[1:-1]
    if not within.entries:
        return Edit(start=within.end - 1, end=within.end - 1, text=inside)
    end = within.entries[-1][1].end
    return Edit(start=end, end=end, text=f", {inside}")


def _line_after(text: str, leaf: Node, lines: str) -> Edit:
    """Below the line on which `leaf` ends; a comment on that line stays on it."""
    if isinstance(leaf, Scalar) and leaf.is_block and text[leaf.end - 1 : leaf.end] == "\n":
        return Edit(start=leaf.end, end=leaf.end, text=lines)
    at = text.find("\n", leaf.end)
    if at >= 0:
        return Edit(start=at + 1, end=at + 1, text=lines)
    line_end = line_end_of(text)
    return Edit(start=len(text), end=len(text), text=line_end + lines[: -len(line_end)])


def _column(text: str, node: Node) -> int:
    return node.start - (text.rfind("\n", 0, node.start) + 1)


def _depth(text: str, place: Missing) -> int:
    """How many blanks deeper the file writes what is within, as seen beside the new key; two where nothing shows it."""
    inner = _column(text, place.within.entries[0][0])
    deeper = [
        _column(text, value.entries[0][0]) - inner
        for _, value in place.within.entries
        if isinstance(value, Mapping) and value.entries and not value.is_flow
    ]
    outer = place.outer
    if not deeper and outer is not None and not outer.is_flow:
        deeper = [inner - _column(text, outer.entries[0][0])]
    return deeper[0] if deeper and deeper[0] > 0 else _STEP
