"""The reader of a trial's samples, over all sources."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from advisor.model.database.workload import StatementWindow
from advisor.model.signal import Series, SignalKey
from advisor.ports.observing import SampleReader, Source


class RememberingSource(Source, Protocol):
    """A source that keeps the points of its own looks, as a database does for its statements."""

    def serves(self, key: SignalKey) -> bool:
        """Whether points of `key` are this source's."""

    def series(self, key: SignalKey, start: datetime, end: datetime) -> Series:
        """The points of `key` in [start, end)."""

    def statements(self, database: str, start: datetime, end: datetime) -> StatementWindow | None:
        """What the statements of `database` did in [start, end), if it is this source's."""


class CombinedSamples:
    """The SampleReader of a trial: statements from Postgres looks, everything else from Prometheus."""

    def __init__(self, prometheus: SampleReader | None, databases: Sequence[RememberingSource]) -> None:
        self._prometheus = prometheus
        self._databases = databases

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        """Raises SourceUnavailableError when Prometheus is asked and does not answer."""
        found: dict[SignalKey, Series] = {}
        for key in signals:
            database = next((known for known in self._databases if known.serves(key)), None)
            if database is not None and instances:
                found[key] = Series(problem="a database does not tell instances apart")
            elif database is not None:
                found[key] = database.series(key, start, end)
        left = [key for key in signals if key not in found]
        if left and self._prometheus is None:
            return found | {key: Series(problem="no Prometheus is configured") for key in left}
        if left and self._prometheus is not None:
            found |= self._prometheus.series(left, start, end, instances)
        return found

    def statements(self, database: str, start: datetime, end: datetime) -> StatementWindow | None:
        """Implements StatementReader over all databases."""
        windows = (source.statements(database, start, end) for source in self._databases)
        return next((window for window in windows if window is not None), None)
