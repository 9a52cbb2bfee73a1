"""The doctor on a cluster: whether it answers, and which rights are missing, with the Role that gives them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from advisor.clients.kubernetes import KubernetesApi, NotAllowedError, NotThereError
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.model.errors import AdvisorError
from advisor.ports.clock import Clock
from advisor.settings.kubernetes import KubernetesSettings
from advisor.sources.kubernetes.kinds import KINDS, NAMESPACE, Kind
from advisor.sources.kubernetes.manifests import NAME as MANIFESTS
from advisor.sources.kubernetes.manifests import ManifestsSource
from advisor.sources.kubernetes.rights import role_manifest
from advisor.sources.kubernetes.source import NAME


def check_cluster(settings: KubernetesSettings) -> tuple[CheckLine, ...]:
    """Version, rights and the kinds that are not there. Only lists of one object are asked for."""

    def look() -> Iterator[CheckLine]:
        with closing(KubernetesApi(settings)) as api:
            yield ok(NAME, f"version {api.version()}")
            yield from _rights(api, settings)

    return guarded(NAME, look, is_connection=True)


def _rights(api: KubernetesApi, settings: KubernetesSettings) -> Iterator[CheckLine]:
    """Everywhere at once where no namespace is named; an account that may not do that is asked about its own."""
    places: Sequence[str] = settings.namespaces
    if not places:
        everywhere = _tried(api, None)
        if not everywhere.refused:
            yield from _told(everywhere, ())
            return
        yield warning(
            f"{NAME} namespaces",
            f"may not read {_listed(everywhere.refused)} in all namespaces",
            f"name those to read in kubernetes.namespaces, or apply:\n{role_manifest((*KINDS, NAMESPACE), ())}",
        )
        places = (api.namespace,)
    for place in places:
        yield from _told(_tried(api, place), (place,))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """The kinds that may not be listed, that the server does not have, and that failed otherwise."""

    refused: Sequence[Kind]
    absent: Sequence[Kind]
    failed: Mapping[Kind, AdvisorError]


def _tried(api: KubernetesApi, place: str | None) -> _Tried:
    """Every kind on its own: one that hangs hides no other."""
    refused, absent, faults = list[Kind](), list[Kind](), dict[Kind, AdvisorError]()
    for kind in KINDS:
        try:
            next(iter(api.listed(kind.api_version, kind.plural, place, most=1)), None)
        except NotAllowedError:
            refused.append(kind)
        except NotThereError:
            absent.append(kind)
        except AdvisorError as error:
            faults[kind] = error
    return _Tried(refused=refused, absent=absent, failed=faults)


def _told(tried: _Tried, places: Sequence[str]) -> Iterator[CheckLine]:
    where = f" in {places[0]}" if places else ""
    name = f"{NAME} rights{where}"
    if tried.refused:
        fix = f"apply, and bind it to the account:\n{role_manifest(tried.refused, places)}"
        yield warning(name, f"may not list {_listed(tried.refused)}{where}", fix)
    elif not tried.failed:
        yield ok(name, f"may list all that is read{where}")
    for kind, error in tried.failed.items():
        yield warning(f"{NAME} {kind.resource}{where}", error.what, error.fix)
    for kind in tried.absent:
        if not kind.is_extra:
            yield warning(
                f"{NAME} {kind.resource}", f"the server does not serve {kind.api_version}", "upgrade the server"
            )
    extras = [kind for kind in tried.absent if kind.is_extra]
    if extras:
        yield ok(f"{NAME} extensions{where}", f"not installed: {_listed(extras)}")


def _listed(kinds: Sequence[Kind]) -> str:
    return ", ".join(kind.resource for kind in kinds)


def check_manifests(settings: KubernetesSettings, clock: Clock) -> tuple[CheckLine, ...]:
    """Whether the files can be read."""

    def look() -> Iterator[CheckLine]:
        seen = ManifestsSource(settings, clock).read(0.0)
        (state,) = seen.clusters.values()
        counted = f"{len(state.workloads)} workloads, {len(state.hpas)} autoscalers"
        yield ok(MANIFESTS, counted)
        for one in state.skipped:
            yield warning(f"{MANIFESTS} {one.what}", one.why, one.fix)

    return guarded(MANIFESTS, look, is_connection=True)
