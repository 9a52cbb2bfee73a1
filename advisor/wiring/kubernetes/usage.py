"""Usage of containers beside the clusters that are read, or alone, from Prometheus."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from advisor.ports.clock import Clock
from advisor.ports.notebook import Notebook
from advisor.ports.observing import Source
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.schema import Settings

if TYPE_CHECKING:
    from advisor.sources.kubernetes_usage.reader import Look

OpenNotebook = Callable[[ExitStack], Notebook]
"""The notebook of a journal, which is closed with the stack."""


def with_usage(
    settings: Settings,
    clock: Clock,
    stack: ExitStack,
    clusters: Iterable[tuple[str, Source]],
    notebook: OpenNotebook | None,
) -> Iterator[tuple[str, Source]]:
    """The clusters, the first of them with its usage; without any, what kube-state-metrics tells where that is wanted.

    notebook: where days of usage are kept; None for a command that writes nothing. Raises ConfigurationError.
    """
    found = list(clusters)
    if not wants_usage(settings, has_cluster=bool(found)):
        yield from found
        return
    from advisor.sources.kubernetes_usage.reader import UsageReader
    from advisor.sources.kubernetes_usage.source import MeasuredCluster, RecordedCluster

    look = _here(settings, stack) if notebook is None else _apart(settings, stack, notebook(stack))
    reader = UsageReader(look, settings.kubernetes.usage.refresh_seconds, clock)
    if not found:
        recorded = RecordedCluster(reader)
        yield recorded.name, recorded
        return
    (name, first), *others = found
    yield name, MeasuredCluster(first, reader)
    yield from others


def _here(settings: Settings, stack: ExitStack) -> "Look":
    """For a command that looks once."""
    from advisor.clients.prometheus import PrometheusApi
    from advisor.sources.kubernetes_usage.answers.asking import MOST_BYTES
    from advisor.sources.kubernetes_usage.looks import UsageLooks

    api = stack.enter_context(closing(PrometheusApi(_patient(settings), most_bytes=MOST_BYTES)))
    return UsageLooks(api, settings.kubernetes, settings.prometheus.matchers)


def _apart(settings: Settings, stack: ExitStack, notebook: Notebook) -> "Look":
    """For who runs on, and is to stay small."""
    from advisor.sources.kubernetes_usage.apart.parent import LooksApart

    looks = LooksApart(_patient(settings), settings.kubernetes, settings.policy.environment, notebook)
    return stack.enter_context(closing(looks))


def _patient(settings: Settings) -> PrometheusSettings:
    return settings.prometheus.model_copy(update={"timeout_seconds": settings.kubernetes.usage.timeout_seconds})


def wants_usage(settings: Settings, *, has_cluster: bool) -> bool:
    enabled = settings.kubernetes.usage.enabled
    if settings.prometheus.url is None or enabled is False:
        return False
    return has_cluster or enabled is True


def deadline_seconds(settings: Settings) -> float:
    """For a cluster and its usage together."""
    objects, usage = settings.kubernetes.deadline_seconds, settings.kubernetes.usage.deadline_seconds
    return objects + usage if wants_usage(settings, has_cluster=True) else objects
