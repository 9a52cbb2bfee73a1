"""What rules ask about a recorded demand: its pattern, and settings of an autoscaler for it; each question once.

Demand changes once a day and a cycle comes every few seconds, so that answers are kept; numpy is imported with the
first. To play the days of one autoscaler takes about a second: who asks again and again is answered bit by bit.
"""

import hashlib
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from advisor.model.errors import TransientError
from advisor.model.kubernetes.load_pattern import PatternGuess
from advisor.model.kubernetes.playing import HpaChoice, HpaQuestion

_KEPT_SECONDS = 86_400.0
"""An answer that nobody asked for in a day is of an older demand. Those of the replays are about 20 kB each."""
_MOST_AT_ONCE_SECONDS = 1.0
_NOT_YET = "not all recorded demand has been played through its autoscaler yet"
_T = TypeVar("_T")


@dataclass(slots=True)
class _Answers(Generic[_T]):
    """By question, what was asked for longest ago first."""

    _kept: "OrderedDict[bytes, tuple[float, _T]]" = field(default_factory=OrderedDict, init=False)

    def get(self, key: bytes, now: float) -> _T | None:
        found = self._kept.pop(key, None)
        if found is None:
            return None
        self._kept[key] = (now, found[1])
        return found[1]

    def put(self, key: bytes, answer: _T, now: float) -> _T:
        self._kept[key] = (now, answer)
        while next(iter(self._kept.values()))[0] < now - _KEPT_SECONDS:
            self._kept.popitem(last=False)
        return answer


@dataclass(slots=True)
class PlayedDemand:
    """Implements AutoscalerModel and LoadClassifier.

    share: of the time (0 to 1), which replays may take in the long run, with a second and one replay at once; None for
    who asks once, and gets every answer. monotonic: seconds.
    """

    share: float | None = None
    monotonic: Callable[[], float] = time.monotonic
    _left_seconds: float = field(default=_MOST_AT_ONCE_SECONDS, init=False)
    _reckoned_at: float = field(default=float("inf"), init=False)
    _choices: _Answers[HpaChoice] = field(default_factory=_Answers, init=False)
    _guesses: _Answers[PatternGuess] = field(default_factory=_Answers, init=False)

    def choose(self, question: HpaQuestion) -> HpaChoice:
        key, now = _key(_words(question), _series(question)), self.monotonic()
        known = self._choices.get(key, now)
        return known if known is not None else self._choices.put(key, self._played(question, now), now)

    def _played(self, question: HpaQuestion, now: float) -> HpaChoice:
        from advisor.whatif.autoscaler.choice import ReplayedAutoscaler

        if self.share is None:
            return ReplayedAutoscaler().choose(question)
        gained = max(0.0, now - self._reckoned_at) * self.share
        self._left_seconds, self._reckoned_at = min(_MOST_AT_ONCE_SECONDS, self._left_seconds + gained), now
        if self._left_seconds <= 0:
            raise TransientError(_NOT_YET, fix="the next cycles go on with it")
        choice = ReplayedAutoscaler().choose(question)
        self._left_seconds -= self.monotonic() - now
        return choice

    def classify(self, days: Sequence[Sequence[float]]) -> PatternGuess:
        from advisor.whatif.load_pattern.classify import classify

        key, now = _key("", days), self.monotonic()
        known = self._guesses.get(key, now)
        return known if known is not None else self._guesses.put(key, classify(days), now)


def _series(question: HpaQuestion) -> Iterator[Sequence[float]]:
    for load in question.days:
        yield from (load.demands[name] for name in sorted(load.demands))


def _words(question: HpaQuestion) -> str:
    """All of it but the demand."""
    steps = [(load.step_seconds, sorted(load.demands)) for load in question.days]
    plans = (question.today, question.guide, question.candidates)
    return repr((steps, plans, question.pod, question.times, question.overload_price))


def _key(words: str, series: "Iterator[Sequence[float]] | Sequence[Sequence[float]]") -> bytes:
    digest = hashlib.sha256(words.encode())
    for values in series:
        digest.update(array("d", values).tobytes())
        digest.update(b"|")
    return digest.digest()
