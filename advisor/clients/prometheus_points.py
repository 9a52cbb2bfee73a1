"""Parses an answer of many points: each series' as one array, and nothing else of them is ever made."""

import json
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Rows of unix seconds and value."""
_BEGIN, _END = b'"values":[[', b"]]"
"""Nothing but the key of that name can read so: within a text each quote has a backslash before it."""
_NUMBERS = msgspec.json.Decoder(list[float])  # Python's own takes several times as long for 17 digits


def parsed(body: bytes) -> Any:
    """As `json.loads` has it, with the `values` of each series as Points where they are finite numbers.

    Raises ValueError, RecursionError.
    """
    found: list[Points] = []
    rest: list[bytes] = []
    at = 0
    while (begin := body.find(_BEGIN, at)) >= 0 and (end := body.find(_END, begin)) >= 0:
        points = _points(body[begin + len(_BEGIN) : end])
        if points is None:
            rest.append(body[at : end + len(_END)])
        else:
            rest += body[at:begin], b'"values":%d' % len(found)
            found.append(points)
        at = end + len(_END)
    rest.append(body[at:])
    document = json.loads(b"".join(rest))
    for one in _series(document):
        number = one.get("values")
        if isinstance(number, int) and 0 <= number < len(found):
            one["values"] = found[number]
    return document


def _series(document: Any) -> list[dict[str, Any]]:
    data = document.get("data") if isinstance(document, dict) else None
    result = data.get("result") if isinstance(data, dict) else None
    return [one for one in result if isinstance(one, dict)] if isinstance(result, list) else []


def _points(text: bytes) -> Points | None:
    """Of 1772409900,"0.25"],[1772410200,"7"; None for what is something else, as JSON has no NaN."""
    plain = text.translate(None, b'[]"')
    try:
        numbers = _NUMBERS.decode(b"[" + plain + b"]")
    except msgspec.DecodeError:
        return None
    # Of n pairs two quotes each are gone, and two brackets between each and the next.
    if len(text) - len(plain) != 2 * len(numbers) - 2 or len(numbers) % 2:
        return None
    return np.array(numbers).reshape(-1, 2)
