"""The text of a manifest, read into nodes that know their places."""

from collections.abc import Iterator

import yaml

from advisor.manifests.nodes import Alias, Mapping, Node, Scalar, Sequence
from advisor.model.errors import BadDataError

_MOST_NODES = 1_000_000
"""Counted as if aliases were written out, which make a small file a huge one."""
_TAGS = frozenset(
    {"!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq"))}
)


def documents_in(text: str) -> list[Node]:
    """One node a document, empty ones too. `text` has no byte order mark.

    Raises BadDataError for what is no YAML, with the line.
    """
    try:
        return list(_Reader(text).documents())
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark is not None else ""
        raise BadDataError(f"{line}{error.problem}", fix="mend the file") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise BadDataError(f"cannot be read: {type(error).__name__}", fix="mend the file") from error


class _Reader:
    """Puts libyaml's events together: kubectl's parser is a port of it, and reads what it reads."""

    def __init__(self, text: str) -> None:
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
            raise BadDataError(f"holds more than {_MOST_NODES} values, with its aliases written out", fix="split it")
        anchor = getattr(event, "anchor", None)
        if anchor is not None and not isinstance(node, Alias):
            self._anchors[anchor] = (node, self._nodes - before)
        return node

    def _alias(self, event: yaml.AliasEvent) -> Alias:
        start, line = _begin(event)
        name = str(event.anchor)
        if name not in self._anchors:
            raise BadDataError(f"line {line}: *{name} has no anchor before it", fix="mend the file")
        of, size = self._anchors[name]
        self._nodes += size
        return Alias(start=start, end=_end(event), line=line, name=name, of=of)

    def _anchored(self, event: yaml.Event) -> Node:
        start, line = _begin(event)
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in _TAGS:
            raise BadDataError(f"line {line}: the tag {str(tag)[:60]!r} is none of Kubernetes", fix="mend the file")
        if isinstance(event, yaml.ScalarEvent):
            style, text = str(event.style or ""), str(event.value)
            return Scalar(start=start, end=_end(event), line=line, text=text, style=style, tag=tag)
        is_flow = bool(getattr(event, "flow_style", False))
        children, end = self._children()
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(start=start, end=end, line=line, is_flow=is_flow, items=tuple(children))
        entries = tuple(zip(children[::2], children[1::2], strict=True))
        return Mapping(start=start, end=end, line=line, is_flow=is_flow, entries=entries)

    def _children(self) -> tuple[list[Node], int]:
        children: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                return children, _end(event)
            children.append(self._node(event))
        raise BadDataError("ends in the middle of a value", fix="mend the file")


def _begin(event: yaml.Event) -> tuple[int, int]:
    """Where it begins, in characters; its line, from 1."""
    mark = event.start_mark
    return (mark.index, mark.line + 1) if mark is not None else (0, 0)


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark is not None else 0
