"""YAML with its places: every node knows where in the text it stands.

Places count characters from the beginning of the text; `end` is the first that no longer belongs to the node.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

MERGE = "<<"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """style: "" for plain, else its first character: ' " | or >. tag: the one that is written before it.

    start: before its anchor and its tag, where it has them.
    """

    start: int
    end: int
    line: int
    text: str
    style: str
    tag: str | None = None

    @property
    def is_block(self) -> bool:
        return self.style in ("|", ">")

    @property
    def is_empty(self) -> bool:
        """Nothing is written: `limits:` and then a new line."""
        return self.start == self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """entries: in the order of the text, a key that is given twice included. tag: the one that is written before it."""

    start: int
    end: int
    line: int
    is_flow: bool
    entries: tuple[tuple["Node", "Node"], ...]
    tag: str | None = None

    def values(self, key: str) -> list[tuple[Scalar, "Node"]]:
        return [(at, value) for at, value in self.entries if isinstance(at, Scalar) and at.text == key]

    @property
    def is_json(self) -> bool:
        """Its keys are in double quotes, so new keys and texts must be, too."""
        return bool(self.entries) and all(isinstance(key, Scalar) and key.style == '"' for key, _ in self.entries)

    def get(self, key: str) -> "Node | None":
        """As written, the last one of several; what a merge key brings is not seen."""
        found = self.values(key)
        return found[-1][1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    start: int
    end: int
    line: int
    is_flow: bool
    items: tuple["Node", ...]
    tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """`*name`, and what it stands for."""

    start: int
    end: int
    line: int
    name: str
    of: "Node"


Node: TypeAlias = Scalar | Mapping | Sequence | Alias


def resolved(node: Node) -> Node:
    """What an alias stands for; every other node itself."""
    while isinstance(node, Alias):
        node = node.of
    return node


def text_of(node: Node | None) -> str:
    """The text of a scalar, an alias' too; "" for all else."""
    found = resolved(node) if node is not None else None
    return found.text if isinstance(found, Scalar) else ""


def last_leaf(node: Node) -> Node:
    """The node whose text ends last: the end of a mapping in block style lies behind blanks and comments."""
    if isinstance(node, Mapping) and not node.is_flow and node.entries:
        return last_leaf(node.entries[-1][1])
    if isinstance(node, Sequence) and not node.is_flow and node.items:
        return last_leaf(node.items[-1])
    return node


def mappings_in(node: Node) -> Iterator[Mapping]:
    """All in it, itself included; what aliases stand for once."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            yield one
            waiting += [value for _, value in one.entries]
        elif isinstance(one, Sequence):
            waiting += one.items


def nodes_in(node: Node) -> Iterator[Node]:
    """All in it, keys and itself included; what aliases stand for once."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Mapping):
            waiting += [part for entry in one.entries for part in entry]
        elif isinstance(one, Sequence):
            waiting += one.items


def merged_into(mapping: Mapping) -> Iterator[Node]:
    """What its merge keys bring, the one that counts most last."""
    for _, value in mapping.values(MERGE):
        node = resolved(value)
        yield from map(resolved, reversed(node.items) if isinstance(node, Sequence) else (node,))
