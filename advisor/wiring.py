"""The composition root: with its `wiring_...` siblings the only place that names concrete classes and joins them.

What only some configurations or commands need is imported where it is wired: a daemon without a Postgres carries no
psycopg, and none carries the doctor.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from advisor.engine.cycle import Cycle
from advisor.engine.decide import Circumstances, decide
from advisor.engine.desk import Desk
from advisor.engine.diagnose import diagnose
from advisor.engine.election import Election
from advisor.engine.observe import Observer, SourceSlot
from advisor.engine.propose import propose
from advisor.engine.quiet import usual_loads
from advisor.journal.leader_lock import open_lock
from advisor.journal.repository import SqlJournal, open_journal
from advisor.knobs.agent_board import AgentBoardKnob
from advisor.knobs.agent_standing import InstanceValue
from advisor.knobs.board import Board
from advisor.knobs.file_board import FileBoard
from advisor.knobs.router import KnobRouter
from advisor.model.cohort import Instance
from advisor.model.errors import ConfigurationError, JournalError
from advisor.model.knob import KnobTarget
from advisor.model.report import Diagnosis
from advisor.patience.breaker import Breaker
from advisor.ports import Clock, IndexPlanner, Knob, Source, StatementPlanner
from advisor.rules import ALL_RULES
from advisor.rules.rule import Rule, RuleContext
from advisor.settings.connections import ApplicationSettings
from advisor.settings.schema import Settings
from advisor.sources.history import PrometheusLoadHistory
from advisor.sources.instances import AgentInstances
from advisor.sources.prometheus import PrometheusSamples, PrometheusSource
from advisor.sources.prometheus_api import PrometheusApi
from advisor.sources.samples import CombinedSamples, RememberingSource
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.whatif.cache import ReuseCache
from advisor.whatif.pool import ErlangPool

AGENT_KNOBS = (
    "db.pool_size",
    "db.max_overflow",
    "db.pool_timeout",
    "app.thread_limit",
    "cache.l1.ttl",
    "cache.l1.max_items",
    "cache.l2.ttl",
)
KNOBS = (
    *AGENT_KNOBS,
    "postgres.index",
    "postgres.analyze",
    "postgres.vacuum",
    "postgres.reindex",
    "postgres.autovacuum",
)


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """Everything the daemon runs."""

    cycle: Cycle
    election: Election
    journal: SqlJournal
    metrics: AdvisorMetrics
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresParts:
    """All that is asked of one database. close: ends what was started for it."""

    source: RememberingSource
    index_planner: IndexPlanner
    statement_planner: StatementPlanner
    close: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The sources that are configured; None for the others."""

    prometheus: PrometheusApi | None
    postgres: PostgresParts | None
    slots: tuple[SourceSlot, ...]
    breakers: tuple[Breaker, ...]

    def close(self) -> None:
        if self.postgres is not None:
            self.postgres.close()


@contextmanager
def assemble(settings: Settings) -> Iterator[Works]:
    """The daemon's parts; nothing is in office yet. Raises ConfigurationError, JournalError."""
    clock = SystemClock()
    sources = connect(settings, clock, with_breakers=True)
    observer = Observer(slots=sources.slots, clock=clock)
    journal = open_journal(settings.journal.url)
    metrics = AdvisorMetrics()
    for breaker in sources.breakers:
        metrics.watch_breaker(breaker.name, breaker.is_open)
    lock = open_lock(settings.journal.url, settings.daemon.lease_seconds)
    election = Election(lock, journal, f"{socket.gethostname()}:{os.getpid()}")
    samples = _samples(settings, sources)
    try:
        desk = Desk(
            journal=journal,
            epochs=journal,
            kill_switch=journal,
            knob=_knobs(settings, sources, clock),
            samples=samples,
            statements=samples,
            fleet=_Instances(AgentInstances(sources.prometheus, settings.prometheus, clock))
            if sources.prometheus
            else None,
            clock=clock,
            meter=metrics,
            mode=settings.mode,
            policy=settings.policy,
            trial=settings.trial,
        )
        cycle = Cycle(
            observer=observer,
            rules=rules_of(settings),
            context=context_of(settings, sources),
            desk=desk,
            window_seconds=settings.daemon.window_seconds,
            started=clock.monotonic(),
            load_history=load_history_of(settings, sources),
        )
        yield Works(cycle=cycle, election=election, journal=journal, metrics=metrics, clock=clock)
    finally:
        election.resign()
        sources.close()
        observer.close()
        journal.close()


def build_report(settings: Settings, *, only_rules: tuple[str, ...] = ()) -> Diagnosis:
    """A dry run: observe, diagnose, propose, decide. Writes nothing anywhere."""
    clock = SystemClock()
    sources = connect(settings, clock)
    observer = Observer(slots=sources.slots, clock=clock)
    rules, context = rules_of(settings, only_rules), context_of(settings, sources)
    try:
        snapshot = observer.observe(settings.daemon.window_seconds)
        results, findings = diagnose(snapshot, rules, context)
        proposals, problems = propose(findings, snapshot, rules, context)
        loads = usual_loads(proposals, settings.policy, load_history_of(settings, sources), clock.now())
        choice = decide(proposals, replace(_circumstances(settings, clock), snapshot=snapshot, usual_load=loads))
    finally:
        observer.close()
        sources.close()
    return Diagnosis(
        snapshot=snapshot,
        rules=tuple(replace(result, reason=problems.get(result.rule, result.reason)) for result in results),
        findings=findings,
        proposals=proposals,
        choice=choice,
    )


