"""What callers of each instance see, by the value that it had at the time."""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import itemgetter

from advisor.model.finding import KnobValue
from advisor.model.signal import SignalKey
from advisor.testing.clock import FakeClock
from advisor.testing.knob import FakeKnob
from advisor.testing.words import ERRORS, LATENCY, LOAD, WAIT

SMALL = 5


def noise(at: datetime, value: float) -> float:
    """Within a tenth of `value`, the same for the same moment; a cheap hash instead of a seeded generator."""
    return value * (0.9 + 0.2 * (math.sin(at.timestamp() * 12.9898 + value) * 43758.5453 % 1.0))


class Callers:
    """They wait `better` times as long with any value but 5, until the gain is gone."""

    def __init__(self, knob: FakeKnob, clock: FakeClock) -> None:
        self.better = 1.0
        self.gone_since: datetime | None = None
        self._knob = knob
        self._clock = clock
        self._past: list[tuple[datetime, tuple[KnobValue, ...]]] = []

    def remember(self) -> None:
        """What is live now; to be called whenever it may have changed."""
        live = tuple(self._knob.look())
        if not self._past or self._past[-1][1] != live:
            self._past.append((self._clock.now(), live))

    def the_gain_goes(self) -> None:
        self.gone_since = self.gone_since or self._clock.now()

    def clock_was_moved(self) -> None:
        """Nothing lies in the future of a clock that was put back."""
        self._past = [(min(at, self._clock.now()), live) for at, live in self._past]

    def of(self, number: int) -> Mapping[SignalKey, Callable[[datetime], float]]:
        """Of one instance; another noise in each."""
        other = 1 + number / 1000
        return {
            WAIT: lambda at: noise(at, 0.1 * other * (self.better if self._is_better(number, at) else 1.0)),
            ERRORS: lambda at: noise(at, 0.01 * other),
            LATENCY: lambda at: noise(at, 0.2 * other),
            LOAD: lambda at: noise(at, 50.0 * other),
        }

    def _is_better(self, number: int, at: datetime) -> bool:
        if self.gone_since is not None and at >= self.gone_since:
            return False
        place = bisect_right(self._past, at, key=itemgetter(0))
        return place > 0 and self._past[place - 1][1][number] != SMALL
