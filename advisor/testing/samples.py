"""A SampleReader whose signals are functions of time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import fmean

from advisor.model.errors import SourceUnavailableError
from advisor.model.signal import Series, SignalKey, series_of


class FakeSamples:
    """One point every `step_seconds`. A signal without a function has no series; `down` makes every read fail."""

    def __init__(self, step_seconds: float = 10.0) -> None:
        self.by_instance: Callable[[SignalKey, str], Callable[[datetime], float] | None] | None = None
        """A signal's function for one instance, None for one that is gone; of several the mean is shown.

        None: instances are not told apart."""
        self.instance_step: timedelta | None = None
        """The distance of points that are asked for by instance, where it is another one."""
        self.functions: dict[SignalKey, Callable[[datetime], float]] = {}
        self.passing_since: dict[SignalKey, datetime] = {}
        """Signals of which only this process has points, and none before that moment."""
        self.down = False
        self._step = timedelta(seconds=step_seconds)

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        if self.down:
            raise SourceUnavailableError("connection refused", where="prometheus")
        step = self.instance_step if instances and self.instance_step else self._step
        return {key: self._known(key, self._one(self._function(key, instances), start, end, step)) for key in signals}

    def _known(self, key: SignalKey, series: Series) -> Series:
        since = self.passing_since.get(key)
        if since is None:
            return series
        return replace(series, samples=tuple(one for one in series.samples if one.at >= since), is_passing=True)

    def _function(self, key: SignalKey, instances: Sequence[str]) -> Callable[[datetime], float] | None:
        if not instances:
            return self.functions.get(key)
        if self.by_instance is None:
            return None
        each = [function for name in instances if (function := self.by_instance(key, name)) is not None]
        return (lambda at: fmean(function(at) for function in each)) if each else None

    def _one(
        self, function: Callable[[datetime], float] | None, start: datetime, end: datetime, step: timedelta
    ) -> Series:
        if function is None:
            return Series(problem="no such series")
        times = []
        at = start
        while at < end:
            times.append(at)
            at += step
        return series_of((at, function(at)) for at in times)
