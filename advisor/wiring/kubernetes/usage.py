"""Usage of containers beside the clusters that are read, or alone, from Prometheus."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing

from advisor.ports.clock import Clock
from advisor.ports.notebook import Notebook
from advisor.ports.observing import Source
from advisor.settings.schema import Settings

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
    from advisor.clients.prometheus import PrometheusApi
    from advisor.sources.kubernetes_usage.asking import MOST_BYTES
    from advisor.sources.kubernetes_usage.history import DayHistory
    from advisor.sources.kubernetes_usage.reader import UsageReader
    from advisor.sources.kubernetes_usage.source import MeasuredCluster, RecordedCluster

    patient = settings.prometheus.model_copy(update={"timeout_seconds": settings.kubernetes.usage.timeout_seconds})
    reader = UsageReader(
        api=stack.enter_context(closing(PrometheusApi(patient, most_bytes=MOST_BYTES))),
        settings=settings.kubernetes,
        matchers=settings.prometheus.matchers,
        clock=clock,
        history=DayHistory(notebook(stack), settings.policy.environment) if notebook is not None else None,
    )
    if not found:
        recorded = RecordedCluster(reader)
        yield recorded.name, recorded
        return
    (name, first), *others = found
    yield name, MeasuredCluster(first, reader)
    yield from others


def wants_usage(settings: Settings, *, has_cluster: bool) -> bool:
    enabled = settings.kubernetes.usage.enabled
    if settings.prometheus.url is None or enabled is False:
        return False
    return has_cluster or enabled is True


def deadline_seconds(settings: Settings) -> float:
    """For a cluster and its usage together."""
    objects, usage = settings.kubernetes.deadline_seconds, settings.kubernetes.usage.deadline_seconds
    return objects + usage if wants_usage(settings, has_cluster=True) else objects
