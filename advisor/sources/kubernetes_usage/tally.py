"""Adds the points of pods up by workload, container and day, part by part in the order of time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from advisor.model.kubernetes.usage import ContainerKey
from advisor.sources.kubernetes_usage.asking import Series
from advisor.sources.kubernetes_usage.day_tally import DayTally, DigestedDay
from advisor.sources.kubernetes_usage.hours import DAY, HOUR, Numbers, by_day
from advisor.sources.kubernetes_usage.names import Place, place_of

KeyOf = Callable[[Place], ContainerKey | None]
"""The container of a workload that a pod's container counts for; None where it counts for none."""
_WARM_UP = 7_200
"""Caches and pools fill: growth in the first two hours of a pod says nothing."""


@dataclass(slots=True)
class Tally:
    """asked_since: unix seconds of the first point that was asked for. since: of the first one that any pod has; a pod
    that is there then did not start there.

    born: when a pod's first point was, None of those that were there before. last: of each container, its last point of
    memory. ooms: restarts of a container when its last end was known to be an OOM kill.
    """

    step_seconds: float
    startup_seconds: float
    asked_since: float
    since: float | None = None
    days: dict[date, dict[ContainerKey, DayTally]] = field(default_factory=dict)
    born: dict[tuple[str, str], float | None] = field(default_factory=dict)
    last: dict[Place, float] = field(default_factory=dict)
    ooms: dict[Place, float] = field(default_factory=dict)
    throttling: set[ContainerKey] = field(default_factory=set)
    tells_oom: bool = False

    def add_memory(self, series: Iterable[Series], key_of: KeyOf) -> None:
        """Bytes, of one part of the time; before the CPU of the same part, as it tells when pods start."""
        for place, times, values, key, begins in _known(series, key_of):
            self.since = begins if self.since is None else self.since
            born = self._birth(place, float(times[0]), key)
            starting = self._starting(born, times)
            expected = self._expected(place, times)
            for day, part, points in by_day(times - self.step_seconds / 2, values):
                tally = self._of_day(key, day)
                tally.add_memory(points, place.pod, _within(starting, part))
                tally.seen += points.values.size
                tally.expected += int(expected[part].sum())
                if born is not None:
                    tally.warm_after[place.pod] = born + _WARM_UP

    def add_cpu(self, series: Iterable[Series], key_of: KeyOf) -> None:
        """Cores, of one part of the time."""
        for place, times, values, key, begins in _known(series, key_of):
            self.since = begins if self.since is None else self.since
            starting = self._starting(self._birth(place, float(times[0]), key), times)
            for day, part, points in by_day(times - self.step_seconds / 2, values):
                self._of_day(key, day).add_cpu(points, _within(starting, part))

    def add_throttled(self, series: Iterable[Series], key_of: KeyOf) -> None:
        """Share of the periods of the hour before each point."""
        for _, times, values, key, _ in _known(series, key_of):
            self.throttling.add(key)
            for day, _, points in by_day(times - HOUR / 2, np.minimum(1.0, values)):
                self._of_day(key, day).add_throttled(points)

    def add_ooms(self, series: Iterable[Series], key_of: KeyOf) -> None:
        """Restarts of containers while their last end was an OOM kill; what is so at the very first point is old."""
        for place, times, values, key, _ in _known(series, key_of):
            for at, restarts in zip(times.tolist(), values.tolist(), strict=True):
                before = self.ooms.get(place)
                kills = _kills(before, restarts) if before is not None or at > self.asked_since else 0
                self.ooms[place] = restarts
                if kills:
                    tally, hour = self._at(key, at - self.step_seconds / 2)
                    tally.killed.add((place.pod, hour))
                    tally.oom_kills += kills
                    tally.oom_at = datetime.fromtimestamp(at, UTC)

    def digested(self, day: date) -> dict[ContainerKey, DigestedDay]:
        found = self.days.get(day, {})
        return {key: tally.digested(day, tells_oom=self.tells_oom) for key, tally in found.items()}

    def _birth(self, place: Place, first: float, key: ContainerKey) -> float | None:
        pod = (place.namespace, place.pod)
        if pod not in self.born:
            is_new = self.since is not None and first > self.since + self.step_seconds / 2
            self.born[pod] = first if is_new else None
            if is_new:
                tally, hour = self._at(key, first - self.step_seconds / 2)
                tally.starts[hour] += 1
        return self.born[pod]

    def _starting(self, born: float | None, times: Numbers) -> int:
        """How many points, the first ones, are of a pod that starts."""
        return 0 if born is None else int(np.searchsorted(times, born + self.startup_seconds))

    def _expected(self, place: Place, times: Numbers) -> Numbers:
        """Steps since the point before each one: more than 1 after a hole."""
        first, last = float(times[0]), float(times[-1])
        before = self.last.get(place, first - self.step_seconds)
        self.last[place] = last
        if round((last - first) / self.step_seconds) == times.size - 1:  # none, as of most
            steps = np.ones(times.size)
            steps[0] = max(1.0, round((first - before) / self.step_seconds))
            return steps
        return np.maximum(1.0, np.rint(np.diff(times, prepend=before) / self.step_seconds))

    def _at(self, key: ContainerKey, seconds: float) -> tuple[DayTally, int]:
        number, rest = divmod(seconds, DAY)
        return self._of_day(key, int(number)), int(rest // HOUR)

    def _of_day(self, key: ContainerKey, number: int) -> DayTally:
        """number: of the day since 1970."""
        day = date.fromordinal(_EPOCH + number)
        tallies = self.days.setdefault(day, {})
        if key not in tallies:
            before = self.days.get(day - timedelta(days=1), {}).get(key)
            tallies[key] = DayTally(begins=float(number * DAY), evening=before.floors[-1] if before else {})
        return tallies[key]


_EPOCH = date(1970, 1, 1).toordinal()


def _kills(before: float | None, restarts: float) -> int:
    """A pod that was made anew under its old name counts from nothing."""
    if before is None or restarts < before:
        return 1
    return round(restarts - before)


def _within(first: int, part: slice) -> int:
    """How many of the first points are in a part."""
    return min(max(first - int(part.start), 0), int(part.stop - part.start))


def _known(series: Iterable[Series], key_of: KeyOf) -> Iterable[tuple[Place, Numbers, Numbers, ContainerKey, float]]:
    """Those that count for a container: where, when, what, for which, and when any of the answer begins."""
    for one in series:
        place = place_of(one.labels)
        key = key_of(place) if len(one.points) else None
        if key is not None:
            points = np.asarray(one.points, dtype=float)
            yield place, points[:, 0], points[:, 1], key, one.begins
