"""How the time is parted, so that no query costs more than is allowed and all of them are few enough."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from advisor.settings.kubernetes.usage import UsageSettings
from advisor.sources.kubernetes_usage.answers.asking import Span
from advisor.sources.kubernetes_usage.probe import Probe
from advisor.sources.kubernetes_usage.tallies.hours import HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """parts: of the span, one query each for CPU and for memory. hourly: for throttling.

    suffix: of the names of the queries for CPU and memory. holes: for what counts not, where those do not leave it out;
    by_target: told of targets and not of each series.
    """

    span: Span
    parts: tuple[Span, ...]
    hours: Span
    hourly: tuple[Span, ...]
    holes: tuple[Span, ...]
    suffix: str
    by_target: bool
    lookback_seconds: float
    notes: tuple[str, ...] = ()

    @property
    def whole_hours(self) -> Span:
        """Ends of hours without where the first one begins."""
        return self.hours.newest(self.hours.steps - 1)

    @property
    def holes_query(self) -> str:
        return "target_holes" if self.by_target else "cpu_holes"

    @property
    def questions(self) -> list[tuple[str, Span]]:
        """Names of queries, and for when: what tells of starts before what they matter to."""
        usage = [(f"{name}{self.suffix}", part) for part in self.parts for name in ("memory", "cpu")]
        return [*usage, *(("throttled", part) for part in self.hourly)]


def _lookback(span: Span, series: int, probe: Probe, usage: UsageSettings) -> float:
    return min(max(span.seconds, HOUR), usage.most_samples / series * probe.interval_seconds)


def plan(wanted: Span, probe: Probe, usage: UsageSettings, queries: int) -> Plan:
    """queries: that may still be sent. Where they do not suffice, the oldest part of the time is left out, and said."""
    series = max(1, probe.series)
    most = max(1, usage.most_points // series)
    samples_a_step = 2 * series * usage.step_seconds / probe.interval_seconds
    most = max(1, min(most, int(usage.most_samples // samples_a_step)))
    span, (throttling, holes) = _affordable(
        wanted, most, queries, lambda span: (_hourly(span, series, usage), _holes(span, probe, usage))
    )
    return Plan(
        span=span,
        parts=tuple(span.split(math.ceil(span.steps / most))),
        hours=_hours(span),
        hourly=tuple(_hours(span).split(throttling)),
        holes=tuple(span.split(holes)) if holes else (),
        suffix=probe.suffix,
        by_target=probe.targets > 0,
        lookback_seconds=_lookback(span, series, probe, usage),
        notes=() if span.steps == wanted.steps else (_cut(span, wanted, series, queries),),
    )


def _affordable(
    wanted: Span, most: int, queries: int, others_of: Callable[[Span], tuple[int, int]]
) -> tuple[Span, tuple[int, int]]:
    """As much of the time as the queries suffice for, and the queries that its throttling and its holes take."""
    for parts in range(math.ceil(wanted.steps / most), 1, -1):
        span = wanted.newest(most * parts)
        others = others_of(span)
        if 2 * parts + sum(others) <= queries:
            return span, others
    span = wanted.newest(most)
    return span, others_of(span)


def _hourly(span: Span, series: int, usage: UsageSettings) -> int:
    """Two counters of each series, and no more samples of them than points."""
    return max(1, math.ceil(2 * _hours(span).steps * series / usage.most_points))


def _holes(span: Span, probe: Probe, usage: UsageSettings) -> int:
    """They are few, and are read as often as CPU is, or as targets are scraped."""
    if probe.suffix or not span.steps:
        return 0
    read = probe.targets or probe.series
    return max(1, math.ceil(read * span.seconds / probe.interval_seconds / usage.most_samples))


def _hours(span: Span) -> Span:
    """The ends of the hours within the span, the last one where it ends; and before them where the first one begins."""
    if not span.steps:
        return span
    count = max(1, round(span.seconds / HOUR))
    first: datetime = span.last - timedelta(seconds=count * HOUR)
    return replace(span, first=first, step_seconds=HOUR)


def _cut(span: Span, wanted: Span, series: int, queries: int) -> str:
    days = [f"{one.seconds / 86_400:.1f}" for one in (span, wanted)]
    return f"{days[0]} of {days[1]} days are read in this look: {series} series, and {queries} queries are left"
