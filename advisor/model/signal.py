"""A signal is one canonical number about one thing; a reading is what a source could say about it.

Missing, NaN, stale, partial and multi-valued readings are types of their own: never zero, never success.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

LOAD_SIGNAL = "http.requests_per_second"
"""What tells how busy an application is."""

INSTANCES_SIGNAL = "pool.replicas"
"""How many instances share the load."""

WITHIN_SIGNAL = "http.within_ratio"
"""What a histogram tells of latency: the share of requests answered within the seconds of the label `le`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalKey:
    """A canonical name such as "pool.wait_p95_seconds" and the labels of the thing it is about, sorted by name."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()

    def label(self, name: str) -> str:
        """The value of one label, "" when the key does not carry it."""
        return dict(self.labels).get(name, "")

    def __str__(self) -> str:
        if not self.labels:
            return self.name
        return self.name + "{" + ",".join(f"{name}={value}" for name, value in self.labels) + "}"


def signal(name: str, **labels: str) -> SignalKey:
    """The key of signal `name` for the thing that `labels` describe."""
    return SignalKey(name=name, labels=tuple(sorted(labels.items())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A finite number, fresh enough to act on."""

    value: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The source answered, and has no such series; or it did not answer at all."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotANumber:
    """NaN or an infinity, as a ratio of nothing by nothing gives."""

    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """The last sample is older than the source's limit."""

    value: float
    at: datetime
    age_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """The source warned that it could not see everything; no evidence."""

    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiValued:
    """Several series where one was expected."""

    count: int


Reading: TypeAlias = Measured | Missing | NotANumber | Stale | Partial | MultiValued


def describe(reading: Reading) -> str:
    """Why a reading is no evidence, or its value, in a few words."""
    match reading:
        case Measured(value=value):
            return f"{value:g}"
        case Missing(why=why):
            return why
        case NotANumber(raw=raw):
            return f"not a number ({raw})"
        case Stale(age_seconds=age):
            return f"stale by {age:.0f} s"
        case Partial(warnings=warnings):
            return "partial answer: " + "; ".join(warnings)
        case MultiValued(count=count):
            return f"{count} series where one was expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One point of a series."""

    at: datetime
    value: float


@dataclass(frozen=True, kw_only=True)
class Series:
    """The finite points of one signal over a window, oldest first; `problem` says why there are none or too few.

    is_passing: only this process has them; nobody can be asked for them again once it has ended.
    """

    samples: tuple[Sample, ...] = ()
    problem: str = ""
    is_passing: bool = False

    @property
    def values(self) -> list[float]:
        return [sample.value for sample in self.samples]

    def since(self, moment: datetime) -> Sequence[tuple[float, float]]:
        """(seconds after `moment`, value) of each sample."""
        if moment not in self._since:
            self._since[moment] = [((sample.at - moment).total_seconds(), sample.value) for sample in self.samples]
        return self._since[moment]

    @cached_property
    def _since(self) -> dict[datetime, Sequence[tuple[float, float]]]:
        """Found once: each look of a trial asks for the same past. Needs a `__dict__`, so a series has no slots."""
        return {}


def series_of(points: Iterable[tuple[datetime, float]]) -> Series:
    """A series from (time, value) pairs, put in order of time."""
    return Series(samples=tuple(Sample(at=at, value=value) for at, value in sorted(points)))
