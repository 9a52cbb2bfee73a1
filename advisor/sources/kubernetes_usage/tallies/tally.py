"""Adds the points of pods up by workload, container and day, part by part in the order of time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from advisor.model.kubernetes.usage import ContainerKey
from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import Place
from advisor.sources.kubernetes_usage.tallies.day_tally import DayTally, DigestedDay
from advisor.sources.kubernetes_usage.tallies.digest import digested
from advisor.sources.kubernetes_usage.tallies.folding import folded
from advisor.sources.kubernetes_usage.tallies.hours import DAY, HOUR, Columns, KeyOf, Numbers, columns_of, days_of
from advisor.sources.kubernetes_usage.tallies.sketches import add_each
from advisor.sources.kubernetes_usage.tallies.throttling import Throttling

_WARM_UP = 7_200
"""Caches and pools fill: growth in the first two hours of a pod says nothing."""


@dataclass(slots=True)
class Tally:
    """asked_since: unix seconds of the first point that was asked for. since: of the first one that any pod has; a pod
    that is there then did not start there.

    born: when a pod's first point was, None of those that were there before. last: of each container, its last point of
    memory. ooms: restarts of a container when its last end was known to be an OOM kill. throttled: containers whose
    throttling is known, be it none.
    """

    step_seconds: float
    startup_seconds: float
    asked_since: float
    since: float | None = None
    days: dict[date, dict[ContainerKey, DayTally]] = field(default_factory=dict)
    born: dict[tuple[str, str], float | None] = field(default_factory=dict)
    last: dict[Place, float] = field(default_factory=dict)
    ooms: dict[Place, float] = field(default_factory=dict)
    throttling: Throttling = field(default_factory=Throttling)
    throttled: set[ContainerKey] = field(default_factory=set)
    tells_oom: bool = False

    def add_memory(self, series: Iterable[Series], key_of: KeyOf) -> None:
        """Bytes, of one part of the time; before the CPU of the same part, as it tells when pods start."""
        if (columns := columns_of(folded(series), key_of)) is None:
            return
        born, days = self._births(columns), days_of(columns, self.step_seconds / 2)
        is_running = self._is_running(columns, born)
        tallies = [self._of_day(key, day) for key, day in days.keys]
        add_each([tally.memory for tally in tallies], columns.values[is_running], days.by_key[is_running])
        peaks = days.peaks(~is_running, columns.values)
        seen, expected = days.totals(np.ones(columns.values.size)), days.totals(self._expected(columns))
        for tally, peak, came, due in zip(tallies, peaks.tolist(), seen.tolist(), expected.tolist(), strict=True):
            tally.start_memory_peak = max(tally.start_memory_peak, peak)
            tally.seen += int(came)
            tally.expected += int(due)
        for (place, key), floors in zip(days.pods, days.floors(columns.values), strict=True):
            tallies[key].add_floors(place.pod, floors)
            if (began := self.born[place.namespace, place.pod]) is not None:
                tallies[key].warm_after[place.pod] = began + _WARM_UP

    def add_cpu(self, series: Iterable[Series], key_of: KeyOf) -> None:
        """Cores, of one part of the time."""
        if (columns := columns_of(folded(series), key_of)) is None:
            return
        born, days = self._births(columns), days_of(columns, self.step_seconds / 2)
        is_running = self._is_running(columns, born)
        tallies = [self._of_day(key, day) for key, day in days.keys]
        add_each([tally.cpu for tally in tallies], columns.values[is_running], days.by_key[is_running])
        peaks = days.peaks(~is_running, columns.values)
        totals, counts = days.hourly(is_running, columns.values), days.hourly(is_running, np.ones(columns.values.size))
        for tally, peak, total, count in zip(tallies, peaks.tolist(), totals, counts, strict=True):
            tally.start_cpu_peak = max(tally.start_cpu_peak, peak)
            tally.cpu_hours.add(total, count)

    def add_throttled(self, series: Iterable[Series], base: float, key_of: KeyOf) -> None:
        """Counters at the ends of hours. base: unix seconds of the point from where the first hour counts."""
        if (found := self.throttling.shares(series, base, key_of)) is not None:
            self._add_throttled(*found)

    def add_throttled_jobs(self, series: Iterable[Series], key_of: KeyOf) -> None:
        """Share of the periods of the hour before each point."""
        if (columns := columns_of(folded(series), key_of)) is not None:
            self._add_throttled(columns, HOUR)

    def _add_throttled(self, shares: Columns, seconds: float | Numbers) -> None:
        """seconds: that the points tell of."""
        self.throttled.update(shares.keys)
        days = days_of(shares, seconds / 2)
        values, each = np.minimum(1.0, shares.values), np.ones(shares.values.size)
        totals, counts = days.hourly(each > 0, values), days.hourly(each > 0, each)
        for (key, day), total, count in zip(days.keys, totals, counts, strict=True):
            self._of_day(key, day).throttled_hours.add(total, count)

    def add_ooms(self, series: Iterable[Series], key_of: KeyOf) -> None:
        """Restarts of containers while their last end was an OOM kill; what is so at the very first point is old."""
        for one in series:
            place = one.source.place
            if (key := key_of(place)) is None:
                continue
            points = np.asarray(one.points, dtype=float).reshape(-1, 2)
            is_new = np.diff(points[:, 1], prepend=np.nan) != 0  # a pod that was killed for good says so for days
            for at, restarts in points[is_new].tolist():
                before = self.ooms.get(place)
                kills = _kills(before, restarts) if before is not None or at > self.asked_since else 0
                self.ooms[place] = restarts
                if kills:
                    tally, hour = self._at(key, at - self.step_seconds / 2)
                    tally.killed.add((place.pod, hour))
                    tally.oom_kills += kills
                    tally.oom_at = datetime.fromtimestamp(at, UTC)

    @property
    def newest(self) -> set[Place]:
        """Containers with memory at the last point of all."""
        end = max(self.last.values(), default=0.0)
        return {place for place, at in self.last.items() if at == end}

    def digested(self, day: date) -> dict[ContainerKey, DigestedDay]:
        return digested(day, self.days.get(day, {}), tells_oom=self.tells_oom)

    def _births(self, columns: Columns) -> Numbers:
        """When the pod of each series was born; long ago where it was there before."""
        self.since = columns.begins if self.since is None else self.since
        firsts = columns.times[columns.firsts].tolist()
        born = map(self._birth, columns.places, firsts, columns.keys)
        return np.array([-np.inf if one is None else one for one in born])

    def _birth(self, place: Place, first: float, key: ContainerKey) -> float | None:
        pod = (place.namespace, place.pod)
        if pod not in self.born:
            is_new = self.since is not None and first > self.since + self.step_seconds / 2
            self.born[pod] = first if is_new else None
            if is_new:
                tally, hour = self._at(key, first - self.step_seconds / 2)
                tally.starts[hour] += 1
        return self.born[pod]

    def _is_running(self, columns: Columns, born: Numbers) -> NDArray[np.bool_]:
        """Which points are of a pod that is past its start."""
        return columns.times >= columns.of_points(born + self.startup_seconds)

    def _expected(self, columns: Columns) -> Numbers:
        """Steps since the point before each one: more than 1 after a hole."""
        times, firsts = columns.times, columns.firsts
        since = np.diff(times, prepend=0.0)
        lasts = times[firsts + columns.sizes - 1].tolist()
        for place, first, last in zip(columns.places, firsts.tolist(), lasts, strict=True):
            since[first] = times[first] - self.last.get(place, times[first] - self.step_seconds)
            self.last[place] = last
        return np.maximum(1.0, np.rint(since / self.step_seconds))

    def _at(self, key: ContainerKey, seconds: float) -> tuple[DayTally, int]:
        number, rest = divmod(seconds, DAY)
        return self._of_day(key, int(number)), int(rest // HOUR)

    def _of_day(self, key: ContainerKey, number: int) -> DayTally:
        """number: of the day since 1970."""
        day = date.fromordinal(_EPOCH + number)
        tallies = self.days.setdefault(day, {})
        if key not in tallies:
            before = self.days.get(day - timedelta(days=1), {}).get(key)
            tallies[key] = DayTally(begins=float(number * DAY), before=before.floors if before else {})
        return tallies[key]


_EPOCH = date(1970, 1, 1).toordinal()


def _kills(before: float | None, restarts: float) -> int:
    """A pod that was made anew under its old name counts from nothing."""
    if before is None or restarts < before:
        return 1
    return round(restarts - before)
