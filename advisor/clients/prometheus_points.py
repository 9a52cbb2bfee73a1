"""Parses an answer of many points: each series' as one array, and nothing else of them is ever made."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import simdjson
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Rows of unix seconds and value."""
_NEXT_SERIES = b']]},{"metric":'
"""Nothing but the end of one series and the begin of the next reads so: within a text each quote has a backslash
before it."""
_VALUES, _END = b',"values":[[', b"]]}]"
_NEXT = b'"],['
_DIGITS = b"0123456789+-.eE"
_UNQUOTED = bytes.maketrans(b'"', b" ")
"""A space for each quote, so that digits on both sides of one do not become one number."""
_AT_ONCE = 64
"""Series: one call for each would cost more than the reading, and a whole answer needs many times its size."""


def parsed(body: bytes, labels_of: Callable[[bytes], Any] = json.loads) -> Any:
    """As `json.loads` has it, with the `values` of each series as Points where they are finite numbers.

    labels_of: makes the `metric` of a series of its text, which is the same in many answers; raises ValueError where
    that is no one JSON object. A first series, and what comes in another writing, has what json makes of it.

    Raises ValueError, RecursionError.
    """
    try:
        return _by_series(body, labels_of)
    except ValueError:
        return json.loads(body)


def _by_series(body: bytes, labels_of: Callable[[bytes], Any]) -> Any:
    """Raises ValueError for what Prometheus would not write, and where there are no points."""
    pieces = body.split(_NEXT_SERIES)
    before, _, pieces[0] = pieces[0].partition(_VALUES)
    last, _, after = pieces[-1].partition(_END)
    document = json.loads(b'%b,"values":0}]%b' % (before, after))
    match document:
        case {"data": {"result": [{"values": 0} as first] as result}}:
            pieces[-1] = last
        case _:
            raise ValueError("not one series around the points of all")
    parser = simdjson.Parser()
    (first["values"],) = _read(parser, pieces[:1])
    pieces = pieces[:0:-1]  # what was read is let go
    while pieces:
        several = [pieces.pop().partition(_VALUES) for _ in range(min(_AT_ONCE, len(pieces)))]
        found = _read(parser, [text for _, _, text in several])
        result += [_made(*piece, points, labels_of) for piece, points in zip(several, found, strict=True)]
    return document


def _made(labels: bytes, values: bytes, text: bytes, points: Any, labels_of: Callable[[bytes], Any]) -> Any:
    """A series, of the parts that its text has."""
    try:
        return {"metric": labels_of(labels), "values": points}
    except ValueError:  # there is more than labels before the points
        return json.loads(b'{"metric":%b%b%b]]}' % (labels, values, text))


def _read(parser: simdjson.Parser, texts: Sequence[bytes]) -> Sequence[Any]:
    """Of each such as 1772409900,"0.25"],[1772410200,"7"; what json has of something else, as JSON has no NaN."""
    found = _points(parser, texts)
    if found is None:
        found = [points for text in texts for points in _points(parser, [text]) or [json.loads(b"[[%b]]" % text)]]
    return found


def _points(parser: simdjson.Parser, texts: Sequence[bytes]) -> Sequence[Any] | None:
    """None where one of them is something else."""
    counts = [text.count(_NEXT) + 1 for text in texts]
    whole = b",".join(texts)
    if whole.translate(None, _DIGITS) != b",".join(map(_without_digits, counts)):
        return None
    try:
        numbers: Any = parser.parse(b"[" + whole.translate(_UNQUOTED, b"[]") + b"]")
    except (ValueError, RuntimeError):  # the second of what no double writes: a whole number beyond 64 bits
        return None
    rows = np.frombuffer(numbers.as_buffer(of_type="d")).reshape(-1, 2)
    ends = np.cumsum(counts).tolist()
    return [rows[end - count : end] for end, count in zip(ends, counts, strict=True)]


@cache
def _without_digits(points: int) -> bytes:
    return _NEXT.join([b',"'] * points) + b'"'
