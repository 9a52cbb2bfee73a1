"""The text of a manifest, read into nodes that know their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import yaml

from advisor.manifests.nodes import Alias, Mapping, Node, Scalar, Sequence
from advisor.model.errors import BadDataError

_MOST_NODES = 1_000_000
"""Counted as if aliases were written out, which make a small file a huge one."""
_SEPARATOR = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
"""Begins a document wherever it stands, inside of quotes and brackets too: libyaml has it so, and kubectl."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """What stands between two separators and is no YAML. line: its first one in the whole text; fault: why."""

    line: int
    text: str
    fault: BadDataError


def documents_in(text: str) -> list[Node]:
    """One node a document, empty ones too. `text` has no byte order mark.

    Raises BadDataError for what is no YAML, with the line.
    """
    return _documents(text, 0, 0)


def readable_in(text: str) -> list[Node | Unreadable]:
    """As `documents_in`, but what is no YAML leaves out no other document; places are those of the whole text."""
    try:
        return list(documents_in(text))
    except BadDataError:
        return list(_each(text))


def _each(text: str) -> Iterator[Node | Unreadable]:
    """Each part of the text on its own."""
    line = 0
    starts = dict.fromkeys([0, *(found.start() for found in _SEPARATOR.finditer(text)), len(text)])
    for start, end in pairwise(starts):
        part = text[start:end]
        try:
            yield from _documents(part, start, line)
        except BadDataError as fault:
            yield Unreadable(line=line + 1, text=part, fault=fault)
        line += part.count("\n")


def _documents(text: str, before: int, lines_before: int) -> list[Node]:
    """before, lines_before: what stands in front of `text`, in characters and in lines."""
    try:
        return list(_Reader(text, before, lines_before).documents())
    except yaml.MarkedYAMLError as error:
        line = f"line {lines_before + error.problem_mark.line + 1}: " if error.problem_mark is not None else ""
        raise BadDataError(f"{line}{error.problem}", fix="mend the file") from error
    except (yaml.YAMLError, RecursionError) as error:
        what = f"line {lines_before + 1}: cannot be read: {type(error).__name__}"
        raise BadDataError(what, fix="mend the file") from error


class _Reader:
    """Puts libyaml's events together: kubectl's parser is a port of it, and reads what it reads."""

    def __init__(self, text: str, before: int, lines_before: int) -> None:
        self._before, self._lines_before = before, lines_before
        self._events = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._nodes = 0

    def documents(self) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                yield self._node(next(self._events))

    def _node(self, event: yaml.Event) -> Node:
        before = self._nodes
        self._nodes += 1
        node = self._alias(event) if isinstance(event, yaml.AliasEvent) else self._anchored(event)
        if self._nodes > _MOST_NODES:
            what = f"line {node.line}: holds more than {_MOST_NODES} values, with its aliases written out"
            raise BadDataError(what, fix="split it")
        anchor = getattr(event, "anchor", None)
        if anchor is not None and not isinstance(node, Alias):
            self._anchors[anchor] = (node, self._nodes - before)
        return node

    def _alias(self, event: yaml.AliasEvent) -> Alias:
        start, line = self._begin(event)
        name = str(event.anchor)
        if name not in self._anchors:
            raise BadDataError(f"line {line}: *{name} has no anchor before it", fix="mend the file")
        of, size = self._anchors[name]
        self._nodes += size
        return Alias(start=start, end=self._end(event), line=line, name=name, of=of)

    def _anchored(self, event: yaml.Event) -> Node:
        start, line = self._begin(event)
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.ScalarEvent):
            style, text = str(event.style or ""), str(event.value)
            return Scalar(start=start, end=self._end(event), line=line, text=text, style=style, tag=tag)
        is_flow = bool(getattr(event, "flow_style", False))
        children, end = self._children()
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(start=start, end=end, line=line, is_flow=is_flow, items=tuple(children), tag=tag)
        entries = tuple(zip(children[::2], children[1::2], strict=True))
        return Mapping(start=start, end=end, line=line, is_flow=is_flow, entries=entries, tag=tag)

    def _children(self) -> tuple[list[Node], int]:
        children: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                return children, self._end(event)
            children.append(self._node(event))
        raise BadDataError("ends in the middle of a value", fix="mend the file")

    def _begin(self, event: yaml.Event) -> tuple[int, int]:
        """Where it begins in the whole text, in characters; its line, from 1."""
        mark = event.start_mark
        return (self._before + mark.index, self._lines_before + mark.line + 1) if mark is not None else (0, 0)

    def _end(self, event: yaml.Event) -> int:
        return self._before + event.end_mark.index if event.end_mark is not None else 0
