"""Adds the cores of pods up by workload, day and step, and keeps the days that are known well enough."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from advisor.model.kubernetes.demand import DAY_SECONDS, DemandDay, WorkloadDemand, WorkloadKey

_LEAST_COVERAGE = 0.9
"""A day with larger holes is no whole day."""


@dataclass(slots=True)
class DemandTally:
    """days: one after another, oldest first."""

    days: Sequence[date]
    step_seconds: int
    _cores: dict[WorkloadKey, list[float]] = field(default_factory=dict, init=False)
    _pods: dict[WorkloadKey, list[int]] = field(default_factory=dict, init=False)

    def add(self, key: WorkloadKey, points: Iterable[tuple[float, float]]) -> None:
        """The points of one pod. A value holds for the step that ends with it."""
        steps = len(self.days) * DAY_SECONDS // self.step_seconds
        cores = self._cores.setdefault(key, [0.0] * steps)
        pods = self._pods.setdefault(key, [0] * steps)
        begins = datetime.combine(self.days[0], datetime.min.time(), UTC).timestamp()
        for at, value in points:
            place = round((at - begins) / self.step_seconds) - 1
            if 0 <= place < steps:
                cores[place] += value
                pods[place] += 1

    def day_of(self, key: WorkloadKey, day: date) -> DemandDay | None:
        """None where too little of it is known."""
        if key not in self._cores:
            return None
        steps = DAY_SECONDS // self.step_seconds
        begin = self.days.index(day) * steps
        cores, pods = self._cores[key][begin : begin + steps], self._pods[key][begin : begin + steps]
        coverage = sum(count > 0 for count in pods) / steps
        if coverage < _LEAST_COVERAGE:
            return None
        first = next(place for place, count in enumerate(pods) if count)
        held = first
        for place, count in enumerate(pods):
            held = place if count else held
            cores[place], pods[place] = cores[held], pods[held]
        return DemandDay(day=day, cores=tuple(cores), pods=tuple(pods), coverage=coverage)


@dataclass(slots=True)
class KeptDays:
    """None stands for a day that was asked for and is not known well enough."""

    _days: dict[WorkloadKey, dict[date, DemandDay | None]] = field(default_factory=dict, init=False)

    @property
    def demands(self) -> Mapping[WorkloadKey, WorkloadDemand]:
        """Of workloads with a day at least."""
        found = {}
        for key, days in self._days.items():
            known = tuple(seen for _, seen in sorted(days.items()) if seen is not None)
            if known:
                found[key] = WorkloadDemand(key=key, days=known)
        return found

    def missing(self, keys: Iterable[WorkloadKey], days: Sequence[date]) -> dict[WorkloadKey, tuple[date, ...]]:
        """The days not asked for yet, in the order of `days`, of each workload that has any."""
        lacking = {key: tuple(day for day in days if day not in self._days.get(key, {})) for key in keys}
        return {key: some for key, some in lacking.items() if some}

    def take(self, keys: Iterable[WorkloadKey], tally: DemandTally) -> None:
        for key in keys:
            for day in tally.days:
                self._days.setdefault(key, {})[day] = tally.day_of(key, day)

    def forget(self, keys: Iterable[WorkloadKey], days: Iterable[date]) -> None:
        """All but these."""
        wanted, recent = set(keys), set(days)
        self._days = {
            key: {day: seen for day, seen in known.items() if day in recent}
            for key, known in self._days.items()
            if key in wanted
        }
