"""What Prometheus answers beside plain numbers hides none of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from advisor.clients.prometheus import Answer
from advisor.model.errors import BadDataError
from advisor.sources.kubernetes_usage.answers.asking import Budget, Span

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HISTOGRAM = {"count": "1", "sum": "2"}


class Answers:
    """Answers each query with these series."""

    def __init__(self, *series: dict[str, Any]) -> None:
        self.series = list(series)

    def instant(self, query: str, at: datetime) -> Answer:
        return Answer(kind="vector", result=self.series)

    def range(self, query: str, start: datetime, end: datetime, step_seconds: float, parse: Any) -> Answer:
        return Answer(kind="matrix", result=self.series)


@pytest.mark.parametrize("other", [{"histograms": [[300, HISTOGRAM]]}, {"values": []}, {"values": None}])
def test_a_series_without_numbers_hides_no_other(other: dict[str, Any]) -> None:
    answers: Any = Answers({"metric": {"pod": "web-1"}, **other}, {"metric": {"pod": "web-2"}, "values": [[300, "1"]]})
    found = Budget(answers).range("cpu", "cpu", Span(first=NOON, last=NOON, step_seconds=300))
    assert [(one.begins, one.source.place.pod) for one in found] == [(300, "web-2")]


def test_a_histogram_hides_no_number_of_the_same_moment() -> None:
    answers: Any = Answers(
        {"metric": {"pod": "web-1"}, "histogram": [300, HISTOGRAM]}, {"metric": {"pod": "web-2"}, "value": [300, "1"]}
    )
    assert Budget(answers).instant("cpu", "cpu", NOON) == [({"pod": "web-2"}, 1)]


@pytest.mark.parametrize("other", ["row", None, 7])
def test_what_is_no_series_at_all_is_refused_by_name(other: object) -> None:
    answers: Any = Answers({"metric": {"pod": "web-1"}, "values": [[300, "1"]], "value": [300, "1"]})
    answers.series.append(other)
    with pytest.raises(BadDataError, match="a series of the answer is no JSON object"):
        Budget(answers).instant("cpu", "cpu", NOON)
    with pytest.raises(BadDataError, match="a series of the answer is no JSON object"):
        list(Budget(answers).range("cpu", "cpu", Span(first=NOON, last=NOON, step_seconds=300)))
