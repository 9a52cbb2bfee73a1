"""The numbers in INFO, as servers and services of several makes write them."""

import math
from collections.abc import Mapping
from typing import Any

_UNITS = {"B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def number(facts: Mapping[str, Any], field: str, odd: list[str]) -> float:
    """`999.5M`, `9.0e6` or `12`; 0 where the server has no such field. What is no amount is 0 and named in `odd`."""
    raw = facts.get(field, 0)
    text = str(raw).strip().upper()
    unit = _UNITS.get(text[-1:], 1) if text[-1:].isalpha() else 1
    try:
        value = float(text.rstrip("BKMGT") if unit > 1 or text.endswith("B") else text) * unit
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value >= 0:
        return value
    odd.append(f"{field}: {str(raw)[:40]!r} is no amount")
    return 0.0
