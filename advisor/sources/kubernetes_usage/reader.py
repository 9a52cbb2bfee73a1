"""The usage of all containers, by at most 25 queries a look, and each day of it once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError, JournalError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.usage import ClusterUsage, ContainerKey
from advisor.ports.clock import Clock
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes_usage.asking import Budget, Series, Span, ahead
from advisor.sources.kubernetes_usage.day_tally import DigestedDay
from advisor.sources.kubernetes_usage.demand import DEMAND_QUERIES, DemandReader
from advisor.sources.kubernetes_usage.facts import FACTS, Facts, read_facts
from advisor.sources.kubernetes_usage.folding import Holes, folded
from advisor.sources.kubernetes_usage.history import DayHistory, Days
from advisor.sources.kubernetes_usage.look import cluster_usage
from advisor.sources.kubernetes_usage.plan import Plan, plan
from advisor.sources.kubernetes_usage.probe import read_probe
from advisor.sources.kubernetes_usage.queries import Queries
from advisor.sources.kubernetes_usage.recorded_cluster import OBJECT_QUERIES, read_cluster
from advisor.sources.kubernetes_usage.tally import Tally

_USAGE = [f"{name}{suffix}" for suffix in ("", "_mixed", "_recorded") for name in ("cpu", "memory")]
_MUST_BE_WHOLE = (*_USAGE, "cpu_holes", "oom", "throttled")


@dataclass(slots=True)
class UsageReader:
    """matchers: in every selector. history: None where nothing may be kept.

    Each look adds what is new to the open day; days that are over are digested, and kept in `history`.
    """

    api: PrometheusApi
    settings: KubernetesSettings
    matchers: Mapping[str, str]
    clock: Clock
    history: DayHistory | None = None
    _demand: DemandReader | None = field(default=None, init=False)
    _days: Days | None = field(default=None, init=False)
    _tally: Tally | None = field(default=None, init=False)
    _read_until: datetime | None = field(default=None, init=False)
    _unkept: str = field(default="", init=False)
    _latest: tuple[ClusterUsage, ClusterState | None] | None = field(default=None, init=False)

    def read(self, state: ClusterState | None) -> tuple[ClusterUsage, ClusterState | None]:
        """The usage, and the cluster as kube-state-metrics has it where `state`, the API's, is None.

        Raises BadDataError, SourceUnavailableError; then the open day is read anew at the next look.
        """
        now = self.clock.now()
        fresh = self.settings.usage.refresh_seconds
        if self._latest is None or (now - self._latest[0].taken_at).total_seconds() >= fresh:
            try:
                self._latest = self._look(now, state)
            except Exception:
                self._tally, self._read_until = None, None
                raise
        usage, recorded = self._latest
        return usage, None if state is not None else recorded

    def _look(self, now: datetime, state: ClusterState | None) -> tuple[ClusterUsage, ClusterState | None]:
        budget, usage = Budget(self.api), self.settings.usage
        probe = read_probe(budget, Queries(settings=self.settings, matchers=self.matchers), now)
        texts = Queries(settings=self.settings, matchers=self.matchers, interval_seconds=probe.interval_seconds)
        demand = self._demand = self._demand or DemandReader(usage)
        others = FACTS + (OBJECT_QUERIES if state is None else 0)
        # Without an API autoscalers are known after the plan is made: at first demand gets what usage leaves.
        known = state if state is not None else self._latest and self._latest[1]
        kept = DEMAND_QUERIES if known is not None and known.hpas and demand.is_due(now) else 0
        todo = plan(self._wanted(now), probe, usage, budget.left - others - kept)
        lookback = max(todo.lookback_seconds, demand.lookback_seconds(now, probe))
        asides = budget.apart(others)
        with ahead(partial(self._series, budget, texts, name, part) for name, part in todo.questions) as answers:
            facts = read_facts(asides, texts, now, lookback, state)
            recorded = read_cluster(asides, texts, now, facts) if state is None else None
            tally = self._tally = self._tally or Tally(
                step_seconds=usage.step_seconds,
                startup_seconds=usage.startup_seconds,
                asked_since=todo.span.first.timestamp(),
            )
            self._add(tally, todo, facts, answers)
        _refuse_parts(budget.warnings)
        self._read_until = todo.span.last
        demand.add(budget, texts, now, (state or recorded, facts, probe))
        days = {**self._close_days(tally), **{day: tally.digested(day) for day in tally.days}}
        seen = cluster_usage(now, days, facts, tally, (todo, probe, budget, usage.half_life_seconds))
        notes = (*seen.notes, *demand.notes, *filter(None, [self._unkept]))
        queries, points = budget.queries + asides.queries, budget.points + asides.points
        return replace(seen, demands=demand.demands, notes=notes, queries=queries, points=points), recorded

    def _wanted(self, now: datetime) -> Span:
        """From where the last look or the kept days end, to now; no steps where nothing is new."""
        usage = self.settings.usage
        step = timedelta(seconds=usage.step_seconds)
        last = datetime.fromtimestamp(now.timestamp() // usage.step_seconds * usage.step_seconds, UTC)
        first = last - timedelta(days=usage.days) + step
        if self._days is None:
            self._days = self._kept(first.date())
        if self._days:
            midnight = datetime.combine(max(self._days), datetime.min.time(), UTC) + timedelta(days=1)
            first = max(first, midnight + step)
        if self._read_until is not None:
            first = max(first, self._read_until + step)
        return Span(first=first, last=last, step_seconds=usage.step_seconds)

    def _kept(self, oldest: date) -> Days:
        """A journal that cannot be read or written costs a second reading, and no usage."""
        try:
            return self.history.read(oldest) if self.history is not None else {}
        except JournalError as error:
            self._unkept = f"days of usage are not kept: {error}"
            return {}

    def _keep(self, day: date, digests: Mapping[ContainerKey, DigestedDay]) -> None:
        try:
            if self.history is not None:
                self.history.write(day, digests)
        except JournalError as error:
            self._unkept = f"days of usage are not kept: {error}"

    def _add(self, tally: Tally, todo: Plan, facts: Facts, answers: Iterator[list[Series]]) -> None:
        key_of, holes = facts.finder(), Holes()
        takes = {
            "cpu_holes": lambda series: holes.add(series),
            f"memory{todo.suffix}": lambda series: tally.add_memory(folded(series), key_of),
            f"cpu{todo.suffix}": lambda series: tally.add_cpu(folded(holes.left_out(series)), key_of),
            "throttled": lambda series: tally.add_throttled(folded(series), key_of),
            "oom": lambda series: tally.add_ooms(series, key_of),
        }
        for (name, _), series in zip(todo.questions, answers, strict=True):
            takes[name](series)
        tally.tells_oom = facts.tells_restarts

    def _series(self, budget: Budget, queries: Queries, name: str, part: Span) -> list[Series]:
        return list(budget.range(name, queries.text(name), part))

    def _close_days(self, tally: Tally) -> Days:
        """Days that are over are digested and kept, and those that count no more are forgotten."""
        days = self._days = self._days or {}
        last = self._read_until or self.clock.now()
        open_day = (last - timedelta(seconds=1)).date()
        for day in sorted(day for day in tally.days if day < open_day):
            days[day] = tally.digested(day)
            del tally.days[day]
            self._keep(day, days[day])
        for day in [day for day in days if (open_day - day).days > self.settings.usage.days]:
            del days[day]
        return days


def _refuse_parts(warnings: Mapping[str, str]) -> None:
    """Raises BadDataError for a partial answer to what must be whole."""
    for name in _MUST_BE_WHOLE:
        if name in warnings:
            raise BadDataError(
                f"partial answer to {name}: {warnings[name]}",
                where="kubernetes.usage",
                fix="a part of the usage is no evidence: see why the querier does not reach all of its stores",
            )
