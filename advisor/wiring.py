"""The composition root: with its `wiring_...` siblings the only place that names concrete classes and joins them.

What only some configurations or commands need is imported where it is wired: a daemon without a Postgres carries no
psycopg, and none carries the doctor.
"""

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from advisor.engine.cycle import Cycle
from advisor.engine.decide import Circumstances, decide
from advisor.engine.desk import Desk
from advisor.engine.diagnose import diagnose
from advisor.engine.election import Election
from advisor.engine.observe import Observer
from advisor.engine.propose import propose
from advisor.engine.quiet import usual_loads
from advisor.journal.leader_lock import open_lock
from advisor.journal.repository import SqlJournal, open_journal
from advisor.knobs.router import KnobRouter
from advisor.model.errors import ConfigurationError, JournalError
from advisor.model.report import Diagnosis
from advisor.ports import Clock
from advisor.rules import ALL_RULES
from advisor.rules.rule import Rule, RuleContext
from advisor.settings.schema import Settings
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.whatif.cache import ReuseCache
from advisor.whatif.pool import ErlangPool
from advisor.wiring_agents import AGENT_KNOBS, AgentFleet, agent_knobs, fleet_of
from advisor.wiring_sources import Sources, connect, load_history_of, samples_of

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
    samples = samples_of(settings, sources)
    fleet = fleet_of(settings, sources.prometheus, clock)
    try:
        desk = Desk(
            journal=journal,
            epochs=journal,
            kill_switch=journal,
            knob=_knobs(settings, fleet, clock),
            samples=samples,
            statements=samples,
            fleet=fleet,
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


def _knobs(settings: Settings, fleet: AgentFleet | None, clock: Clock) -> KnobRouter:
    """Every knob that the settings give the means to move."""
    knobs = agent_knobs(settings, fleet, clock)
    if settings.postgres.builder_dsn is not None:
        from advisor.wiring_postgres import postgres_knobs

        knobs |= postgres_knobs(settings.postgres)
    return KnobRouter(knobs)
