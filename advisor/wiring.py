"""The composition root: the only module that names concrete classes and puts them together."""

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from advisor.engine.backtest import Span, backtest
from advisor.engine.cycle import Cycle
from advisor.engine.decide import Circumstances, decide
from advisor.engine.desk import Desk
from advisor.engine.diagnose import diagnose
from advisor.engine.election import Election
from advisor.engine.fight import cleared
from advisor.engine.lifecycle import transition
from advisor.engine.observe import Observer, SourceSlot
from advisor.engine.propose import propose
from advisor.engine.quiet import usual_loads
from advisor.engine.replay import Script
from advisor.journal.doctor import check_journal
from advisor.journal.leader_lock import open_lock
from advisor.journal.repository import SqlJournal, open_journal
from advisor.knobs.agent_board import AgentBoardKnob
from advisor.knobs.agent_standing import InstanceValue
from advisor.knobs.board import Board
from advisor.knobs.doctor import check_board, check_builder
from advisor.knobs.file_board import FileBoard
from advisor.knobs.index import PostgresIndexKnob
from advisor.knobs.redis_board import RedisBoard
from advisor.knobs.router import KnobRouter
from advisor.model.change import ChangeRecord, Event
from advisor.model.check import CheckLine
from advisor.model.errors import ConfigurationError, JournalError
from advisor.model.replay import Backtest
from advisor.model.report import Diagnosis
from advisor.ports import Clock, IndexPlanner, Knob
from advisor.rules import ALL_RULES
from advisor.rules.rule import Rule, RuleContext
from advisor.settings.connections import ApplicationSettings
from advisor.settings.schema import Settings
from advisor.sources.doctor import check_agents, check_postgres, check_prometheus, check_redis
from advisor.sources.history import PrometheusHistory, PrometheusLoadHistory
from advisor.sources.instances import AgentInstances
from advisor.sources.postgres.source import PostgresSource
from advisor.sources.prometheus import PrometheusSamples, PrometheusSource
from advisor.sources.prometheus_api import PrometheusApi
from advisor.sources.redis import RedisSource
from advisor.sources.samples import CombinedSamples
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.whatif.cache import ReuseCache
from advisor.whatif.index.connection import planning_connection
from advisor.whatif.index.planner import PostgresIndexPlanner
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
KNOBS = (*AGENT_KNOBS, "postgres.index")


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
class _Sources:
    """The sources that are configured; None for the others."""

    prometheus: PrometheusApi | None
    postgres: PostgresSource | None
    slots: tuple[SourceSlot, ...]


@contextmanager
def assemble(settings: Settings) -> Iterator[Works]:
    """The daemon's parts; nothing is in office yet. Raises ConfigurationError, JournalError."""
    clock = SystemClock()
    sources = _sources(settings, clock)
    observer = Observer(slots=sources.slots, clock=clock)
    journal = open_journal(settings.journal.url)
    metrics = AdvisorMetrics()
    lock = open_lock(settings.journal.url, settings.daemon.lease_seconds)
    election = Election(lock, journal, f"{socket.gethostname()}:{os.getpid()}")
    try:
        desk = Desk(
            journal=journal,
            epochs=journal,
            kill_switch=journal,
            knob=_knobs(settings, sources, clock),
            samples=_samples(settings, sources),
            clock=clock,
            meter=metrics,
            mode=settings.mode,
            policy=settings.policy,
            trial=settings.trial,
        )
        cycle = Cycle(
            observer=observer,
            rules=_rules(settings),
            context=_context(settings),
            desk=desk,
            window_seconds=settings.daemon.window_seconds,
            started=clock.monotonic(),
            load_history=_load_history(settings, sources),
        )
        yield Works(cycle=cycle, election=election, journal=journal, metrics=metrics, clock=clock)
    finally:
        election.resign()
        observer.close()
        journal.close()


