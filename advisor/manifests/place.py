"""Where a path leads in a document: to a value that is written there, or to the mapping in which it is missing."""

from dataclasses import dataclass

from advisor.manifests.nodes import (
    MERGE,
    Alias,
    Mapping,
    Node,
    Scalar,
    Sequence,
    mappings_in,
    merged_into,
    nodes_in,
    resolved,
    text_of,
)
from advisor.manifests.path import Chosen, Path, shown
from advisor.model.errors import BadDataError

_TAGS = frozenset(
    {
        "!",
        *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The value stands here. within: the mapping that it is in; None for a whole document or an item of a list."""

    value: Node
    within: Mapping | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """`within` is the last mapping on the way; `rest` (one key at least) is not written in it.

    outer: the mapping around it, whose indentation shows how deep the file's steps are. nothing: the empty value of
    the first key of `rest`, where that key is there without one.
    """

    within: Mapping
    rest: tuple[str, ...]
    outer: Mapping | None = None
    nothing: Scalar | None = None


def place_of(document: Node, path: Path) -> Written | Missing:
    """Raises BadDataError where the way is not clear: no such item, a key given twice, a value that others share."""
    refuse_tags(document)
    refuse_duplicates(document)
    node: Node = document
    outer: Mapping | None = None
    for at, step in enumerate(path):
        way = shown(path[:at]) or "the document"
        if isinstance(step, Chosen):
            node = _item(node, step, way)
            continue
        if not isinstance(node, Mapping):
            raise BadDataError(f"{way} in line {node.line} is no mapping", fix="is it the right file?")
        value = node.get(step)
        if value is None or _is_nothing(value):
            rest = _keys(path[at:])
            _refuse_hidden(node, rest, shown(path[: at + 1]))
            if value is None or len(rest) > 1:
                nothing = value if isinstance(value, Scalar) else None
                return Missing(within=node, rest=rest, outer=outer, nothing=nothing)
        elif isinstance(value, Alias) and at + 1 < len(path):
            raise BadDataError(
                f"{shown(path[: at + 1])} in line {value.line} is *{value.name}, which other places share",
                fix="write it out there by hand",
            )
        outer, node = node, value
    return Written(value=node, within=outer)


def refuse_tags(document: Node) -> None:
    """Raises BadDataError for the first tag that an object cannot have: JSON, which Kubernetes speaks, has none."""
    tagged = [
        (node.start, node.line, node.tag)
        for node in nodes_in(document)
        if not isinstance(node, Alias) and node.tag is not None and node.tag not in _TAGS
    ]
    if tagged:
        _, line, tag = min(tagged)
        raise BadDataError(f"line {line}: the tag {tag[:60]!r} is none of Kubernetes", fix="mend the file")


def refuse_duplicates(document: Node) -> None:
    """Raises BadDataError for the first key that a mapping has twice."""
    for mapping in mappings_in(document):
        lines: dict[str, int] = {}
        for key, _ in mapping.entries:
            name = text_of(key)
            if name in lines and name != MERGE:
                raise BadDataError(
                    f"duplicate key {name[:60]} in lines {lines[name]} and {key.line}: kubectl takes the last one, "
                    "a strict server refuses it",
                    fix="a person must remove one",
                )
            lines[name] = key.line


def _item(node: Node, step: Chosen, way: str) -> Node:
    if not isinstance(node, Sequence):
        raise BadDataError(f"{way} in line {node.line} is no list", fix="is it the right file?")
    found = [item for item in node.items if _at(item, step.by) == step.value]
    if len(found) != 1:
        count = "no item" if not found else f"{len(found)} items"
        raise BadDataError(f"{way} in line {node.line} has {count} with {'.'.join(step.by)} {step.value}")
    if isinstance(found[0], Alias):
        raise BadDataError(f"{way}{step} in line {found[0].line} is *{found[0].name}, which other places share")
    return found[0]


def _at(item: Node, by: tuple[str, ...]) -> str | None:
    node: Node | None = resolved(item)
    for key in by:
        node = node.get(key) if isinstance(node, Mapping) else None
        node = resolved(node) if node is not None else None
    return node.text if isinstance(node, Scalar) else None


def _keys(rest: Path) -> tuple[str, ...]:
    keys = tuple(step for step in rest if isinstance(step, str))
    if len(keys) != len(rest):
        raise BadDataError(f"{shown(rest)} is not there", fix="name an item that is")
    return keys


def _refuse_hidden(mapping: Mapping, rest: tuple[str, ...], way: str) -> None:
    """What a merge key brings is overridden by a key of one's own: that hides all that stands below it."""
    if len(rest) > 1 and any(_brings(one, rest[0]) for one in merged_into(mapping)):
        raise BadDataError(
            f"{way} comes by a merge key (line {mapping.line}), and a value of its own would hide the rest of it",
            fix=f"write {rest[0]} out there by hand",
        )


def _brings(merged: Node, key: str) -> bool:
    if not isinstance(merged, Mapping):
        return False
    return merged.get(key) is not None or any(_brings(one, key) for one in merged_into(merged))


def _is_nothing(value: Node) -> bool:
    """Null, as Kubernetes takes it: as if the key were not there."""
    return isinstance(value, Scalar) and not value.style and value.text in ("", "~", "null", "Null", "NULL")
