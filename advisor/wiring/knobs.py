"""Every knob that the settings give the means to move."""

from advisor.knobs.router import KnobRouter
from advisor.ports.clock import Clock
from advisor.settings.schema import Settings
from advisor.wiring.agents import AgentFleet, agent_knobs


def knobs_of(settings: Settings, fleet: AgentFleet | None, clock: Clock) -> KnobRouter:
    """Every knob that the settings give the means to move."""
    knobs = agent_knobs(settings, fleet, clock)
    if settings.postgres.builder_dsn is not None:
        from advisor.wiring.postgres import postgres_knobs

        knobs |= postgres_knobs(settings.postgres)
    return KnobRouter(knobs)
