"""Asks within a budget of queries, with the cost of each known before it is sent."""

import json
import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np

from advisor.clients.prometheus import Answer, PrometheusApi
from advisor.clients.prometheus_points import Points, parsed
from advisor.model.errors import BadDataError
from advisor.sources.kubernetes_usage.answers.names import Source, source_of, texts_of

MOST_QUERIES = 25
MOST_BYTES = 48 * 1024 * 1024
"""Of one answer: 400,000 points of 36 bytes, and a kilobyte of labels for each of 30,000 series."""
_NAMED = re.compile(rb'\{"__name__":"(\w+)",')
_LEAST_STEPS = 4
_AT_ONCE = 2
_AHEAD = 3
Rows = list[tuple[Mapping[str, str], float]]
"""Labels and value."""
T = TypeVar("T")


class Series(NamedTuple):
    """Whose, and (unix seconds, value) of each finite point, oldest first: rows of an array where there are many.

    begins: when the first point of any series of the same answer is.
    """

    begins: float
    source: Source
    points: Points | Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The points at first, first + step, ..., last."""

    first: datetime
    last: datetime
    step_seconds: float

    @property
    def steps(self) -> int:
        """0 where the last is before the first."""
        return max(0, math.floor((self.last - self.first).total_seconds() / self.step_seconds + 1e-6) + 1)

    @property
    def seconds(self) -> float:
        """That its points look back over."""
        return self.steps * self.step_seconds

    def split(self, parts: int) -> list["Span"]:
        """As many as can be, none of them empty, oldest first."""
        size = max(1, math.ceil(self.steps / max(1, parts)))
        spans = []
        for begin in range(0, self.steps, size):
            end = min(begin + size, self.steps) - 1
            spans.append(Span(first=self._at(begin), last=self._at(end), step_seconds=self.step_seconds))
        return spans

    def newest(self, steps: int) -> "Span":
        """The last so many points of it."""
        return Span(first=self._at(max(0, self.steps - steps)), last=self.last, step_seconds=self.step_seconds)

    def _at(self, step: int) -> datetime:
        return self.first + timedelta(seconds=step * self.step_seconds)


@contextmanager
def ahead(calls: Iterable[Callable[[], T]]) -> Iterator[Iterator[T]]:
    """What each call gives, in their order. Two are under way from the beginning: the server works while we do.

    What is taken and the next three are all that is held. Left early, what was not begun is not called.
    """
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="usage") as pool:
        waiting = iter(calls)
        coming = deque(pool.submit(call) for call in islice(waiting, _AHEAD))

        def answers() -> Iterator[T]:
            while coming:
                answer = coming.popleft().result()
                coming.extend(pool.submit(call) for call in islice(waiting, 1))
                yield answer

        try:
            yield answers()
        finally:
            pool.shutdown(cancel_futures=True)


@dataclass(slots=True)
class Budget:
    """What may still be asked, and what came. warnings: of partial answers, by query. May be asked by many threads."""

    api: PrometheusApi
    most_queries: int = MOST_QUERIES
    queries: int = 0
    points: int = 0
    warnings: dict[str, str] = field(default_factory=dict)
    _sources: dict[bytes, Source] = field(default_factory=dict, init=False)
    """By the text of their labels: a look meets most series several times."""
    _lock: Lock = field(default_factory=Lock, init=False)

    def apart(self, queries: int) -> "Budget":
        """A budget of so many of its queries, so that what is asked meanwhile cannot take them."""
        self.most_queries -= queries
        return Budget(self.api, most_queries=queries)

    @property
    def left(self) -> int:
        return self.most_queries - self.queries

    def instant(self, name: str, query: str, at: datetime) -> Rows:
        """Of each series. Raises BadDataError, SourceUnavailableError."""
        self._spend(name)
        answer = self._seen(name, self.api.instant(query, at))
        found = [(texts_of(one["metric"]), float(one["value"][1])) for one in _objects(answer) if "value" in one]
        self._came(len(found))
        return [(labels, value) for labels, value in found if math.isfinite(value)]

    def range(self, name: str, query: str, span: Span) -> Iterator[Series]:
        """Each series of the span; asked for in two halves, the older first, where the server cannot answer at once."""
        self._spend(name)
        try:
            parse = partial(parsed, labels_of=self._source)
            answer = self._seen(name, self.api.range(query, span.first, span.last, span.step_seconds, parse))
        except BadDataError:
            if span.steps < _LEAST_STEPS or self.left < 2:
                raise
            for half in span.split(2):
                yield from self.range(name, query, half)
            return
        result = [one for one in _objects(answer) if _has_points(one)]
        answer.result.clear()  # else what was read would stay
        begins = min((float(one["values"][0][0]) for one in result), default=0.0)
        result.reverse()
        count = 0
        while result:
            one = result.pop()
            points = _points(one["values"])
            count += len(points)
            metric = one["metric"]
            yield Series(begins, metric if isinstance(metric, Source) else source_of(metric), points)
        self._came(count)

    def _source(self, text: bytes) -> Source:
        """Raises ValueError where the text is no one JSON object."""
        if (found := self._sources.get(text)) is None:
            found = self._sources[text] = self._read(text)
        return found

    def _read(self, text: bytes) -> Source:
        if named := _NAMED.match(text):  # the other labels are those of a series of another name
            return self._source(b"{" + text[named.end() :]).named(named[1].decode())
        labels = json.loads(text)
        if not isinstance(labels, dict):
            raise ValueError("labels are an object")
        return source_of(labels)

    def _spend(self, name: str) -> None:
        with self._lock:
            if self.left < 1:
                raise BadDataError(
                    f"more than {MOST_QUERIES} queries would be needed for {name}",
                    where="kubernetes.usage",
                    fix="name kubernetes.namespaces",
                )
            self.queries += 1

    def _came(self, points: int) -> None:
        with self._lock:
            self.points += points

    def _seen(self, name: str, answer: Answer) -> Answer:
        if answer.warnings:
            self.warnings[name] = "; ".join(answer.warnings)
        return answer


def _objects(answer: Answer) -> Sequence[Mapping[str, Any]]:
    """Raises BadDataError where a series is none."""
    if not all(isinstance(one, dict) for one in answer.result):
        raise BadDataError(
            "a series of the answer is no JSON object",
            where="kubernetes.usage",
            fix="is prometheus.url the address of a Prometheus?",
        )
    return answer.result


def _has_points(series: Mapping[str, Any]) -> bool:
    """One of native histograms has none."""
    values = series.get("values")
    return values is not None and len(values) > 0


def _points(values: Points | Sequence[Any]) -> Points:
    """The finite ones. Such as came in another writing than Prometheus' are pairs of a number and a text."""
    if isinstance(values, np.ndarray):
        return values
    points = np.array([(float(at), float(value)) for at, value in values], dtype=float).reshape(-1, 2)
    finite: Points = points[np.isfinite(points[:, 1])]
    return finite
