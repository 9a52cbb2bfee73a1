"""What the signals of a change on trial are right now, from the cycles' own snapshots: nobody is asked once more."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from advisor.model.change import ChangeRecord
from advisor.model.report import Diagnosis
from advisor.model.signal import Measured, SignalKey
from advisor.surfaces.slack.parts import signals_of

_POINTS = 120
_SIGNALS = 400


@dataclass(slots=True)
class LiveNumbers:
    """The latest values of the signals that changes are judged by, as long as this process lives."""

    _values: dict[SignalKey, deque[float]] = field(default_factory=dict)
    _watched: set[SignalKey] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self, record: ChangeRecord | None) -> None:
        """From now on gather what this change is judged by; None: nothing."""
        wanted = set(signals_of(record)[:_SIGNALS]) if record is not None else set()
        with self._lock:
            self._watched = wanted
            self._values = {key: values for key, values in self._values.items() if key in wanted}

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        """Implements DiagnosisListener."""
        with self._lock:
            for key in self._watched:
                reading = diagnosis.snapshot.signals.get(key)
                if isinstance(reading, Measured):
                    self._values.setdefault(key, deque(maxlen=_POINTS)).append(reading.value)

    def values(self) -> Mapping[SignalKey, tuple[float, ...]]:
        with self._lock:
            return {key: tuple(values) for key, values in self._values.items()}
