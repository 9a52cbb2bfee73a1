"""The usage of all containers, by at most 25 queries a look, and each day of it once."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes_usage.answers.asking import Budget, Series, Span, ahead
from advisor.sources.kubernetes_usage.demand import DEMAND_QUERIES, DemandReader
from advisor.sources.kubernetes_usage.facts import Facts
from advisor.sources.kubernetes_usage.facts_reader import FactsReader, most_queries, tells_pods
from advisor.sources.kubernetes_usage.history import DayHistory, Days
from advisor.sources.kubernetes_usage.look import cluster_usage
from advisor.sources.kubernetes_usage.plan import Plan, plan
from advisor.sources.kubernetes_usage.probe import read_probe
from advisor.sources.kubernetes_usage.queries import Queries
from advisor.sources.kubernetes_usage.reader import Seen
from advisor.sources.kubernetes_usage.recorded_cluster import OBJECT_QUERIES, read_recorded
from advisor.sources.kubernetes_usage.tallies.holes import Holes
from advisor.sources.kubernetes_usage.tallies.tally import Tally

_USAGE = [f"{name}{suffix}" for suffix in ("", "_mixed", "_recorded") for name in ("cpu", "memory")]
_MUST_BE_WHOLE = (*_USAGE, "cpu_holes", "target_holes", "throttled", "throttled_jobs", "kills", "oom")


@dataclass(slots=True)
class Memory:
    """What is known from look to look, and can be handed to another process.

    demand: None before the first look. days: closed ones; None before the kept ones were read. tally: the open day.
    read_until: the last point that was read. recorded: the cluster as kube-state-metrics had it.
    """

    demand: DemandReader | None = None
    days: Days | None = None
    tally: Tally | None = None
    read_until: datetime | None = None
    recorded: ClusterState | None = None


@dataclass(slots=True)
class UsageLooks:
    """matchers: in every selector. history: on notes that do not fail; None where nothing may be kept.

    Each look adds what is new to the open day; days that are over are digested, and kept in `history`.
    """

    api: PrometheusApi
    settings: KubernetesSettings
    matchers: Mapping[str, str]
    history: DayHistory | None = None
    memory: Memory = field(default_factory=Memory)

    def __call__(self, now: datetime, state: ClusterState | None) -> Seen:
        """Raises BadDataError, SourceUnavailableError; then the open day is read anew at the next look."""
        try:
            with _without_collector():
                return self._look(now, state)
        except Exception:
            self.memory.tally, self.memory.read_until = None, None
            raise

    def _look(self, now: datetime, state: ClusterState | None) -> Seen:
        budget, usage, memory = Budget(self.api), self.settings.usage, self.memory
        texts = Queries(settings=self.settings, matchers=self.matchers)
        asides = budget.apart(most_queries(state) + (OBJECT_QUERIES if state is None else 0))
        reader = FactsReader(asides, now, state)
        with ahead([partial(read_probe, budget, texts, now)]) as probes:
            recorded = read_recorded(asides, texts, now) if state is None else None
            reader.read_present(texts)
            probe = next(probes).with_nodes(reader.nodes)
        texts = replace(texts, interval_seconds=probe.interval_seconds, jobs=probe.jobs)
        demand = memory.demand = memory.demand or DemandReader(usage)
        # Without an API autoscalers are known after the plan is made: at first demand gets what usage leaves.
        known = state if state is not None else memory.recorded
        kept = DEMAND_QUERIES if known is not None and known.hpas and demand.is_due(now) else 0
        todo = plan(self._wanted(now), probe, usage, budget.left - kept)
        lookback = max(todo.lookback_seconds, demand.lookback_seconds(now, probe))
        with ahead(partial(self._series, budget, texts, name, part) for name, part in todo.questions) as answers:
            reader.read_owners(texts, lookback)
            ooms, jobs = (
                reader.read_kills(texts, todo.span, usage.most_points),
                reader.read_job_throttling(texts, todo.whole_hours),
            )
            facts, holes = reader.facts, Holes(todo.by_target)
            for part in todo.holes:
                holes.add(self._series(budget, texts, todo.holes_query, part))
            memory.recorded = recorded.cluster(facts) if recorded is not None else None
            tally = memory.tally = memory.tally or Tally(
                step_seconds=usage.step_seconds,
                startup_seconds=usage.startup_seconds,
                asked_since=todo.span.first.timestamp(),
            )
            self._add(tally, todo, (facts, holes), answers)
        tally.add_ooms(ooms, facts.key_of)
        tally.add_throttled_jobs(jobs, facts.key_of)
        tally.tells_oom = facts.tells_restarts
        if state is not None and tells_pods(state):
            facts.seen_running(tally.newest, state)
        _refuse_parts(budget.warnings | asides.warnings)
        memory.read_until = todo.span.last
        demand.add(budget, texts, now, (state or memory.recorded, facts, probe))
        days = {**self._close_days(tally, now), **{day: tally.digested(day) for day in tally.days}}
        seen = cluster_usage(now, days, facts, tally, (todo, probe, budget, usage.half_life_seconds))
        notes = (*seen.notes, *demand.notes)
        queries, points = budget.queries + asides.queries, budget.points + asides.points
        seen = replace(seen, demands=demand.demands, notes=notes, queries=queries, points=points)
        return seen, memory.recorded

    def _wanted(self, now: datetime) -> Span:
        """From where the last look or the kept days end, to now; no steps where nothing is new."""
        usage = self.settings.usage
        step = timedelta(seconds=usage.step_seconds)
        last = datetime.fromtimestamp(now.timestamp() // usage.step_seconds * usage.step_seconds, UTC)
        first = last - timedelta(days=usage.days) + step
        if self.memory.days is None:
            self.memory.days = self.history.read(first.date()) if self.history is not None else {}
        if self.memory.days:
            midnight = datetime.combine(max(self.memory.days), datetime.min.time(), UTC) + timedelta(days=1)
            first = max(first, midnight + step)
        if self.memory.read_until is not None:
            first = max(first, self.memory.read_until + step)
        return Span(first=first, last=last, step_seconds=usage.step_seconds)

    def _add(self, tally: Tally, todo: Plan, known: tuple[Facts, Holes], answers: Iterator[list[Series]]) -> None:
        facts, holes = known
        key_of = facts.key_of
        base = todo.hours.first.timestamp()
        takes: dict[str, Callable[[list[Series], Span], None]] = {
            f"memory{todo.suffix}": lambda series, _: tally.add_memory(series, key_of),
            f"cpu{todo.suffix}": lambda series, part: tally.add_cpu(holes.left_out(series, part), key_of),
            "throttled": lambda series, _: tally.add_throttled(series, base, facts.key_of_lasting),
        }
        for (name, part), series in zip(todo.questions, answers, strict=True):
            takes[name](series, part)

    def _series(self, budget: Budget, queries: Queries, name: str, part: Span) -> list[Series]:
        return list(budget.range(name, queries.text(name, end=part.last.timestamp()), part))

    def _close_days(self, tally: Tally, now: datetime) -> Days:
        """Days that are over are digested and kept, and those that count no more are forgotten."""
        days = self.memory.days = self.memory.days or {}
        last = self.memory.read_until or now
        open_day = (last - timedelta(seconds=1)).date()
        for day in sorted(day for day in tally.days if day < open_day):
            days[day] = {key: one.packed() for key, one in tally.digested(day).items()}
            del tally.days[day]
            if self.history is not None:
                self.history.write(day, days[day])
        for day in [day for day in days if (open_day - day).days > self.settings.usage.days]:
            del days[day]
        return days


@contextmanager
def _without_collector() -> Iterator[None]:
    """A look makes a million objects, and no circles of them: to look for such takes a tenth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _refuse_parts(warnings: Mapping[str, str]) -> None:
    """Raises BadDataError for a partial answer to what must be whole."""
    for name in _MUST_BE_WHOLE:
        if name in warnings:
            raise BadDataError(
                f"partial answer to {name}: {warnings[name]}",
                where="kubernetes.usage",
                fix="a part of the usage is no evidence: see why the querier does not reach all of its stores",
            )