def build_report(settings: Settings, *, only_rules: tuple[str, ...] = ()) -> Diagnosis:
    """A dry run: observe, diagnose, propose, decide. Writes nothing anywhere."""
    clock = SystemClock()
    sources = _sources(settings, clock)
    observer = Observer(slots=sources.slots, clock=clock)
    rules, context = _rules(settings, only_rules), _context(settings)
    try:
        snapshot = observer.observe(settings.daemon.window_seconds)
    finally:
        observer.close()
    results, findings = diagnose(snapshot, rules, context)
    proposals, problems = propose(findings, snapshot, rules, context)
    loads = usual_loads(proposals, settings.policy, _load_history(settings, sources), clock.now())
    choice = decide(proposals, replace(_circumstances(settings, clock), snapshot=snapshot, usual_load=loads))
    return Diagnosis(
        snapshot=snapshot,
        rules=tuple(replace(result, reason=problems.get(result.rule, result.reason)) for result in results),
        findings=findings,
        proposals=proposals,
        choice=choice,
    )


def run_backtest(settings: Settings, span: Span, tick: Callable[[], None] | None = None) -> Backtest:
    """The rules over what Prometheus recorded; writes nothing. Raises ConfigurationError, SourceUnavailableError."""
    sources = _sources(settings, SystemClock())
    if sources.prometheus is None:
        raise ConfigurationError("nothing was recorded", where="prometheus.url", fix="set it, or give -p URL")
    load = _load_history(settings, sources)
    script = Script(
        rules=_rules(settings),
        context=replace(_context(settings), index_planners={}),
        policy=settings.policy,
        trial=settings.trial,
        usual_loads=lambda proposals, now: usual_loads(proposals, settings.policy, load, now),
    )
    history = PrometheusHistory(sources.prometheus, settings.prometheus, database=settings.postgres.name)
    return backtest(span, script, history, PrometheusSamples(sources.prometheus, settings.prometheus), tick=tick)


def check(settings: Settings) -> tuple[CheckLine, ...]:
    """The doctor's lines for every source, for every knob and for the journal. Writes nothing anywhere."""
    return (
        *check_prometheus(settings.prometheus),
        *check_postgres(settings.postgres),
        *check_redis(settings.redis),
        *check_builder(settings.postgres),
        *(line for app in settings.applications for line in _check_application(app, settings)),
        *check_journal(settings.journal.url, settings.policy.environment),
    )


def _check_application(app: ApplicationSettings, settings: Settings) -> Iterator[CheckLine]:
    board = _board(app, settings)
    yield from check_board(app, board)
    yield from check_agents(app.name, settings.prometheus, SystemClock())


def decide_change(settings: Settings, change_id: str, *, approve: bool, who: str) -> ChangeRecord:
    """A person's word on a change that waits for it. Raises JournalError, IllegalTransitionError."""
    journal = open_journal(settings.journal.url)
    try:
        record = journal.find(change_id)
        if record is None:
            raise JournalError(f"no change {change_id!r}", where="journal", fix="see: advisor changes")
        event = Event.APPROVED if approve else Event.REJECTED
        decided = transition(record, event, SystemClock().now(), f"{event.value} by {who}")
        # In the name of the term in office: a person's word is not a new term.
        return journal.advance(replace(decided, approved_by=who if approve else "", epoch=journal.current_epoch()))
    finally:
        journal.close()


def clear_fight(settings: Settings, change_id: str, *, who: str) -> ChangeRecord:
    """A person's word that a knob somebody else has moved may be changed again. Raises as `decide_change`."""
    journal = open_journal(settings.journal.url)
    try:
        record = journal.find(change_id)
        if record is None:
            raise JournalError(f"no change {change_id!r}", where="journal", fix="see: advisor changes")
        done = cleared(record, who, SystemClock().now())
        return journal.advance(replace(done, epoch=journal.current_epoch()))
    finally:
        journal.close()


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


