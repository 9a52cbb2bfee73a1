"""What the walk asks of those who read: sources, samples, instances, history."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from advisor.model.cohort import Instance
from advisor.model.course import Mark
from advisor.model.database.workload import StatementWindow
from advisor.model.knob import Order
from advisor.model.signal import Series, SignalKey
from advisor.model.snapshot import Observation, Snapshot


class Source(Protocol):
    """Reads one system, judges nothing."""

    @property
    def name(self) -> str:
        """Such as "prometheus" or "postgres:main"."""

    def read(self, window_seconds: float) -> Observation:
        """What it shows now, with rates over the last `window_seconds`.

        Raises SourceUnavailableError or BadDataError. Ends by itself within the source's own time-out.
        """


@runtime_checkable
class CountingSource(Source, Protocol):
    """A source whose rates are differences between looks of its own."""

    def glance(self, window_seconds: float) -> Observation:
        """As `read`, for who looks out of turn: nothing that is read later is measured from it."""


class SampleReader(Protocol):
    """Reads the points that a trial is judged on."""

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        """The points of each signal in [start, end). A signal that cannot be read has its `problem` set.

        instances: of these only, by the label `instance`; none given: of all.
        Raises SourceUnavailableError when nothing at all can be read.
        """


class StatementReader(Protocol):
    """Reads what every statement of a database did."""

    def statements(self, database: str, start: datetime, end: datetime) -> StatementWindow | None:
        """Over the looks in [start, end); None when there are fewer than two, or the database is not known."""


class Fleet(Protocol):
    """Knows the processes behind a target, where a value can be given to some of them only."""

    def instances(self, order: Order) -> Sequence[Instance]:
        """Those that can take the order's value now; empty where nothing is known of any.

        Raises TransientError; NoCanaryError where this very value cannot be given to some of them only.
        """


class KnownEvents(Protocol):
    """Knows of events that metrics do not tell, such as the alerts of others."""

    def marks(self, app: str, start: datetime, end: datetime) -> Sequence[Mark]:
        """Those of the application, or of none in particular, in [start, end)."""


class LoadHistory(Protocol):
    """Knows what load is usual."""

    def usual(self, app: str, at: datetime) -> float | None:
        """Median requests per second of `app` over the history before `at`; None when there is too little of it.

        Raises SourceUnavailableError or BadDataError.
        """


class History(Protocol):
    """What was recorded, as the snapshots that could have been taken then."""

    def snapshots(
        self, start: datetime, end: datetime, step_seconds: float, window_seconds: float
    ) -> Iterator[Snapshot]:
        """One for every step in [start, end], oldest first, one without signals where nothing was recorded.

        Raises SourceUnavailableError or BadDataError.
        """
