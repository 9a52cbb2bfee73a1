"""Answers of many points, with each series' as one array: the same as plain JSON has, whoever wrote it."""

import json
import math
from typing import Any

import numpy as np
import pytest

from advisor.clients.prometheus_points import parsed


def answer(*series: dict[str, Any]) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(series)}}


def compact(document: object) -> bytes:
    """As Prometheus writes."""
    return json.dumps(document, separators=(",", ":")).encode()


def points_of(text: str) -> list[list[tuple[float, float]]]:
    document = parsed(text.encode())
    return [[(float(at), float(value)) for at, value in one["values"]] for one in document["data"]["result"]]


@pytest.mark.parametrize("writing", [{"separators": (",", ":")}, {}, {"indent": 1}])
def test_points_are_those_of_plain_json_however_it_is_spaced(writing: dict[str, Any]) -> None:
    whole = {"metric": {"pod": "web-1"}, "values": [[300.0, "0.25"], [600.0, "1e-7"], [900.0, "3"]]}
    gap = {"values": [[300, "1"], [900, "2"], [1200, "3"]], "metric": {"pod": "web-2"}}
    assert points_of(json.dumps(answer(whole, gap), **writing)) == [
        [(300, 0.25), (600, 1e-7), (900, 3)],
        [(300, 1), (900, 2), (1200, 3)],
    ]


def test_what_is_no_number_to_prometheus_is_none_here() -> None:
    text = compact(answer({"metric": {}, "values": [[300, "NaN"], [600, "+Inf"], [900, "-Inf"]]}))
    (points,) = points_of(text.decode())
    assert math.isnan(points[0][1])
    assert [value for _, value in points[1:]] == [math.inf, -math.inf]


def test_one_series_that_is_none_hides_no_other() -> None:
    series = [
        {"metric": {"pod": f"web-{n}"}, "values": [[300 * n, value]]} for n, value in enumerate(["1", "NaN", "2"])
    ]
    first, none, last = points_of(compact(answer(*series)).decode())
    assert (first, last) == ([(0, 1)], [(600, 2)])
    assert math.isnan(none[0][1])


def test_what_one_series_has_too_much_another_does_not_make_good() -> None:
    document = answer({"metric": {}, "values": [[300, 400, "1"]]}, {"metric": {}, "values": [["2"]]})
    assert parsed(compact(document)) == document


def test_labels_that_were_read_before_are_those_of_then() -> None:
    series = [{"metric": {"pod": pod}, "values": [[300, "1"]]} for pod in ("web-1", "web-2", "web-1")]
    read: list[bytes] = []

    def labels_of(text: bytes) -> str:
        read.append(text)
        return "known" if text == b'{"pod":"web-1"}' else "new"

    found = parsed(compact(answer(*series)), labels_of)["data"]["result"]
    assert [one["metric"] for one in found] == [{"pod": "web-1"}, "new", "known"]
    assert read == [b'{"pod":"web-2"}', b'{"pod":"web-1"}']


def test_what_stands_between_labels_and_points_is_left_as_it_is() -> None:
    first, last = ({"metric": {"pod": pod}, "histograms": [], "values": [[300, "1"]]} for pod in ("web-1", "web-2"))
    assert [one["metric"] for one in parsed(compact(answer(first, last)))["data"]["result"]] == [
        {"pod": "web-1"},
        {"pod": "web-2"},
    ]


@pytest.mark.parametrize("value", ["1" + "0" * 30, "18446744073709551616", "-9223372036854775809"])
def test_a_whole_number_may_be_of_any_size(value: str) -> None:
    assert points_of(compact(answer({"metric": {}, "values": [[300, value]]})).decode()) == [[(300, float(value))]]


def test_a_label_that_looks_like_points_is_a_label() -> None:
    label = '"values":[[1,"2"]]'
    document = parsed(compact(answer({"metric": {"pod": label}, "values": [[300, "1"]]})))
    (one,) = document["data"]["result"]
    assert one["metric"] == {"pod": label}
    assert np.array_equal(one["values"], [[300, 1]])


@pytest.mark.parametrize(
    "values",
    [
        [[300, "one"]],
        [[300, 1]],
        [[300, "1", "2"]],
        [["300", "1"]],
        [[300, "1"], [600]],
        [[300, "1", "2"], ["3"]],
        [[300], ["1"]],
        [[]],
        [],
        7,
        True,
    ],
)
def test_what_prometheus_would_not_write_is_left_as_it_is(values: object) -> None:
    document = answer({"metric": {"pod": "web-1"}, "values": values})
    assert parsed(compact(document)) == document


def test_what_is_no_json_is_none() -> None:
    with pytest.raises(ValueError, match="Expecting property name"):
        parsed(b'{"values":[[1,"2"]],')


@pytest.mark.parametrize("point", ['1,"2"3', '1,2"3"', '1,"2"],[3,4"5"'])
def test_digits_outside_of_the_quotes_are_no_part_of_a_number(point: str) -> None:
    with pytest.raises(ValueError, match="delimiter"):
        parsed(b'{"data":{"result":[{"metric":{},"values":[[%b]]}]}}' % point.encode())


@pytest.mark.parametrize("size", [40, 60, -30, -3])
def test_an_answer_that_is_cut_short_is_no_json(size: int) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        parsed(compact(answer({"values": [[300, "1"], [600, "2"]], "metric": {"pod": "web-1"}}))[:size])
