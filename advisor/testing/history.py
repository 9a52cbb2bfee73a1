"""A History that gives the snapshots it was told to."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from advisor.model.snapshot import Snapshot


class FakeHistory:
    """Those within [start, end]; the step is the test's own."""

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self._snapshots = snapshots

    def snapshots(
        self, start: datetime, end: datetime, step_seconds: float, window_seconds: float
    ) -> Iterator[Snapshot]:
        return (one for one in self._snapshots if start <= one.taken_at <= end)
