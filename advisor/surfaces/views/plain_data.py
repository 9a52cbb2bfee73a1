"""Views as JSON knows them."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError


def as_json(view: object) -> bytes:
    """`plain_mapping` as JSON in UTF-8, written out at once: ten times as fast where a view has hours of samples."""
    kind: Any = type(view)  # a class can be hashed, whatever mypy says of type[object]
    try:
        return _adapter(kind).dump_json(view, warnings=False)
    except PydanticSerializationError:  # half a surrogate pair, of JSON of others: no UTF-8, but an escape in JSON
        return json.dumps(plain_mapping(view), allow_nan=False).encode()


@cache
def _adapter(view: type) -> TypeAdapter[Any]:
    """One for each class of view, of which there are a dozen."""
    return TypeAdapter(view)


def plain_mapping(view: object) -> dict[str, object]:
    """The fields of a dataclass, in their order, as JSON's types all the way down. Raises TypeError."""
    if not is_dataclass(view):
        raise TypeError(f"{type(view).__name__} is no dataclass")
    return {field.name: plain(getattr(view, field.name)) for field in fields(view)}


def plain(value: object) -> object:
    """JSON's types only; NaN and infinities become None, times RFC 3339 in UTC. Raises TypeError for other types."""
    match value:
        case Enum():
            return plain(value.value)
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case datetime():
            return rfc3339(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return plain_mapping(value)


def rfc3339(moment: datetime) -> str:
    """2026-01-01T00:00:00Z; fractions of a second only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_the_second(moment: datetime) -> str:
    """2026-01-01T00:00:00Z, for people: fractions of a second are left out."""
    return rfc3339(moment.replace(microsecond=0))
