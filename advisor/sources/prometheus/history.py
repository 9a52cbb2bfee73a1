"""Prometheus as it recorded: the snapshots that could have been taken, and the load that is usual."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from statistics import median

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import AdvisorError, BadDataError, SourceUnavailableError
from advisor.model.signal import Measured, Reading, SignalKey
from advisor.model.snapshot import Snapshot, SourceReport, SourceStatus
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import Template, asked_always, load_templates
from advisor.sources.prometheus.pools import without_only_pools
from advisor.sources.prometheus.readings import not_delivered, recorded
from advisor.sources.prometheus.recorded_database import recorded_database

POINTS_PER_QUERY = 500
"""Far below the 11,000 that Prometheus allows: one answer of thousands of series stays small too."""

Moments = dict[datetime, dict[SignalKey, Reading]]


class PrometheusHistory:
    """Asks for every signal of the configured presets by range queries, chunk by chunk; implements History."""

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings, *, database: str) -> None:
        """database: what snapshots call the Postgres whose connections were recorded."""
        self._api = api
        self._settings = settings
        self._database = database
        self._templates = asked_always(load_templates(settings.presets))

    def snapshots(
        self, start: datetime, end: datetime, step_seconds: float, window_seconds: float
    ) -> Iterator[Snapshot]:
        """As the port says. Holds one chunk at a time, however long the history is."""
        whole = start.replace(microsecond=0)  # Prometheus answers to the millisecond
        for moments in chunks(whole, end, step_seconds):
            yield from self._chunk(moments, step_seconds, window_seconds)

    def _chunk(self, moments: list[datetime], step_seconds: float, window_seconds: float) -> Iterator[Snapshot]:
        seen: Moments = {moment: {} for moment in moments}
        problems: list[str] = []
        for templates in self._templates.values():
            problems.extend(self._add(templates, seen, step_seconds, window_seconds))
        if problems and not any(seen.values()):
            raise BadDataError(problems[0], where="prometheus")
        status = SourceStatus.DEGRADED if problems else SourceStatus.OK
        source = SourceReport(name="prometheus", status=status, detail="; ".join(problems[:3]))
        for moment, several in seen.items():
            signals = without_only_pools(several)
            yield Snapshot(
                taken_at=moment,
                window_seconds=window_seconds,
                signals=signals,
                databases=recorded_database(self._database, signals, moment, window_seconds),
                sources=(source,),
            )

    def _add(
        self, templates: tuple[Template, ...], seen: Moments, step_seconds: float, window_seconds: float
    ) -> Iterator[str]:
        """One signal: at each moment the first preset that has data of an application wins there, as it does live.
        Yields what went wrong."""
        mine: Moments = {moment: {} for moment in seen}
        for template in templates:
            query = template.query(
                window_seconds=window_seconds,
                fresh_seconds=self._settings.stale_after_seconds,
                matchers=self._settings.matchers,
            )
            try:
                answer = self._api.range(query, min(seen), max(seen), step_seconds)
                found = recorded(template, answer)
            except SourceUnavailableError:
                raise
            except AdvisorError as error:
                yield f"{template.signal}: {error}"
                continue
            for moment in mine.keys() & found.keys():
                mine[moment] |= not_delivered(found[moment], mine[moment])
        for moment, readings in mine.items():
            seen[moment] |= readings


class PrometheusLoadHistory:
    """The median load of the past, asked for once an hour and application; implements LoadHistory."""

    _STEP_SECONDS = 900.0
    _LEAST_SHARE = 0.25

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings, *, history_seconds: float) -> None:
        self._api = api
        self._settings = settings
        self._seconds = history_seconds
        self._templates = load_templates(settings.presets).get("http.requests_per_second", ())
        self._known: dict[datetime, Mapping[str, float]] = {}

    def usual(self, app: str, at: datetime) -> float | None:
        """None where less than a quarter of the history is there."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        if hour not in self._known:
            self._known = {hour: self._medians(hour)}
        return self._known[hour].get(app)

    def _medians(self, end: datetime) -> Mapping[str, float]:
        loads: dict[str, list[float]] = {}
        expected = 0
        for moments in chunks(end - timedelta(seconds=self._seconds), end, self._STEP_SECONDS):
            expected += len(moments)
            for app, values in self._loads(moments).items():
                loads.setdefault(app, []).extend(values)
        return {app: median(values) for app, values in loads.items() if len(values) >= self._LEAST_SHARE * expected}

    def _loads(self, moments: list[datetime]) -> Mapping[str, list[float]]:
        loads: dict[str, list[float]] = {}
        for template in self._templates:
            query = template.query(
                window_seconds=self._STEP_SECONDS,
                fresh_seconds=self._settings.stale_after_seconds,
                matchers=self._settings.matchers,
            )
            found = recorded(template, self._api.range(query, moments[0], moments[-1], self._STEP_SECONDS))
            loads = {**_by_app(found), **loads}
        return loads


def _by_app(found: Mapping[datetime, Mapping[SignalKey, Reading]]) -> Mapping[str, list[float]]:
    loads: dict[str, list[float]] = {}
    for readings in found.values():
        for key, reading in readings.items():
            if isinstance(reading, Measured):
                loads.setdefault(key.label("app"), []).append(reading.value)
    return loads


def chunks(start: datetime, end: datetime, step_seconds: float) -> Iterator[list[datetime]]:
    """The moments of [start, end] in lists of at most POINTS_PER_QUERY."""
    count = int((end - start).total_seconds() // step_seconds) + 1
    for first in range(0, count, POINTS_PER_QUERY):
        last = min(count, first + POINTS_PER_QUERY)
        yield [start + timedelta(seconds=step_seconds * number) for number in range(first, last)]
