"""What a document says, whatever it looks like: for comparing it before and after."""

from collections.abc import Mapping as MappingOf
from typing import TypeAlias

import yaml

from advisor.manifests.nodes import MERGE, Alias, Node, Scalar, Sequence, merged_into, text_of
from advisor.manifests.path import Chosen, Path

Content: TypeAlias = "dict[str, Content] | list[Content] | tuple[str, str]"
"""A scalar is its kind and its text, so that "1" and 1 differ and nothing is lost in reading."""

_STRING = "tag:yaml.org,2002:str"
_RESOLVER = yaml.resolver.Resolver()


def content_of(node: Node) -> Content:
    """With aliases and merge keys resolved."""
    if isinstance(node, Alias):
        return content_of(node.of)
    if isinstance(node, Sequence):
        return [content_of(item) for item in node.items]
    if isinstance(node, Scalar):
        return (kind_of(node), node.text)
    merged: dict[str, Content] = {}
    for one in merged_into(node):
        content = content_of(one)
        merged.update(content if isinstance(content, dict) else {})
    own = {text_of(key): content_of(value) for key, value in node.entries if text_of(key) != MERGE}
    return {**merged, **own}


def kind_of(scalar: Scalar) -> str:
    """The tag that a reader gives it: text, whole number, truth value."""
    if scalar.tag is not None:
        return scalar.tag
    return plain_kind(scalar.text) if not scalar.style else _STRING


def plain_kind(text: str) -> str:
    return str(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)))  # type: ignore[no-untyped-call]


def with_value(content: Content, path: Path, value: Content) -> Content:
    """A copy in which `path` leads to `value`; mappings that are missing on the way are made."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, Chosen):
        items = content if isinstance(content, list) else []
        return [with_value(item, rest, value) if _is_chosen(item, step) else item for item in items]
    within = content if isinstance(content, dict) else {}
    return {**within, step: with_value(within.get(step, {}), rest, value)}


def at_path(content: Content, path: Path) -> "Content | None":
    """None where it leads nowhere."""
    for step in path:
        if isinstance(step, Chosen):
            items = content if isinstance(content, list) else []
            found = [item for item in items if _is_chosen(item, step)]
        else:
            found = [content[step]] if isinstance(content, dict) and step in content else []
        if len(found) != 1:
            return None
        content = found[0]
    return content


def pointer_to(content: Content, path: Path) -> str | None:
    """As RFC 6901 writes the path, with the place of each chosen item; None where one is not there."""
    pointer = ""
    for at, step in enumerate(path):
        if isinstance(step, Chosen):
            items = at_path(content, path[:at])
            found = [n for n, item in enumerate(items if isinstance(items, list) else []) if _is_chosen(item, step)]
            if len(found) != 1:
                return None
            pointer += f"/{found[0]}"
        else:
            pointer += "/" + step.replace("~", "~0").replace("/", "~1")
    return pointer


def texts_of(content: Content) -> Content:
    """Without the kinds of the scalars."""
    if isinstance(content, dict):
        return {key: texts_of(value) for key, value in content.items()}
    if isinstance(content, list):
        return [texts_of(item) for item in content]
    return ("", content[1])


def differing(one: "Content | None", other: "Content | None", way: str = "") -> list[str]:
    """The paths at which the two differ."""
    if isinstance(one, MappingOf) and isinstance(other, MappingOf):
        keys = dict.fromkeys([*one, *other])
        return [
            path for key in keys for path in differing(one.get(key), other.get(key), f"{way}.{key}" if way else key)
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [path for at, (left, right) in pairs for path in differing(left, right, f"{way}[{at}]")]
    return [] if one == other else [way or "the document"]


def _is_chosen(item: Content, step: Chosen) -> bool:
    for key in step.by:
        item = item.get(key, {}) if isinstance(item, dict) else {}
    return isinstance(item, tuple) and item[1] == step.value
