"""A History that gives the snapshots it was told to, a LoadHistory of one load, and KnownEvents as they are told."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from advisor.model.course import Mark
from advisor.model.errors import AdvisorError
from advisor.model.snapshot import Snapshot


class FakeHistory:
    """Those within [start, end]; the step is the test's own."""

    def __init__(self, snapshots: Sequence[Snapshot] = ()) -> None:
        self._snapshots = snapshots

    def snapshots(
        self, start: datetime, end: datetime, step_seconds: float, window_seconds: float
    ) -> Iterator[Snapshot]:
        return (one for one in self._snapshots if start <= one.taken_at <= end)


class FakeLoadHistory:
    """The usual load of every application: requests per second, None for too little history, or an error to raise."""

    def __init__(self, usual: float | AdvisorError | None = None) -> None:
        self.answer = usual

    def usual(self, app: str, at: datetime) -> float | None:
        if isinstance(self.answer, AdvisorError):
            raise self.answer
        return self.answer


class FakeKnownEvents:
    """The same events of every application."""

    def __init__(self, *events: Mark) -> None:
        self.events = events

    def marks(self, app: str, start: datetime, end: datetime) -> Sequence[Mark]:
        return [mark for mark in self.events if start <= mark.at < end]