def _rules(settings: Settings, only: Sequence[str] = ()) -> tuple[Rule, ...]:
    known = {rule.id for rule in ALL_RULES}
    for name in (*only, *settings.disabled_rules):
        if name not in known:
            raise ConfigurationError(f"no rule {name!r}", where="rules", fix=f"one of {', '.join(sorted(known))}")
    return tuple(rule for rule in ALL_RULES if rule.id not in settings.disabled_rules and (not only or rule.id in only))


def _sources(settings: Settings, clock: Clock) -> _Sources:
    api = PrometheusApi(settings.prometheus) if settings.prometheus.url else None
    postgres = PostgresSource(settings.postgres, clock) if settings.postgres.dsn else None
    redis = RedisSource(settings.redis, clock) if settings.redis.url else None
    slots = (
        SourceSlot(
            name="prometheus",
            source=PrometheusSource(api, settings.prometheus, clock) if api else None,
            deadline_seconds=settings.prometheus.deadline_seconds,
        ),
        SourceSlot(
            name=f"postgres:{settings.postgres.name}",
            source=postgres,
            deadline_seconds=settings.postgres.deadline_seconds,
        ),
        SourceSlot(name=f"redis:{settings.redis.name}", source=redis, deadline_seconds=settings.redis.deadline_seconds),
    )
    return _Sources(prometheus=api, postgres=postgres, slots=slots)


def _load_history(settings: Settings, sources: _Sources) -> PrometheusLoadHistory | None:
    if sources.prometheus is None:
        return None
    seconds = settings.policy.usual_load_seconds
    return PrometheusLoadHistory(sources.prometheus, settings.prometheus, history_seconds=seconds)


def _samples(settings: Settings, sources: _Sources) -> CombinedSamples:
    prometheus = PrometheusSamples(sources.prometheus, settings.prometheus) if sources.prometheus else None
    return CombinedSamples(prometheus, [sources.postgres] if sources.postgres else [])


def _context(settings: Settings) -> RuleContext:
    planners: dict[str, IndexPlanner] = {}
    if settings.postgres.dsn is not None:
        connect = partial(planning_connection, settings.postgres.dsn, settings.postgres.timeout_seconds)
        planners[settings.postgres.name] = PostgresIndexPlanner(connect)
    return RuleContext(
        guide=settings.guide,
        pool_model=ErlangPool(),
        cache_model=ReuseCache(),
        index_planners=planners,
        applications={app.name: app for app in settings.applications},
    )


def _knobs(settings: Settings, sources: _Sources, clock: Clock) -> KnobRouter:
    """Every knob that the settings give the means to move."""
    knobs: dict[str, Knob] = {}
    boards = {app.name: board for app in settings.applications if (board := _board(app, settings)) is not None}
    if sources.prometheus is not None and boards:
        view = _Instances(AgentInstances(sources.prometheus, settings.prometheus, clock))
        fresh = settings.prometheus.stale_after_seconds
        agents = AgentBoardKnob(boards, view, clock, stale_after_seconds=fresh)
        knobs |= dict.fromkeys(AGENT_KNOBS, agents)
    if settings.postgres.builder_dsn is not None:
        knobs["postgres.index"] = PostgresIndexKnob(settings.postgres)
    return KnobRouter(knobs)


def _board(app: ApplicationSettings, settings: Settings) -> Board | None:
    if app.board != "redis":
        return FileBoard(Path(app.board.removeprefix("file:")), app=app.name)
    if settings.redis.url is None:
        return None
    return RedisBoard(settings.redis.url.get_secret_value(), timeout_seconds=settings.redis.timeout_seconds)


class _Instances:
    """Hands what Prometheus shows to the agents' knob, in the knob's own words."""

    def __init__(self, instances: AgentInstances) -> None:
        self._instances = instances

    def values(self, app: str, knob: str) -> Sequence[InstanceValue]:
        return [
            InstanceValue(instance=seen.instance, value=seen.value, change=seen.change, age_seconds=seen.age_seconds)
            for seen in self._instances.shown(app, knob)
        ]
