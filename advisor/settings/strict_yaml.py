"""YAML as configuration needs it: every value with its line; nothing clever, nothing twice.

Values are JSON's: null, true and false, numbers, text, lists and maps; so `no`, `1:30` and `2026-01-01` are text.
Aliases (a few lines of them grow to gigabytes), tags (they name types to build), duplicate keys, NaN and
infinities are refused.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from advisor.model.errors import ConfigurationError

Value: TypeAlias = bool | int | float | str | list["Value"] | dict[str, "Value"] | None
SettingPath: TypeAlias = tuple[str | int, ...]

_LARGEST_BYTES = 1024 * 1024
_DEEPEST = 20
_TAG = "tag:yaml.org,2002:"


class _StrictLoader(yaml.SafeLoader):
    """Resolves plain scalars by JSON's grammar."""


_StrictLoader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in (
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^[-+]?[0-9]{1,18}$", list("-+0123456789")),
    ("float", r"^[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.(?:[0-9]+|inf|nan))$", list("-+.0123456789")),
):
    _StrictLoader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), _first)


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFile:
    """What one file says. `lines` gives the line (from 1) of every key and list item by its path."""

    name: str
    value: Value
    lines: Mapping[SettingPath, int]

    def where(self, path: SettingPath) -> str:
        """`file:line` of the setting at `path`, or of the closest part of it that the file names."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def read_yaml(path: Path) -> YamlFile:
    """Read `path`. Raises ConfigurationError with file and line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"cannot be read: {error.strerror}", where=str(path), fix="name a file that exists and may be read"
        ) from error
    if len(raw) > _LARGEST_BYTES:
        raise ConfigurationError("is over 1 MiB", where=str(path), fix="name the configuration file")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8 text", where=str(path), fix="save it as UTF-8") from error
    return parse_yaml(text, name=str(path))


def parse_yaml(text: str, *, name: str) -> YamlFile:
    """Read `text`, called `name` in errors. Raises ConfigurationError with the line, never with the text itself."""
    lines: dict[SettingPath, int] = {}
    try:
        _refuse_clever_parts(text)
        node = yaml.compose(text, Loader=_StrictLoader)
        value = None if node is None else _value_of(node, (), lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(
            error.problem or "is not YAML", where=f"{name}:{line}", fix="plain YAML: keys, values and lists"
        ) from None
    except yaml.YAMLError:
        raise ConfigurationError("holds characters YAML does not allow", where=name, fix="save it as text") from None
    return YamlFile(name=name, value=value, lines=lines)


def _refuse_clever_parts(text: str) -> None:
    """Looks at the flat stream of events, so that nothing is built or expanded before it is known to be plain."""
    depth = 0
    for event in yaml.parse(text, Loader=_StrictLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise _refusal("anchors and aliases are refused", event)
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise _refusal("tags are refused", event)
        if depth > _DEEPEST:
            raise _refusal(f"nested over {_DEEPEST} deep", event)


def _refusal(problem: str, part: yaml.Event | Node) -> yaml.MarkedYAMLError:
    mark = part.start_mark
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark if isinstance(mark, yaml.Mark) else None)


def _value_of(node: Node, path: SettingPath, lines: dict[SettingPath, int]) -> Value:
    lines.setdefault(path, node.start_mark.line + 1)
    match node:
        case MappingNode():
            return _mapping_of(node, path, lines)
        case SequenceNode():
            return [_value_of(item, (*path, index), lines) for index, item in enumerate(node.value)]
        case ScalarNode():
            return _scalar_of(node, path)
        case _:
            raise _refusal("is not plain YAML", node)


def _mapping_of(node: MappingNode, path: SettingPath, lines: dict[SettingPath, int]) -> Value:
    mapping: dict[str, Value] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            raise _refusal("a key must be a word", key_node)
        key = str(key_node.value)
        if key in mapping:
            first = lines[(*path, key)]
            problem = f"key {key!r} is given twice, first in line {first}"
            raise _refusal(problem, key_node)
        lines[(*path, key)] = key_node.start_mark.line + 1
        mapping[key] = _value_of(value_node, (*path, key), lines)
    return mapping


def _scalar_of(node: ScalarNode, path: SettingPath) -> Value:
    text = str(node.value)
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text == "true"
        case "int":
            return int(text)
        case "float":
            number = float(text.replace(".inf", "inf").replace(".nan", "nan"))  # YAML's spelling to Python's
            if not math.isfinite(number):
                name = ".".join(map(str, path)) or "the whole"
                raise _refusal(f"{name}: a number must be finite", node)
            return number
        case _:
            return text
