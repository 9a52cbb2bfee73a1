"""Every knob that the settings give the means to move."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from advisor.knobs.router import KnobRouter
from advisor.ports.clock import Clock
from advisor.ports.journal import Archive
from advisor.settings.schema import Settings
from advisor.wiring.agents import AgentFleet, agent_knobs, open_boards


@contextmanager
def open_knobs(settings: Settings, fleet: AgentFleet | None, clock: Clock, archive: Archive) -> Iterator[KnobRouter]:
    """Every knob that the settings give the means to move. Raises ConfigurationError."""
    with ExitStack() as stack:
        knobs = agent_knobs(settings, stack.enter_context(open_boards(settings)), fleet, clock)
        if settings.postgres.builder_dsn is not None:
            from advisor.wiring.postgres import postgres_knobs

            knobs |= postgres_knobs(settings.postgres)
        kubernetes = settings.kubernetes
        if kubernetes.commits:
            from advisor.wiring.kubernetes.gitops import gitops_knobs

            knobs |= gitops_knobs(kubernetes, archive.find, stack)
        elif kubernetes.writes:
            from advisor.wiring.kubernetes.knobs import kubernetes_knobs

            knobs |= kubernetes_knobs(kubernetes, clock, stack)
        yield KnobRouter(knobs)
