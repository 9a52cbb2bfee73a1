"""Shares of throttled periods, made of counters as they stood at the ends of hours.

To read counters as they stand costs the server half of what it takes to go through all of their samples, and a
container that ran for minutes has its share as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import Place
from advisor.sources.kubernetes_usage.tallies.folding import folded
from advisor.sources.kubernetes_usage.tallies.hours import HOUR, Columns, Indexes, KeyOf, Numbers

_THROTTLED = "container_cpu_cfs_throttled_periods_total"
_PERIODS = "container_cpu_cfs_periods_total"
_Counters = tuple[float, float, float]
"""Of a container: unix seconds, and since it began its throttled periods and all of them."""


@dataclass(slots=True)
class Throttling:
    """last: of each container, where its counters stood when they were last read."""

    last: dict[Place, _Counters] = field(default_factory=dict)

    def shares(self, series: Iterable[Series], base: float, key_of: KeyOf) -> tuple[Columns, Numbers] | None:
        """Of each container the share (0 to 1) of the periods since the point before in which it was throttled, and of
        each point the seconds since the point before. None where nothing is known.

        series: of both counters, told apart by their names. base: unix seconds of the point that only says from where
        the next one counts. A container that was not there before counts from nothing, as its counters do, unless they
        say that it ran for longer: then it was only not seen.
        """
        parts: dict[str, list[Series]] = {_THROTTLED: [], _PERIODS: []}
        for one in series:
            parts.setdefault(one.source.labels.get("__name__", ""), []).append(one)
        throttled = dict(folded(parts[_THROTTLED]))
        both = [
            (place, key, throttled[place], periods)
            for place, periods in folded(parts[_PERIODS])
            if place in throttled and (key := key_of(place)) is not None
        ]
        counters, owners = _rows([(one, other) for _, _, one, other in both])
        base = counters[:, 0].min(initial=base)  # a frontend may move the points to whole multiples of their step
        places = [place for place, _, _, _ in both]
        known = np.array([self.last.get(place, _UNKNOWN) for place in places]).reshape(-1, 3)
        is_new = counters[:, 0] > np.fmax(known[owners, 0], base - 1)
        counters, owners = counters[is_new], owners[is_new]
        before = _before(counters, owners, known, base)
        is_last = np.diff(owners, append=-1) != 0
        self.last |= zip(
            [places[owner] for owner in owners[is_last].tolist()], map(tuple, counters[is_last].tolist()), strict=True
        )
        changes = counters - before
        # What restarted counts from nothing, and may have come further than what ran before it, in one counter or both.
        # One that ran for longer did not restart: where replicas take turns, a counter may fall back a little.
        is_young = counters[:, 2] <= _MOST_PERIODS * np.maximum(1, changes[:, 0] / HOUR)
        is_anew = is_young & ((changes[:, 1] < 0) | (changes[:, 2] < 0) | (changes[:, 1] > changes[:, 2]))
        changes[is_anew, 1:] = counters[is_anew, 1:]
        counts = (changes[:, 1] >= 0) & (changes[:, 2] > 0)
        owners, changes = owners[counts], changes[counts]
        if not len(owners):
            return None
        there, sizes = np.unique(owners, return_counts=True)
        columns = Columns(
            begins=base,
            places=[places[owner] for owner in there.tolist()],
            keys=[both[owner][1] for owner in there.tolist()],
            sizes=sizes,
            times=counters[counts, 0],
            values=changes[:, 1] / changes[:, 2],
        )
        return columns, changes[:, 0]


_UNKNOWN: _Counters = (np.nan, np.nan, np.nan)
_MOST_PERIODS = 1.1 * HOUR / 0.1
"""That an hour has: one is a tenth of a second, unless a kubelet is told otherwise."""


def _before(counters: Numbers, owners: Indexes, known: Numbers, base: float) -> Numbers:
    """Of each row the one before it of the same container; not a number where nothing is known of that."""
    before = np.roll(counters, 1, axis=0)
    is_first = np.diff(owners, prepend=-1) != 0
    firsts, held = counters[is_first], known[owners[is_first]]
    begins = np.isnan(held[:, 0]) & (firsts[:, 0] > base) & (firsts[:, 2] <= _MOST_PERIODS)
    held[begins] = np.column_stack([firsts[begins, 0] - HOUR, np.zeros((begins.sum(), 2))])
    before[is_first] = held
    return before


def _rows(both: Sequence[tuple[Series, Series]]) -> tuple[Numbers, Indexes]:
    """Rows of time, throttled and all periods at the moments that both have, and whose each row is."""
    if not both:
        return np.empty((0, 3)), np.empty(0, dtype=np.int64)
    of_each = [[_points(one) for one in several] for several in zip(*both, strict=True)]
    sizes, others = ([len(one) for one in several] for several in of_each)
    throttled, periods = (np.concatenate(several) for several in of_each)
    if sizes != others or not np.array_equal(throttled[:, 0], periods[:, 0]):
        joined = [_joined(one, other) for one, other in zip(*of_each, strict=True)]
        sizes = [len(one) for one, _ in joined]
        throttled, periods = (np.concatenate(parts) for parts in zip(*joined, strict=True))
    return np.column_stack([throttled, periods[:, 1]]), np.repeat(np.arange(len(both)), sizes)


def _joined(one: Numbers, other: Numbers) -> tuple[Numbers, Numbers]:
    if np.array_equal(one[:, 0], other[:, 0]):
        return one, other
    _, at, beside = np.intersect1d(one[:, 0], other[:, 0], assume_unique=True, return_indices=True)
    return one[at], other[beside]


def _points(one: Series) -> Numbers:
    return np.asarray(one.points, dtype=float).reshape(-1, 2)
