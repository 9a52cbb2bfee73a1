"""Prometheus as a source, as the reader of a trial's samples, and as the view of an application's instances."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from advisor.model.errors import AdvisorError, BadDataError, SourceUnavailableError
from advisor.model.signal import Reading, Series, SignalKey
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports import Clock
from advisor.settings.connections import PrometheusSettings
from advisor.sources.catalogue import Template, load_templates
from advisor.sources.prometheus_api import MOST_POINTS, PrometheusApi
from advisor.sources.promql_readings import readings, series


class PrometheusSource:
    """Reads every signal of the configured presets. For each signal the first preset that has data wins."""

    name = "prometheus"

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings, clock: Clock) -> None:
        self._api = api
        self._settings = settings
        self._clock = clock
        self._templates = load_templates(settings.presets)

    def read(self, window_seconds: float) -> Observation:
        """All signals now. DEGRADED when some queries failed. Raises the first error when every query did."""
        now = self._clock.now()
        found: dict[SignalKey, Reading] = {}
        problems: list[str] = []
        asked = 0
        deadline = self._clock.monotonic() + self._settings.deadline_seconds
        for templates in self._templates.values():
            for template in templates:
                if self._clock.monotonic() > deadline:
                    raise SourceUnavailableError(
                        f"{asked} queries took more than {self._settings.deadline_seconds:g} s", where=self.name
                    )
                asked += 1
                try:
                    seen = readings(template, self._api.instant(self._query(template, window_seconds), now))
                except SourceUnavailableError:
                    raise  # one that does not answer this query will not answer the next
                except AdvisorError as error:
                    problems.append(f"{template.signal}: {error}")
                    continue
                if seen:
                    found |= seen
                    break
        if problems and len(problems) == asked:
            raise BadDataError(problems[0], where=self.name)
        status = SourceStatus.DEGRADED if problems else SourceStatus.OK
        return Observation(signals=found, status=status, detail="; ".join(problems[:3]))

    def _query(self, template: Template, window_seconds: float) -> str:
        return template.query(
            window_seconds=window_seconds,
            fresh_seconds=self._settings.stale_after_seconds,
            matchers=self._settings.matchers,
        )


class PrometheusSamples:
    """The points of a trial. A point's rate looks back over its window: the first one is a window after the start."""

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings) -> None:
        self._api = api
        self._settings = settings
        self._templates = load_templates(settings.presets)

    def serves(self, signal: str) -> bool:
        """Whether a preset knows this signal."""
        return signal in self._templates

    def series(self, signals: Sequence[SignalKey], start: datetime, end: datetime) -> Mapping[SignalKey, Series]:
        """The points in [start, end), none of which has seen anything from before `start`.

        Raises SourceUnavailableError when Prometheus does not answer.
        """
        step = self._settings.step_seconds * _coarser(start, end, self._settings.step_seconds)
        first = start + timedelta(seconds=self._settings.rate_window_seconds)
        expected = math.floor((end - first).total_seconds() / step) + 1
        if expected < 1:
            return {key: Series(problem="the window is shorter than the rate window") for key in signals}
        found: dict[SignalKey, Series] = {}
        for name in dict.fromkeys(key.name for key in signals):
            found |= self._all_of(name, first, end, step, expected)
        return {key: found.get(key, Series(problem="no such series in Prometheus")) for key in signals}

    def _all_of(self, name: str, first: datetime, end: datetime, step: float, expected: int) -> dict[SignalKey, Series]:
        for template in self._templates.get(name, ()):
            query = template.query(
                window_seconds=self._settings.rate_window_seconds,
                fresh_seconds=self._settings.rate_window_seconds,
                matchers=self._settings.matchers,
            )
            found = series(template, self._api.range(query, first, end, step), expected)
            if found:
                return found
        return {}


def _coarser(start: datetime, end: datetime, step_seconds: float) -> int:
    """How many steps to take as one, so that a long window stays within what Prometheus answers."""
    return math.ceil((end - start).total_seconds() / step_seconds / MOST_POINTS)
