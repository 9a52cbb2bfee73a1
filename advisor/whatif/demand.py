"""What rules ask about a recorded demand: its pattern, and settings of an autoscaler for it; each question once.

Demand changes once a day and a cycle comes every minute, so that answers are kept; numpy is imported with the first.
"""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from advisor.model.kubernetes.load_pattern import PatternGuess
from advisor.model.kubernetes.playing import HpaChoice, HpaQuestion

_KEPT = 1000
"""Answers: about 20 kB each, those of the replays."""


@dataclass(slots=True)
class PlayedDemand:
    """Implements AutoscalerModel and LoadClassifier."""

    _choices: "OrderedDict[bytes, HpaChoice]" = field(default_factory=OrderedDict, init=False)
    _guesses: "OrderedDict[bytes, PatternGuess]" = field(default_factory=OrderedDict, init=False)

    def choose(self, question: HpaQuestion) -> HpaChoice:
        from advisor.whatif.autoscaler.choice import ReplayedAutoscaler

        key = _key(_words(question), _series(question))
        if key not in self._choices:
            self._choices[key] = ReplayedAutoscaler().choose(question)
            _forget(self._choices)
        return self._choices[key]

    def classify(self, days: Sequence[Sequence[float]]) -> PatternGuess:
        from advisor.whatif.load_pattern.classify import classify

        key = _key("", days)
        if key not in self._guesses:
            self._guesses[key] = classify(days)
            _forget(self._guesses)
        return self._guesses[key]


def _forget(kept: "OrderedDict[bytes, HpaChoice] | OrderedDict[bytes, PatternGuess]") -> None:
    while len(kept) > _KEPT:
        kept.popitem(last=False)


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
