"""A cluster, or a folder of manifests: what reads it, and what the doctor looks at. The client library comes late."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

from advisor.model.check import CheckLine
from advisor.ports.clock import Clock
from advisor.ports.observing import Source
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.schema import Settings
from advisor.wiring.kubernetes.usage import wants_usage


def clusters_of(
    settings: KubernetesSettings, clock: Clock, stack: ExitStack, *, watches: bool
) -> Iterator[tuple[str, Source]]:
    """The sources that are configured, by name; none where neither is. Raises ConfigurationError.

    watches: for who looks again and again, and is told only what has changed.
    """
    if settings.reads_api:
        from advisor.clients.kubernetes import KubernetesApi
        from advisor.sources.kubernetes.listing import list_kind
        from advisor.sources.kubernetes.source import NAME, KubernetesSource
        from advisor.sources.kubernetes.watched import WatchedLists

        api = stack.enter_context(closing(KubernetesApi(settings)))
        lister = WatchedLists(clock).list_kind if watches else list_kind
        yield NAME, KubernetesSource(api, settings, clock, lister)
    if settings.manifests is not None:
        from advisor.sources.kubernetes.manifests import NAME as MANIFESTS
        from advisor.sources.kubernetes.manifests import ManifestsSource

        yield MANIFESTS, ManifestsSource(settings, clock)


def selected(source: Source, settings: KubernetesSettings) -> Source:
    """The source itself where all workloads are wanted."""
    if settings.selector is None:
        return source
    from advisor.sources.kubernetes.selected import SelectedWorkloads

    return SelectedWorkloads(source, settings.selector)


def check_kubernetes(settings: Settings, clock: Clock) -> Iterator[CheckLine]:
    """The doctor's lines; none where no cluster is configured."""
    kubernetes = settings.kubernetes
    if kubernetes.reads_api:
        from advisor.sources.kubernetes.check import check_cluster

        yield from check_cluster(kubernetes, clock)
        if kubernetes.writes:
            from advisor.knobs.kubernetes.check import check_writing

            yield from check_writing(kubernetes)
    if kubernetes.gitops.repository is not None:
        from advisor.knobs.gitops.check import check_gitops

        yield from check_gitops(kubernetes.gitops)
    if kubernetes.manifests is not None:
        from advisor.sources.kubernetes.check import check_manifests

        yield from check_manifests(kubernetes, clock)
    if wants_usage(settings, has_cluster=kubernetes.reads_objects):
        from advisor.sources.kubernetes_usage.check import check_usage

        yield from check_usage(settings.prometheus, kubernetes, clock)
