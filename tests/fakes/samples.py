"""A SampleReader whose signals are functions of time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from advisor.model.errors import SourceUnavailableError
from advisor.model.signal import Series, SignalKey, series_of


class FakeSamples:
    """One point every `step_seconds`. A signal without a function has no series; `down` makes every read fail."""

    def __init__(self, step_seconds: float = 10.0) -> None:
        self.functions: dict[SignalKey, Callable[[datetime], float]] = {}
        self.down = False
        self._step = timedelta(seconds=step_seconds)

    def series(self, signals: Sequence[SignalKey], start: datetime, end: datetime) -> Mapping[SignalKey, Series]:
        if self.down:
            raise SourceUnavailableError("connection refused", where="prometheus")
        return {key: self._one(key, start, end) for key in signals}

    def _one(self, key: SignalKey, start: datetime, end: datetime) -> Series:
        function = self.functions.get(key)
        if function is None:
            return Series(problem="no such series")
        times = []
        at = start
        while at < end:
            times.append(at)
            at += self._step
        return series_of((at, function(at)) for at in times)
