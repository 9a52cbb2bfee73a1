"""What is asked beside the usage: narrowed to few pods, in queries that every server takes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from advisor.clients.prometheus import Answer
from advisor.model.errors import BadDataError
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes_usage.answers.asking import Budget, Span
from advisor.sources.kubernetes_usage.facts_reader import FactsReader
from advisor.sources.kubernetes_usage.queries import Queries

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEK = Span(first=NOON - timedelta(days=7), last=NOON, step_seconds=300)
QUERIES = Queries(settings=KubernetesSettings(), matchers={})
VICTORIA_METRICS_TAKES = 16_384
"""Bytes, unless it is told otherwise."""


class Asked:
    """Answers what was killed, and keeps what was asked. killed: pods."""

    def __init__(self, *killed: tuple[str, str]) -> None:
        self.killed = killed
        self.refuses = False
        self.ranges: list[tuple[str, float]] = []

    def instant(self, query: str, at: datetime) -> Answer:
        rows = [
            {"metric": {"namespace": namespace, "pod": pod}, "value": [at.timestamp(), "1"]}
            for namespace, pod in self.killed
        ]
        return Answer(kind="vector", result=rows)

    def range(self, query: str, start: datetime, end: datetime, step_seconds: float, parse: Any) -> Answer:
        if self.refuses:
            raise BadDataError("too many samples", where="prometheus")
        self.ranges.append((query, step_seconds))
        return Answer(kind="matrix", result=[])


def reader(asked: Any) -> FactsReader:
    return FactsReader(Budget(asked), NOON, None)


def test_few_killed_pods_are_named() -> None:
    asked = Asked(("shop", "web-1"))
    reader(asked).read_kills(QUERIES, WEEK, 400_000)
    ((query, step),) = asked.ranges
    assert (query.count('pod=~"web\\\\-1"'), step) == (3, 300)


def test_a_thousand_killed_pods_make_no_query_that_is_too_long_nor_an_answer_that_is() -> None:
    """1,000 of them at 2,017 points are six times 400,000: every half an hour suffices, as restarts add up."""
    asked = Asked(*(("shop", f"report-with-a-long-name-{number:010}") for number in range(1000)))
    reader(asked).read_kills(QUERIES, WEEK, 400_000)
    ((query, step),) = asked.ranges
    assert 'namespace=~"shop"' in query
    assert (len(query) < VICTORIA_METRICS_TAKES, step) == (True, 6 * 300)


def test_jobs_that_are_too_many_to_be_named_are_told_by_their_counters_and_not_by_all_series() -> None:
    asked = Asked()
    one = reader(asked)
    one.facts.owners.add_pods(
        ({"namespace": "ci", "pod": f"build-{number}-x", "owner_kind": "Job", "owner_name": f"build-{number}"}, 1.0)
        for number in range(1000)
    )
    one.facts.owners.add_jobs(
        ({"namespace": "ci", "job_name": f"build-{number}", "owner_kind": "<none>"}, 1.0) for number in range(1000)
    )
    assert one.read_job_throttling(QUERIES, WEEK) == []
    assert (asked.ranges, one.facts.jobs_apart) == ([], False)


def of_a_job(asked: Asked) -> FactsReader:
    one = reader(asked)
    one.facts.owners.add_pods([({"namespace": "ci", "pod": "a-x", "owner_kind": "Job", "owner_name": "a"}, 1.0)])
    one.facts.owners.add_jobs([({"namespace": "ci", "job_name": "a", "owner_kind": "<none>"}, 1.0)])
    return one


def test_jobs_whose_throttling_is_refused_cost_no_usage() -> None:
    asked = Asked()
    asked.refuses = True
    one = of_a_job(asked)
    assert one.read_job_throttling(QUERIES, WEEK) == []
    assert (one.facts.jobs_apart, one.facts.problems) == (False, ["throttled_jobs: too many samples"])


def test_few_jobs_are_read_apart() -> None:
    asked = Asked()
    one = of_a_job(asked)
    one.read_job_throttling(QUERIES, WEEK)
    ((query, _),) = asked.ranges
    assert (one.facts.jobs_apart, 'pod=~"a-.*"' in query) == (True, True)
