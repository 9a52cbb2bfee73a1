"""Parses an answer of many points: each series' as one array, and nothing else of them is ever made."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import simdjson
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Rows of unix seconds and value."""
_BEGIN, _END = b'"values":[[', b"]]"
"""Nothing but the key of that name can read so: within a text each quote has a backslash before it."""
_NEXT = b'"],['
_METRIC, _METRIC_END = b'},{"metric":', b","
"""What stands between the points of two series, around the labels of the second one."""
_DIGITS = b"0123456789+-.eE"
_AT_ONCE = 64
"""Series: one call for each would cost more than the reading, and a whole answer needs many times its size."""


def parsed(body: bytes, labels_of: Callable[[bytes], Any] = json.loads) -> Any:
    """As `json.loads` has it, with the `values` of each series as Points where they are finite numbers.

    labels_of: makes the `metric` of a series of its text, which is the same in many answers; raises ValueError where
    that is no one JSON object. A first series, and what comes in another writing, has what json makes of it.

    Raises ValueError, RecursionError.
    """
    texts: list[bytes] = []
    between: list[bytes] = []
    at = 0
    while (begin := body.find(_BEGIN, at)) >= 0 and (end := body.find(_END, begin)) >= 0:
        between.append(body[at:begin])
        texts.append(body[begin + len(_BEGIN) : end])
        at = end + len(_END)
    found = list(_read(texts))
    labels: list[Any] = []
    rest: list[bytes] = []
    for number, (text, points, before) in enumerate(zip(texts, found, between, strict=True)):
        made = _made(before, labels_of)
        labels.append(made)
        rest += (
            before if made is None else b"%b%d," % (_METRIC, number),
            _BEGIN + text + _END if points is None else b'"values":%d' % number,
        )
    rest.append(body[at:])
    document = json.loads(b"".join(rest))
    for series in _series(document):
        for name, known in (("metric", labels), ("values", found)):
            held = series.get(name)
            if type(held) is int and 0 <= held < len(known) and known[held] is not None:
                series[name] = known[held]
    return document


def _made(before: bytes, labels_of: Callable[[bytes], Any]) -> Any | None:
    """Of what stands before the points of a series; None where that is more than its labels."""
    if not (before.startswith(_METRIC) and before.endswith(_METRIC_END)):
        return None
    try:
        return labels_of(before[len(_METRIC) : -len(_METRIC_END)])
    except ValueError:
        return None


def _series(document: Any) -> list[dict[str, Any]]:
    data = document.get("data") if isinstance(document, dict) else None
    result = data.get("result") if isinstance(data, dict) else None
    return [one for one in result if isinstance(one, dict)] if isinstance(result, list) else []


def _read(texts: Sequence[bytes]) -> Iterator[Points | None]:
    """Of each such as 1772409900,"0.25"],[1772410200,"7"; None for what is something else, as JSON has no NaN."""
    parser = simdjson.Parser()
    for first in range(0, len(texts), _AT_ONCE):
        several = texts[first : first + _AT_ONCE]
        points = _points(parser, several)
        if points is None:
            points = [one for text in several for one in _points(parser, [text]) or [None]]
        yield from points


def _points(parser: simdjson.Parser, texts: Sequence[bytes]) -> list[Points | None] | None:
    """None where one of them is something else."""
    counts = [text.count(_NEXT) + 1 for text in texts]
    whole = b",".join(texts)
    if whole.translate(None, _DIGITS) != b",".join(map(_without_digits, counts)):
        return None
    try:
        numbers: Any = parser.parse(b"[" + whole.translate(None, b'[]"') + b"]")
    except (ValueError, RuntimeError):  # the second of what no double writes: a whole number beyond 64 bits
        return None
    rows = np.frombuffer(numbers.as_buffer(of_type="d")).reshape(-1, 2)
    ends = np.cumsum(counts).tolist()
    return [rows[end - count : end] for end, count in zip(ends, counts, strict=True)]


@cache
def _without_digits(points: int) -> bytes:
    return _NEXT.join([b',"'] * points) + b'"'
