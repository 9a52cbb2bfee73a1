"""The daemon's parts, joined.

What only some configurations or commands need is imported where it is wired: a daemon without a Postgres carries no
psycopg, and none carries the doctor.
"""

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from advisor.clock import SystemClock
from advisor.engine.cycle import Cycle
from advisor.engine.election import Election
from advisor.engine.observe import Observer
from advisor.engine.rollout.context import RolloutContext
from advisor.journal.leader_lock import open_lock
from advisor.journal.repository import SqlJournal, open_journal
from advisor.ports.clock import Clock
from advisor.ports.events import ChangeListener
from advisor.ports.journal import LeaderLock
from advisor.ports.notebook import Notebook
from advisor.ports.notifier import Notifier
from advisor.ports.surface import Surface
from advisor.settings.schema import Settings
from advisor.sources.doubted import DoubtedSamples
from advisor.surfaces.change_log import ChangeLog
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.surfaces.web.health import Health
from advisor.surfaces.web.latest import LatestDiagnosis
from advisor.wiring.agents import fleet_of
from advisor.wiring.alerts import AlertDesk, open_alerts
from advisor.wiring.fleet import fleet_by_carrier
from advisor.wiring.knobs import open_knobs
from advisor.wiring.notifiers import Outside, open_notifiers
from advisor.wiring.rule_context import REPLAY_SHARE, context_of, pack_settings_of
from advisor.wiring.rules.book import rules_of
from advisor.wiring.sources import connect, load_history_of, samples_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from advisor.surfaces.web.server import WebServer


@dataclass(slots=True)
class InForce:
    """The settings by which people's decisions are taken now; the daemon sets them when it has read its file again."""

    settings: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Everything the daemon runs."""

    cycle: Cycle
    election: Election
    journal: SqlJournal
    metrics: AdvisorMetrics
    clock: Clock
    in_force: InForce
    serve: Callable[[Health], "WebServer"]
    """Binds the HTTP endpoints, for the daemon's own health. Raises ConfigurationError."""
    surfaces: Sequence[Surface] = ()
    """What serves people and other programs beside the walk."""
    alerts: AlertDesk | None = None
    notifiers: Sequence[Notifier] = ()
    """Those of the surfaces that tell people elsewhere."""


def under(settings: Settings, cycle: Cycle) -> Cycle:
    """`cycle` under settings that changed while it ran; what it has watched and what is open goes on."""
    rollout = replace(cycle.rollout, mode=settings.mode, policy=settings.policy, trial=settings.trial_in_force)
    context = replace(cycle.context, guide=settings.guide, pack_settings=pack_settings_of(settings))
    return replace(
        cycle,
        rules=rules_of(settings),
        context=context,
        rollout=rollout,
        window_seconds=settings.daemon.window_seconds,
    )


def _notebook(settings: Settings, stack: ExitStack) -> Notebook:
    """Of a journal of the sources' own, as they are closed last."""
    return stack.enter_context(closing(open_journal(settings.journal.url))).notebook()


def _lock(settings: Settings, holder: str, clock: Clock, stack: ExitStack) -> LeaderLock:
    """Where the journal lies, or the cluster's. Raises ConfigurationError."""
    if settings.daemon.lease is None:
        return open_lock(settings.journal.url, settings.daemon.lease_seconds)
    from advisor.wiring.kubernetes.lease import lease_lock

    return lease_lock(settings, settings.daemon.lease, holder, clock, stack)


@contextmanager
def assemble(settings: Settings) -> Iterator[Components]:
    """The daemon's parts; nothing leads yet. Raises ConfigurationError, JournalError."""
    clock = SystemClock()
    with ExitStack() as stack:  # closed in reverse: the lead is given up first, the sources go last
        sources = stack.enter_context(
            connect(settings, clock, with_breakers=True, notebook=lambda own: _notebook(settings, own))
        )
        observer = stack.enter_context(closing(Observer(slots=sources.slots, clock=clock)))
        journal = stack.enter_context(closing(open_journal(settings.journal.url)))
        metrics = AdvisorMetrics()
        for breaker in sources.breakers:
            metrics.watch_breaker(breaker.name, breaker.is_open)
        samples = samples_of(settings, sources)
        agents = fleet_of(settings, sources.prometheus, clock)
        knobs = stack.enter_context(open_knobs(settings, agents, clock, journal))
        holder = f"{socket.gethostname()}:{os.getpid()}"
        lock = _lock(settings, holder, clock, stack)
        election = Election(lock, journal, holder, clock, settings.daemon.lease_seconds)
        stack.callback(election.resign)
        notifiers = open_notifiers(
            settings,
            Outside(
                journal=journal,
                metrics=metrics,
                samples=samples,
                clock=clock,
                leads=lambda: election.term is not None,
            ),
        )
        in_force = InForce(settings)
        listeners: tuple[ChangeListener, ...] = (metrics, ChangeLog(), *notifiers)
        open_routers, hearing = _open_slack(in_force, stack, listeners, metrics, clock)
        alerts = open_alerts(lambda: in_force.settings, journal.notebook(), metrics, clock, notifiers)
        latest = LatestDiagnosis()
        rollout = RolloutContext(
            journal=journal,
            epochs=journal,
            kill_switch=journal,
            knob=knobs,
            samples=DoubtedSamples(samples=samples, doubt=alerts.silent.problem) if alerts is not None else samples,
            statements=samples,
            fleet=fleet_by_carrier(settings, agents, sources.prometheus, clock, stack),
            known_events=alerts.heard if alerts is not None else None,
            clock=clock,
            meter=metrics,
            listeners=listeners,
            mode=settings.mode,
            policy=settings.policy,
            trial=settings.trial_in_force,
        )
        cycle = Cycle(
            observer=observer,
            rules=rules_of(settings),
            context=context_of(settings, sources, replay_share=REPLAY_SHARE),
            rollout=rollout,
            window_seconds=settings.daemon.window_seconds,
            started=clock.monotonic(),
            load_history=load_history_of(settings, sources),
            audience=(latest, *notifiers),
        )

        def serve(health: Health) -> "WebServer":
            from advisor.wiring.web import backing_of, web_server

            own = stack.enter_context(closing(open_journal(settings.journal.url)))
            backing = backing_of(lambda: in_force.settings, own, latest, listeners, clock)
            guarded = (alerts.router,) if alerts is not None else ()
            return web_server(settings.web, backing, health, guarded=guarded, open_routers=open_routers)

        yield Components(
            cycle=cycle,
            election=election,
            journal=journal,
            metrics=metrics,
            clock=clock,
            in_force=in_force,
            serve=serve,
            surfaces=(*notifiers, *hearing),
            alerts=alerts,
            notifiers=notifiers,
        )


def _open_slack(
    in_force: InForce,
    stack: ExitStack,
    listeners: Sequence[ChangeListener],
    metrics: AdvisorMetrics,
    clock: Clock,
) -> "tuple[Sequence[APIRouter], Sequence[Surface]]":
    """What comes in from Slack, on a journal of its own, so that nobody who presses waits for a cycle."""
    if in_force.settings.slack.channel is None:
        return (), ()
    from advisor.wiring.slack_in import House, open_hearing

    house = House(
        current=lambda: in_force.settings,
        journal=stack.enter_context(closing(open_journal(in_force.settings.journal.url))),
        listeners=listeners,
        clock=clock,
        count=metrics.slack_interaction,
    )
    hearing = open_hearing(house)
    return hearing.open_routers, hearing.surfaces
