"""Parses an answer of many points: each series' as one array, and nothing else of them is ever made."""

import json
import re
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Rows of unix seconds and value."""
_VALUES = re.compile(rb'"values":\s*(\[\s*\[[^{}]*\]\s*\])')
"""Nothing but the key of that name can read so: within a text each quote has a backslash before it."""


def parsed(body: bytes, step_seconds: float) -> Any:
    """As `json.loads` has it, with the `values` of each series as Points. Raises ValueError, RecursionError.

    step_seconds: that was asked for, the least between two points.
    """
    found: list[Points] = []

    def cut(match: re.Match[bytes]) -> bytes:
        try:
            found.append(_points(match[1], step_seconds))
        except ValueError:
            return match[0]
        return b'"values":%d' % (len(found) - 1)

    document = json.loads(_VALUES.sub(cut, body))
    for one in _series(document):
        number = one.get("values")
        if isinstance(number, int) and 0 <= number < len(found):
            one["values"] = found[number]
    return document


def _series(document: Any) -> list[dict[str, Any]]:
    data = document.get("data") if isinstance(document, dict) else None
    result = data.get("result") if isinstance(data, dict) else None
    return [one for one in result if isinstance(one, dict)] if isinstance(result, list) else []


def _points(text: bytes, step_seconds: float) -> Points:
    """Of [[1772409900,"0.25"],[1772410200,"NaN"]]. Raises ValueError for what is something else."""
    words = text.split(b'"')
    values = words[1::2]
    if len(words) != 2 * len(values) + 1 or words[-1].strip(b"] \n"):
        raise ValueError("not as many numbers as texts")
    points = np.empty((len(values), 2))
    first, last = _moment(words[0]), _moment(words[-3])
    if round((last - first) / step_seconds) == len(values) - 1:  # without a gap: no need to read them all
        points[:, 0] = _grid(first, last, len(values))
    else:
        points[:, 0] = [_moment(word) for word in words[:-1:2]]
    points[:, 1] = list(map(float, values))
    return points


@lru_cache(maxsize=256)
def _grid(first: float, last: float, count: int) -> NDArray[np.float64]:
    return np.linspace(first, last, count)


def _moment(word: bytes) -> float:
    return float(word.strip(b"[], \n"))
