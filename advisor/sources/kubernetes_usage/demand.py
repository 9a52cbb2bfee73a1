"""The demand of autoscaled workloads minute by minute, over whole days, each of which is read once while this runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from advisor.clients.prometheus import MOST_POINTS
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.demand import DAY_SECONDS, WorkloadDemand, WorkloadKey
from advisor.settings.kubernetes.usage import UsageSettings
from advisor.sources.kubernetes_usage.answers.asking import Budget, Span
from advisor.sources.kubernetes_usage.facts import Facts
from advisor.sources.kubernetes_usage.probe import Probe
from advisor.sources.kubernetes_usage.queries import Queries, only_pods_of
from advisor.sources.kubernetes_usage.tallies.demand_tally import DemandTally, KeptDays

DEMAND_QUERIES = 2
"""That one look sends at most; what is missing then is read in the next ones."""
_STEPS = (60, 120, 180, 240, 300)
"""Seconds; each makes a whole number of minutes and of steps a day."""
_WINDOW_SCRAPES = 4
_COVERED = 0.5
_SETTLED_SECONDS = 600
_Where = tuple[ClusterState | None, Facts, Probe]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One query. days: one after another, oldest first."""

    keys: Sequence[WorkloadKey]
    days: Sequence[date]
    step_seconds: int


@dataclass(slots=True)
class DemandReader:
    """What was read so far. notes: what of it is missing, and why."""

    usage: UsageSettings
    notes: tuple[str, ...] = ()
    _kept: KeptDays = field(default_factory=KeptDays, init=False)
    _complete_until: date | None = field(default=None, init=False)

    @property
    def demands(self) -> Mapping[WorkloadKey, WorkloadDemand]:
        return self._kept.demands

    def is_due(self, now: datetime) -> bool:
        """Whether a day has ended that is not read, or one before was not affordable yet."""
        return self.usage.most_autoscaled > 0 and self._complete_until != _last_day(now)

    def lookback_seconds(self, now: datetime, probe: Probe) -> float:
        """For the owners of pods that have gone since; 0 where nothing is read."""
        if not self.is_due(now):
            return 0.0
        most = self.usage.most_samples / max(1, probe.series) * probe.interval_seconds
        return min((self.usage.days + 1.0) * DAY_SECONDS, most)

    def add(self, budget: Budget, queries: Queries, now: datetime, where: _Where) -> None:
        """What is affordable of what is missing, the newest days first. A query that fails leaves its part out."""
        if not self.is_due(now):
            return
        cluster, facts, probe = where
        last = _last_day(now)
        days = [last - timedelta(days=age) for age in range(self.usage.days)]
        pods = _pods(facts)
        every = sorted(_autoscaled(cluster), key=lambda key: (-pods.get(key, 0), key)) if cluster is not None else []
        keys = every[: self.usage.most_autoscaled]
        self._kept.forget(keys, days)
        self.notes = tuple(_left_out(keys, every))
        if not keys or not probe.is_raw or probe.interval_seconds * 2 > _STEPS[-1]:
            self._complete_until = last
            return
        for _ in range(DEMAND_QUERIES):
            ask = next_ask(self._kept.missing(keys, days), pods, probe, self.usage)
            if ask is None or budget.left < 1:
                break
            if problem := self._ask(ask, budget, queries, (facts, probe)):
                self.notes = (*self.notes, problem)
                return
        missing = self._kept.missing(keys, days)
        self._complete_until = None if missing else last
        if missing:
            self.notes = (*self.notes, f"of {len(missing)} autoscaled workloads older days of demand are not read yet")

    def _ask(self, ask: Ask, budget: Budget, queries: Queries, where: tuple[Facts, Probe]) -> str:
        """Why it failed, "" where it did not."""
        facts, probe = where
        midnight = datetime.combine(ask.days[0], datetime.min.time(), UTC)
        step = timedelta(seconds=ask.step_seconds)
        span = Span(
            first=midnight + step, last=midnight + len(ask.days) * timedelta(days=1), step_seconds=ask.step_seconds
        )
        window = max(ask.step_seconds, _WINDOW_SCRAPES * probe.interval_seconds)
        query = replace(queries, only=tuple(only_pods_of(ask.keys)), window_seconds=window, covered=_COVERED).text(
            "demand"
        )
        tally = DemandTally(days=ask.days, step_seconds=ask.step_seconds)
        wanted = set(ask.keys)
        try:
            for series in budget.range("demand", query, span):
                namespace, pod = (series.source.labels.get(name, "") for name in ("namespace", "pod"))
                owner = facts.owners.of(namespace, pod)
                if owner is not None and (key := WorkloadKey(namespace, *owner)) in wanted:
                    tally.add(key, series.points)
        except (BadDataError, SourceUnavailableError) as error:
            return f"demand of autoscaled workloads: {error.what}"
        if "demand" in budget.warnings:
            return f"demand of autoscaled workloads: partial answer: {budget.warnings['demand']}"
        self._kept.take(ask.keys, tally)
        return ""


def _last_day(now: datetime) -> date:
    """The newest day that is over, with all its samples in."""
    return (now - timedelta(seconds=_SETTLED_SECONDS)).date() - timedelta(days=1)


def _autoscaled(cluster: ClusterState) -> Iterator[WorkloadKey]:
    found = {workload.meta.place: workload for hpa in cluster.hpas if (workload := cluster.target_of(hpa)) is not None}
    for workload in found.values():
        yield WorkloadKey(workload.meta.namespace, workload.meta.kind, workload.meta.name)


def _left_out(keys: Sequence[WorkloadKey], every: Sequence[WorkloadKey]) -> Iterator[str]:
    if len(keys) < len(every):
        yield (
            f"the demand of {len(keys)} of {len(every)} autoscaled workloads is read, those with most pods "
            "(kubernetes.usage.most_autoscaled)"
        )


def _pods(facts: Facts) -> Mapping[WorkloadKey, int]:
    """How many of each workload run now."""
    found: dict[WorkloadKey, int] = {}
    for key, count in facts.pods.items():
        workload = WorkloadKey(key.namespace, key.kind, key.workload)
        found[workload] = max(found.get(workload, 0), count)
    return found


def next_ask(
    missing: Mapping[WorkloadKey, Sequence[date]], pods: Mapping[WorkloadKey, int], probe: Probe, usage: UsageSettings
) -> Ask | None:
    """Workloads that lack the same days, as many of them and of their newest days as one query may ask for."""
    if not missing:
        return None
    lacking = max(missing.values(), key=lambda days: sum(other == days for other in missing.values()))
    same = [key for key, days in missing.items() if days == lacking]
    step = next(step for step in _STEPS if step >= 2 * probe.interval_seconds)
    a_second = max(1, pods.get(same[0], 1)) * DAY_SECONDS
    step = next((one for one in _STEPS if one >= step and a_second // one <= usage.most_points), _STEPS[-1])
    keys, points = list[WorkloadKey](), 0
    for key in same:
        a_day = max(1, pods.get(key, 1)) * DAY_SECONDS // step
        if keys and points + a_day > usage.most_points:
            break
        keys.append(key)
        points += a_day
    count = min(len(lacking), max(1, usage.most_points // points), MOST_POINTS * step // DAY_SECONDS)
    run = [lacking[0]]
    for day in lacking[1:count]:
        if run[-1] - day != timedelta(days=1):
            break
        run.append(day)
    return Ask(keys=keys, days=run[::-1], step_seconds=step)
