"""What is read: the sources that are configured, and what the samples of a trial come from.

Each is imported where it is wired: a daemon without a Postgres carries no psycopg.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.clients.prometheus import PrometheusApi
from advisor.engine.observe import SourceSlot
from advisor.ports.clock import Clock
from advisor.ports.observing import Source
from advisor.resilience.breaker import Breaker
from advisor.settings.schema import Settings
from advisor.sources.prometheus.history import PrometheusLoadHistory
from advisor.sources.prometheus.source import PrometheusSamples, PrometheusSource
from advisor.sources.samples import CombinedSamples

if TYPE_CHECKING:
    from advisor.wiring.postgres import PostgresParts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The sources that are configured; None for the others."""

    prometheus: PrometheusApi | None
    postgres: "PostgresParts | None"
    slots: tuple[SourceSlot, ...]
    breakers: tuple[Breaker, ...]

    def close(self) -> None:
        if self.postgres is not None:
            self.postgres.close()


def connect(settings: Settings, clock: Clock, *, with_breakers: bool = False) -> Sources:
    """with_breakers: for who asks again and again; a command that asks once gets its answer or its error."""
    breakers: list[Breaker] = []

    def breaker_of(name: str, source: object) -> Breaker | None:
        """One more, for a source that is configured."""
        if not with_breakers or source is None:
            return None
        breakers.append(Breaker(name=name, settings=settings.breaker, clock=clock))
        return breakers[-1]

    def slot_of(name: str, source: Source | None, deadline_seconds: float) -> SourceSlot:
        return SourceSlot(name=name, source=source, deadline_seconds=deadline_seconds, breaker=breaker_of(name, source))

    url = settings.prometheus.url
    api = PrometheusApi(settings.prometheus, breaker_of("prometheus", url)) if url else None
    postgres = _postgres(settings, clock)
    slots = (
        SourceSlot(  # its breaker stands in the client, which a trial asks as well
            name="prometheus",
            source=PrometheusSource(api, settings.prometheus, clock) if api else None,
            deadline_seconds=settings.prometheus.deadline_seconds,
        ),
        slot_of(
            f"postgres:{settings.postgres.name}",
            postgres.source if postgres else None,
            settings.postgres.deadline_seconds,
        ),
        slot_of(f"redis:{settings.redis.name}", _redis(settings, clock), settings.redis.deadline_seconds),
    )
    return Sources(prometheus=api, postgres=postgres, slots=slots, breakers=tuple(breakers))


def _postgres(settings: Settings, clock: Clock) -> "PostgresParts | None":
    if settings.postgres.dsn is None:
        return None
    from advisor.wiring.postgres import postgres_parts

    return postgres_parts(settings.postgres, settings.postgres.dsn, clock)


def _redis(settings: Settings, clock: Clock) -> Source | None:
    if settings.redis.url is None:
        return None
    from advisor.sources.redis.source import RedisSource

    return RedisSource(settings.redis, clock)


def load_history_of(settings: Settings, sources: Sources) -> PrometheusLoadHistory | None:
    if sources.prometheus is None:
        return None
    seconds = settings.policy.usual_load_seconds
    return PrometheusLoadHistory(sources.prometheus, settings.prometheus, history_seconds=seconds)


def samples_of(settings: Settings, sources: Sources) -> CombinedSamples:
    prometheus = PrometheusSamples(sources.prometheus, settings.prometheus) if sources.prometheus else None
    return CombinedSamples(prometheus, [sources.postgres.source] if sources.postgres else [])
