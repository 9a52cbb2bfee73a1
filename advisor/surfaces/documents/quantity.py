"""Numbers as people read them."""

import math
from collections.abc import Mapping

from advisor.model.finding import KnobValue
from advisor.model.units import format_duration

_SECONDS = frozenset({"s", "second", "seconds"})
_RATIOS = frozenset({"ratio", "share"})
_BYTES = frozenset({"B", "byte", "bytes"})


def quantity(value: KnobValue, unit: str) -> str:
    """0.25 "s" -> "250ms", 0.31 "ratio" -> "31%", 30 "connections" -> "30 connections", 5 "1/s" -> "5/s".

    None is "unknown".
    """
    match value:
        case None:
            return "unknown"
        case str():
            return value
        case _ if not math.isfinite(value):
            return "unbounded" if value > 0 else "unknown"
        case _ if unit in _SECONDS:
            return format_duration(value)
        case _ if unit in _RATIOS:
            return f"{value * 100:.3g}%"
        case _ if unit in _BYTES:
            return _size(value)
        case _ if unit.startswith("1/"):
            return f"{_grouped(value)}{unit.removeprefix('1')}"
        case _:
            return f"{_grouped(value)} {unit}".rstrip()


def setting(value: KnobValue, unit: str, target: Mapping[str, str]) -> str:
    """A knob's value in a few words. An index goes by its name: its DDL is too long for a table."""
    if unit != "index":
        return quantity(value, unit)
    return "none" if value is None else target.get("index", str(value))


def _grouped(value: float) -> str:
    """Four significant digits; whole numbers in full."""
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.4g}"


def _size(value: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if abs(value) < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"
