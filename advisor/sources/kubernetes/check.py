"""The doctor on a cluster: whether it answers, and which rights are missing, with the Role that gives them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi, NotAllowedError, NotThereError
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.model.errors import AdvisorError
from advisor.model.kubernetes.kinds import IN_NAMESPACES, KINDS, NAMESPACE, NODE, Kind
from advisor.ports.clock import Clock
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.listing import is_missing_extension
from advisor.sources.kubernetes.manifests import NAME as MANIFESTS
from advisor.sources.kubernetes.manifests import ManifestsSource
from advisor.sources.kubernetes.rights import can_i, role_manifests
from advisor.sources.kubernetes.source import NAME
from advisor.sources.kubernetes.state import counted
from advisor.sources.server_clock import ServerTime, check_clock

_METRICS = "metrics.k8s.io/v1beta1"


def check_cluster(settings: KubernetesSettings, clock: Clock) -> tuple[CheckLine, ...]:
    """Version, clock, rights, and the kinds and metrics that are not there. Only lists of one object are asked for."""

    def look() -> Iterator[CheckLine]:
        deadline = Deadline.after(settings.deadline_seconds)
        with closing(KubernetesApi(settings)) as api:
            yield ok(NAME, f"version {api.version(deadline)}")
            if line := check_clock(NAME, lambda: _time(api, deadline), clock):
                yield line
            yield from _rights(api, settings, deadline)
            yield _metrics(api, deadline)

    return guarded(NAME, look, is_connection=True)


def _time(api: KubernetesApi, deadline: Deadline) -> ServerTime | None:
    """A header has whole seconds: the clock is at most one further."""
    said = api.time(deadline)
    return ServerTime(earliest=said, latest=said + timedelta(seconds=1)) if said is not None else None


def _metrics(api: KubernetesApi, deadline: Deadline) -> CheckLine:
    """An autoscaler on CPU or memory asks for these, whatever Prometheus has."""
    name, fix = f"{NAME} metrics API", "install or mend metrics-server, or Prometheus adapter's resource metrics"
    try:
        if api.serves(_METRICS, deadline):
            return ok(name, f"serves {_METRICS}")
    except AdvisorError as error:
        return warning(name, f"{_METRICS} is registered and does not answer: {error.what}", fix)
    told = f"{_METRICS} is not served: autoscalers on cpu and memory do not move, and `kubectl top` shows nothing"
    return warning(name, told, fix)


def _rights(api: KubernetesApi, settings: KubernetesSettings, deadline: Deadline) -> Iterator[CheckLine]:
    """Everywhere at once where no namespace is named; an account that may not do that is asked about its own."""
    chosen, kubectl = settings.namespaces, settings.kubectl
    above = _tried(api, (NODE,) if chosen else (NODE, NAMESPACE), "", deadline)
    places: Sequence[str] = tuple(dict.fromkeys(chosen))
    if not places:
        everywhere = _tried(api, IN_NAMESPACES, "", deadline)
        if not everywhere.refused:
            yield from _told(everywhere.with_those_of(above), "", kubectl)
            return
        yield warning(
            f"{NAME} namespaces",
            f"may not read {_listed(everywhere.refused)} in all namespaces",
            f"name those to read in kubernetes.namespaces, or apply:\n{role_manifests(KINDS, '')}",
        )
        places = (api.namespace,)
    for place in places:
        tried = _tried(api, IN_NAMESPACES, place, deadline)
        yield from _told(tried.with_those_of(above) if place == places[0] else tried, place, kubectl)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """The kinds that may not be listed, that the server does not have, and that failed otherwise."""

    refused: Sequence[Kind]
    absent: Sequence[Kind]
    failed: Mapping[Kind, AdvisorError]

    def with_those_of(self, other: "_Tried") -> "_Tried":
        return _Tried(
            refused=[*self.refused, *other.refused],
            absent=[*self.absent, *other.absent],
            failed={**self.failed, **other.failed},
        )


def _tried(api: KubernetesApi, kinds: Iterable[Kind], place: str, deadline: Deadline) -> _Tried:
    """Every kind on its own: one that hangs hides no other."""
    refused, absent, faults = list[Kind](), list[Kind](), dict[Kind, AdvisorError]()
    for kind in kinds:
        try:
            next(api.pages(kind.path(place), deadline, limit=1), None)
        except NotAllowedError:
            (absent if is_missing_extension(api, kind, deadline) else refused).append(kind)
        except NotThereError:
            absent.append(kind)
        except AdvisorError as error:
            faults[kind] = error
    return _Tried(refused=refused, absent=absent, failed=faults)


def _told(tried: _Tried, place: str, kubectl: str) -> Iterator[CheckLine]:
    where = f" in {place}" if place else ""
    name = f"{NAME} rights{where}"
    if tried.refused:
        says = "; ".join(can_i(kind, place, kubectl) for kind in tried.refused)
        fix = (
            f"apply, and bind it to the account:\n{role_manifests(tried.refused, place)}\n# then these say yes: {says}"
        )
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
        yield ok(MANIFESTS, counted(state))
        for one in state.skipped:
            yield warning(f"{MANIFESTS} {one.what}", one.why, one.fix)

    return guarded(MANIFESTS, look, is_connection=True)
