"""How a value is written."""

import json
import re
from collections.abc import Mapping as MappingOf
from typing import TypeAlias

from advisor.manifests.content import kind_of, plain_kind
from advisor.manifests.nodes import Scalar

Value: TypeAlias = "int | str | MappingOf[str, Value]"

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*")
_STRING = plain_kind("x")


def scalar(value: int | str) -> str:
    """Without quotes where every reader takes that for the same thing."""
    if isinstance(value, int):
        return str(value)
    is_safe = _PLAIN.fullmatch(value) and plain_kind(value) == _STRING and not _is_number_elsewhere(value)
    return value if is_safe else json.dumps(value, ensure_ascii=False)


def like(old: Scalar, value: int | str) -> str:
    """In the quotes of the old value; where it has none, so that it stays what it was to a reader."""
    if old.style == "'":
        return "'" + str(value).replace("'", "''") + "'"
    if old.style == '"':
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, str) and value.isdecimal() and kind_of(old) == plain_kind(value):
        return value
    return scalar(value)


def flow(value: Value, *, is_json: bool) -> str:
    """On one line."""
    if isinstance(value, MappingOf):
        inside = (f"{json.dumps(key) if is_json else key}: {flow(one, is_json=is_json)}" for key, one in value.items())
        return "{" + ", ".join(inside) + "}"
    return json.dumps(value, ensure_ascii=False) if is_json else scalar(value)


def block(entries: MappingOf[str, Value], indent: str, step: str, line_end: str) -> str:
    """Whole lines, each with its end; `step` is how much deeper what is within stands."""
    lines = ""
    for key, value in entries.items():
        if isinstance(value, MappingOf):
            lines += f"{indent}{key}:{line_end}{block(value, indent + step, step, line_end)}"
        else:
            lines += f"{indent}{key}: {scalar(value)}{line_end}"
    return lines


def _is_number_elsewhere(value: str) -> bool:
    """YAML 1.2 and Go read `1e3` as a number, which YAML 1.1 has as text."""
    try:
        float(value)
    except ValueError:
        return False
    return True
