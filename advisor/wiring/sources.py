"""What is read: the sources that are configured, and what the samples of a trial come from.

Each is imported where it is wired: a daemon without a Postgres carries no psycopg.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
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
from advisor.wiring.kubernetes.clusters import clusters_of, selected
from advisor.wiring.kubernetes.usage import OpenNotebook, deadline_seconds, with_usage

if TYPE_CHECKING:
    from advisor.wiring.postgres import PostgresParts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The sources that are configured; None for the others."""

    prometheus: PrometheusApi | None
    postgres: "PostgresParts | None"
    slots: tuple[SourceSlot, ...]
    breakers: tuple[Breaker, ...]


@contextmanager
def connect(
    settings: Settings, clock: Clock, *, with_breakers: bool = False, notebook: OpenNotebook | None = None
) -> Iterator[Sources]:
    """The sources that are configured; at the end everything they opened is closed. Raises ConfigurationError.

    with_breakers: for who asks again and again; a command that asks once gets its answer or its error. notebook: where
    days of usage are kept; None for a command that writes nothing.
    """
    breakers: list[Breaker] = []

    def breaker_of(name: str, source: object) -> Breaker | None:
        """One more, for a source that is configured."""
        if not with_breakers or source is None:
            return None
        breakers.append(Breaker(name=name, settings=settings.breaker, clock=clock))
        return breakers[-1]

    def slot_of(name: str, source: Source | None, deadline_seconds: float) -> SourceSlot:
        return SourceSlot(name=name, source=source, deadline_seconds=deadline_seconds, breaker=breaker_of(name, source))

    with ExitStack() as stack:
        api = _prometheus(settings, breaker_of("prometheus", settings.prometheus.url), stack)
        postgres = _postgres(settings, clock, stack)
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
            slot_of(f"redis:{settings.redis.name}", _redis(settings, clock, stack), settings.redis.deadline_seconds),
            *(
                slot_of(name, selected(source, settings.kubernetes), deadline_seconds(settings))
                for name, source in with_usage(
                    settings,
                    clock,
                    stack,
                    clusters_of(settings.kubernetes, clock, stack, watches=with_breakers),
                    notebook,
                )
            ),
        )
        yield Sources(prometheus=api, postgres=postgres, slots=slots, breakers=tuple(breakers))


def _prometheus(settings: Settings, breaker: Breaker | None, stack: ExitStack) -> PrometheusApi | None:
    if settings.prometheus.url is None:
        return None
    return stack.enter_context(closing(PrometheusApi(settings.prometheus, breaker)))


def _postgres(settings: Settings, clock: Clock, stack: ExitStack) -> "PostgresParts | None":
    if settings.postgres.dsn is None:
        return None
    from advisor.wiring.postgres import open_postgres

    return stack.enter_context(open_postgres(settings.postgres, settings.postgres.dsn, clock))


def _redis(settings: Settings, clock: Clock, stack: ExitStack) -> Source | None:
    if settings.redis.url is None:
        return None
    from advisor.sources.redis.source import RedisSource

    return stack.enter_context(closing(RedisSource(settings.redis, clock)))


def load_history_of(settings: Settings, sources: Sources) -> PrometheusLoadHistory | None:
    if sources.prometheus is None:
        return None
    seconds = settings.policy.usual_load_seconds
    return PrometheusLoadHistory(sources.prometheus, settings.prometheus, history_seconds=seconds)


def samples_of(settings: Settings, sources: Sources) -> CombinedSamples:
    prometheus = PrometheusSamples(sources.prometheus, settings.prometheus) if sources.prometheus else None
    return CombinedSamples(prometheus, [sources.postgres.source] if sources.postgres else [])
