"""A reader of samples that somebody else has reason to doubt: those are missing, never evidence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from advisor.model.signal import Series, SignalKey
from advisor.ports.observing import SampleReader


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtedSamples:
    """Implements SampleReader over another. doubt: why a signal is no evidence now, "" when it is."""

    samples: SampleReader
    doubt: Callable[[SignalKey], str]

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        """What is doubted has its `problem` set, and is not asked for. Raises SourceUnavailableError."""
        doubts = {key: doubt for key in signals if (doubt := self.doubt(key))}
        sound = [key for key in signals if key not in doubts]
        found = self.samples.series(sound, start, end, instances) if sound else {}
        return {**found, **{key: Series(problem=doubt) for key, doubt in doubts.items()}}
