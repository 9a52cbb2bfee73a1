"""Prometheus as a source, as the reader of a trial's samples, and as the view of an application's instances."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from advisor.clients.prometheus import MOST_POINTS, PrometheusApi
from advisor.model.errors import AdvisorError, BadDataError, SourceUnavailableError
from advisor.model.signal import Reading, Series, SignalKey
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.clock import Clock
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import Template, asked_always, load_templates
from advisor.sources.prometheus.pools import series_of_pool, without_only_pools
from advisor.sources.prometheus.readings import not_delivered, readings, series

_SHOWN_PROBLEMS = 3


class PrometheusSource:
    """Reads every signal of the configured presets. For each signal the first preset that has data of an application
    wins there: applications may have exporters of their own."""

    name = "prometheus"

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings, clock: Clock) -> None:
        self._api = api
        self._settings = settings
        self._clock = clock
        self._templates = asked_always(load_templates(settings.presets))

    def read(self, window_seconds: float) -> Observation:
        """All signals now. DEGRADED when some could not be read. Raises the first error when none could.

        Ends a query's time-out before the deadline, so that what was read by then still counts.
        """
        now = self._clock.now()
        settings = self._settings
        deadline = settings.deadline_seconds
        stop_at = self._clock.monotonic() + max(deadline / 2, deadline - settings.timeout_seconds)
        found: dict[SignalKey, Reading] = {}
        presets: dict[SignalKey, str] = {}
        tally = _Tally()
        for template in _in_order(self._templates, settings.presets):
            if tally.answers and self._clock.monotonic() > stop_at:
                tally.problems.append(
                    f"stopped after {tally.answers} queries, as the deadline of {deadline:g} s is near"
                )
                break
            try:
                answer = self._api.instant(self._query(template, window_seconds), now)
                seen = readings(template, answer, now=now, stale_after_seconds=settings.stale_after_seconds)
            except AdvisorError as error:
                tally.failed(template.signal, error)
                if tally.silent > 1:
                    break  # one that does not answer two queries in a row will not answer the next
                continue
            tally.answered(template.signal, answer.warnings)
            mine = not_delivered(seen, found)
            found |= mine
            presets |= dict.fromkeys(mine, template.preset)
        if not tally.answers and tally.first is not None:
            raise tally.first
        status = SourceStatus.DEGRADED if tally.problems else SourceStatus.OK
        return Observation(
            signals=without_only_pools(found),
            presets=without_only_pools(presets),
            status=status,
            detail=tally.detail(),
        )

    def _query(self, template: Template, window_seconds: float) -> str:
        return template.query(
            window_seconds=window_seconds,
            fresh_seconds=self._settings.stale_after_seconds,
            matchers=self._settings.matchers,
        )


def _in_order(templates: Mapping[str, Sequence[Template]], presets: Sequence[str]) -> Iterator[Template]:
    """The first preset's first: what is told by a later one alone comes last, where time may run out."""
    known = list(chain.from_iterable(templates.values()))
    for preset in dict.fromkeys(presets):
        yield from (template for template in known if template.preset == preset)


@dataclass(slots=True)
class _Tally:
    """How a round of queries fares. silent: queries in a row that got no answer. first: the first that was refused."""

    answers: int = 0
    silent: int = 0
    first: AdvisorError | None = None
    problems: list[str] = field(default_factory=list)

    def answered(self, signal: str, warnings: Sequence[str]) -> None:
        self.answers += 1
        self.silent = 0
        if warnings:
            self.problems.append(f"{signal}: partial answer: {'; '.join(warnings)}")

    def failed(self, signal: str, error: AdvisorError) -> None:
        """Raises `error` again when it is silence from the start."""
        if isinstance(error, SourceUnavailableError):
            if not self.answers:
                raise error
            self.silent += 1
        self.first = self.first or BadDataError(f"{signal}: {error.what}", where=error.where, fix=error.fix)
        self.problems.append(f"{signal}: {error}")

    def detail(self) -> str:
        more = len(self.problems) - _SHOWN_PROBLEMS
        return "; ".join(self.problems[:_SHOWN_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")


class PrometheusSamples:
    """The points of a trial. A point's rate looks back over its window: the first one is a window after the start."""

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings) -> None:
        self._api = api
        self._settings = settings
        self._templates = load_templates(settings.presets)

    def serves(self, signal: str) -> bool:
        """Whether a preset knows this signal."""
        return signal in self._templates

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        """The points in [start, end), none of which has seen anything from before `start`.

        Raises SourceUnavailableError when Prometheus does not answer.
        """
        step = self._settings.step_seconds * _coarser(start, end, self._settings.step_seconds)
        first = start + timedelta(seconds=self._settings.rate_window_seconds)
        window = _Window(
            first=first,
            end=end,
            step_seconds=step,
            expected=math.floor((end - first).total_seconds() / step) + 1,
            instances=tuple(instances),
        )
        if window.expected < 1:
            return {key: Series(problem="the window is shorter than the rate window") for key in signals}
        found: dict[SignalKey, Series] = {}
        for name in dict.fromkeys(key.name for key in signals):
            try:
                found |= self._all_of([key for key in signals if key.name == name], window)
            except BadDataError as error:
                found |= {key: Series(problem=str(error)) for key in signals if key.name == name}
        return {key: series_of_pool(key, found) for key in signals}

    def _all_of(self, keys: Sequence[SignalKey], window: "_Window") -> dict[SignalKey, Series]:
        """Of these keys of one signal at least; presets are asked until each application is told of."""
        apps, namespaces = ({key.label(name) for key in keys} for name in ("app", "namespace"))
        found: dict[SignalKey, Series] = {}
        for template in self._templates.get(keys[0].name, ()):
            query = template.query(
                window_seconds=self._settings.rate_window_seconds,
                fresh_seconds=self._settings.rate_window_seconds,
                matchers=self._settings.matchers,
                instances=window.instances,
                namespace=next(iter(namespaces)) if len(namespaces) == 1 else "",
            )
            answer = self._api.range(query, window.first, window.end, window.step_seconds)
            found |= not_delivered(series(template, answer, window.expected), found)
            if apps <= {key.label("app") for key in found}:
                break
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """What is asked for: the points from `first` to `end`, `expected` of them, of these instances or of all."""

    first: datetime
    end: datetime
    step_seconds: float
    expected: int
    instances: tuple[str, ...]


def _coarser(start: datetime, end: datetime, step_seconds: float) -> int:
    """How many steps to take as one, so that a long window stays within what Prometheus answers."""
    return max(1, math.ceil((end - start).total_seconds() / step_seconds / MOST_POINTS))