def _circumstances(settings: Settings, clock: Clock) -> Circumstances:
    """What the journal knows, if there is one; a report makes none."""
    nothing = Circumstances(policy=settings.policy, history=(), pause=None, now=clock.now())
    try:
        journal = open_journal(settings.journal.url, read_only=True)
    except JournalError:
        return nothing
    try:
        environment = settings.policy.environment
        history, fights = journal.history(environment), journal.fights(environment)
        return replace(nothing, history=history, fights=fights, pause=journal.paused())
    finally:
        journal.close()


def rules_of(settings: Settings, only: Sequence[str] = ()) -> tuple[Rule, ...]:
    known = {rule.id for rule in ALL_RULES}
    for name in (*only, *settings.disabled_rules):
        if name not in known:
            raise ConfigurationError(f"no rule {name!r}", where="rules", fix=f"one of {', '.join(sorted(known))}")
    return tuple(rule for rule in ALL_RULES if rule.id not in settings.disabled_rules and (not only or rule.id in only))


def connect(settings: Settings, clock: Clock, *, with_breakers: bool = False) -> Sources:
    """with_breakers: for who asks again and again; a command that asks once gets its answer or its error."""
    names = ("prometheus", f"postgres:{settings.postgres.name}", f"redis:{settings.redis.name}")
    breakers = {name: Breaker(name=name, settings=settings.breaker, clock=clock) for name in names if with_breakers}
    api = PrometheusApi(settings.prometheus, breakers.get("prometheus")) if settings.prometheus.url else None
    postgres = _postgres(settings, clock)
    redis = _redis(settings, clock)
    slots = (
        SourceSlot(
            name="prometheus",
            source=PrometheusSource(api, settings.prometheus, clock) if api else None,
            deadline_seconds=settings.prometheus.deadline_seconds,
        ),
        SourceSlot(
            name=names[1],
            source=postgres.source if postgres else None,
            deadline_seconds=settings.postgres.deadline_seconds,
            breaker=breakers.get(names[1]),
        ),
        SourceSlot(
            name=names[2],
            source=redis,
            deadline_seconds=settings.redis.deadline_seconds,
            breaker=breakers.get(names[2]),
        ),
    )
    in_use = {slot.name for slot in slots if slot.source is not None}
    watched = tuple(breaker for name, breaker in breakers.items() if name in in_use)
    return Sources(prometheus=api, postgres=postgres, slots=slots, breakers=watched)


def _postgres(settings: Settings, clock: Clock) -> PostgresParts | None:
    if settings.postgres.dsn is None:
        return None
    from advisor.wiring_postgres import postgres_parts

    return postgres_parts(settings.postgres, settings.postgres.dsn, clock)


def _redis(settings: Settings, clock: Clock) -> Source | None:
    if settings.redis.url is None:
        return None
    from advisor.sources.redis import RedisSource

    return RedisSource(settings.redis, clock)


def load_history_of(settings: Settings, sources: Sources) -> PrometheusLoadHistory | None:
    if sources.prometheus is None:
        return None
    seconds = settings.policy.usual_load_seconds
    return PrometheusLoadHistory(sources.prometheus, settings.prometheus, history_seconds=seconds)


def _samples(settings: Settings, sources: Sources) -> CombinedSamples:
    prometheus = PrometheusSamples(sources.prometheus, settings.prometheus) if sources.prometheus else None
    return CombinedSamples(prometheus, [sources.postgres.source] if sources.postgres else [])


def context_of(settings: Settings, sources: Sources) -> RuleContext:
    name, postgres = settings.postgres.name, sources.postgres
    return RuleContext(
        guide=settings.guide,
        pool_model=ErlangPool(),
        cache_model=ReuseCache(),
        index_planners={name: postgres.index_planner} if postgres else {},
        statement_planners={name: postgres.statement_planner} if postgres else {},
        applications={app.name: app for app in settings.applications},
    )


def _knobs(settings: Settings, sources: Sources, clock: Clock) -> KnobRouter:
    """Every knob that the settings give the means to move."""
    knobs: dict[str, Knob] = {}
    boards = {app.name: board for app in settings.applications if (board := board_of(app, settings)) is not None}
    if sources.prometheus is not None and boards:
        view = _Instances(AgentInstances(sources.prometheus, settings.prometheus, clock))
        fresh = settings.prometheus.stale_after_seconds
        agents = AgentBoardKnob(boards, view, clock, stale_after_seconds=fresh)
        knobs |= dict.fromkeys(AGENT_KNOBS, agents)
    if settings.postgres.builder_dsn is not None:
        from advisor.wiring_postgres import postgres_knobs

        knobs |= postgres_knobs(settings.postgres)
    return KnobRouter(knobs)


def board_of(app: ApplicationSettings, settings: Settings) -> Board | None:
    if app.board != "redis":
        return FileBoard(Path(app.board.removeprefix("file:")), app=app.name)
    if settings.redis.url is None:
        return None
    from advisor.knobs.redis_board import RedisBoard

    return RedisBoard(settings.redis.url.get_secret_value(), timeout_seconds=settings.redis.timeout_seconds)


class _Instances:
    """Hands what Prometheus shows to the agents' knob and to the engine, in their own words."""

    def __init__(self, instances: AgentInstances) -> None:
        self._instances = instances

    def values(self, app: str, knob: str) -> Sequence[InstanceValue]:
        return [
            InstanceValue(
                instance=seen.instance,
                value=seen.value,
                change=seen.change,
                age_seconds=seen.age_seconds,
                name=seen.name,
            )
            for seen in self._instances.shown(app, knob)
        ]

    def instances(self, target: KnobTarget) -> Sequence[Instance]:
        """Implements Fleet."""
        shown = self._instances.shown(target.get("app"), target.knob)
        return [Instance(name=seen.name, scraped=seen.scraped) for seen in shown]
