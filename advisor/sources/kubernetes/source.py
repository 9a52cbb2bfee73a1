"""A cluster as a source: its objects from the API server, each kind on its own, so that none hides the others."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from advisor.clients.kubernetes import KubernetesApi, NotAllowedError, NotThereError
from advisor.model.errors import AdvisorError, SourceUnavailableError
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState, Unread, told
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.clock import Clock
from advisor.settings.kubernetes import KubernetesSettings
from advisor.sources.kubernetes.assemble import assemble
from advisor.sources.kubernetes.kinds import KINDS, NAMESPACE, Kind, kind_of
from advisor.sources.kubernetes.objects import Objects
from advisor.sources.kubernetes.rights import role
from advisor.sources.kubernetes.scale import ScaleTargets

NAME = "kubernetes"
_AT_ONCE = 4
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """What one kind gave. why: of what could not be read, "" where all was.

    refused: the namespaces in which it may not be read, "" for all at once. is_absent: the cluster has no such kind.
    """

    kind: Kind
    objects: Objects
    why: str = ""
    refused: tuple[str, ...] = ()
    is_absent: bool = False

    @property
    def is_incomplete(self) -> bool:
        return bool(self.why or self.refused)


@dataclass(slots=True)
class KubernetesSource:
    """Lists every kind anew at each look."""

    api: KubernetesApi
    settings: KubernetesSettings
    clock: Clock
    name: str = field(default=NAME, init=False)

    def read(self, window_seconds: float) -> Observation:
        """The cluster now. DEGRADED, with what is missing, where a kind cannot be read.

        Raises SourceUnavailableError when no kind at all can be read.
        """
        end = self.clock.monotonic() + self.settings.deadline_seconds - self.settings.timeout_seconds
        spaces = self._list_in(NAMESPACE, (None,), end)
        places = tuple(sorted(spaces.objects.namespaces)) or (self.api.namespace,)
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="kubernetes") as pool:
            listed = list(pool.map(lambda kind: self._list(kind, places, end), KINDS))
        if not any(one.objects.count for one in listed) and all(one.is_incomplete or one.is_absent for one in listed):
            raise SourceUnavailableError(_first_reason(listed), where=NAME, fix="`advisor check` says what is missing")
        state = self._state(listed, spaces.objects.going)
        missing = told((*state.unread, *state.skipped))
        status = SourceStatus.DEGRADED if missing else SourceStatus.OK
        return Observation(clusters={NAME: state}, status=status, detail=missing or counted(state))

    def close(self) -> None:
        self.api.close()

    def _list(self, kind: Kind, places: Sequence[str], end: float) -> _Listed:
        """In the namespaces that are asked for; else everywhere at once, or in each place where that is not allowed."""
        if self.settings.namespaces:
            return self._list_in(kind, self.settings.namespaces, end)
        everywhere = self._list_in(kind, (None,), end)
        return self._list_in(kind, places, end) if everywhere.refused else everywhere

    def _list_in(self, kind: Kind, places: Sequence[str | None], end: float) -> _Listed:
        """All objects of one kind that may be read there, or how far that came. None stands for everywhere at once."""
        objects, refused, absent, why = Objects(), list[str](), 0, ""
        for place in places:
            if self.clock.monotonic() > end:
                why = f"only a part: the time of {self.settings.deadline_seconds:g} s is up"
                break
            try:
                for document in self.api.listed(kind.api_version, kind.plural, place):
                    objects.add(document)
            except NotAllowedError:
                refused.append(place or "")
            except NotThereError:  # the kind, or a namespace that has gone meanwhile
                absent += 1
            except AdvisorError as error:
                why = error.what
                break
        is_absent = absent == len(places)
        if is_absent and not kind.is_extra:
            why = f"the server does not serve {kind.api_version}"
        return _Listed(kind=kind, objects=objects, why=why, refused=tuple(refused), is_absent=is_absent)

    def _state(self, listed: Sequence[_Listed], going: set[str]) -> ClusterState:
        objects = Objects()
        for one in listed:
            objects.merge(one.objects)
        closed = {one.kind.resource for one in listed if one.is_incomplete or one.is_absent}
        put_together = assemble(objects, closed)
        targets = ScaleTargets(self.api)
        known = {(one.meta.namespace, one.meta.kind, one.meta.name) for one in put_together.workloads}
        return ClusterState(
            name=NAME,
            taken_at=self.clock.now(),
            is_live=True,
            context=self.api.context,
            workloads=put_together.workloads,
            stray=put_together.stray,
            hpas=tuple(_aimed(hpa, known, closed, targets) for hpa in objects.hpas),
            vpas=tuple(objects.vpas),
            limit_ranges=tuple(objects.limit_ranges),
            quotas=tuple(objects.quotas),
            going=frozenset(going),
            unread=tuple(one for each in listed for one in _unread(each)),
            skipped=tuple(objects.skipped),
        )


def _first_reason(listed: Sequence[_Listed]) -> str:
    return next((one.why for one in listed if one.why), "the account may read nothing")


def _unread(listed: _Listed) -> Iterator[Unread]:
    if listed.refused:
        places = tuple(namespace for namespace in listed.refused if namespace)
        where = ", ".join(places[:_NAMED]) + (f" and {len(places) - _NAMED} more" if len(places) > _NAMED else "")
        why = f"not allowed{' in ' + where if where else ''}"
        yield Unread(what=listed.kind.resource, why=why, fix=role([listed.kind], places))
    if listed.why:
        yield Unread(what=listed.kind.resource, why=listed.why)


def _aimed(hpa: Hpa, known: set[tuple[str, str, str]], closed: set[str], targets: ScaleTargets) -> Hpa:
    """With why its target is not known; of a kind that is not ours, what its scale subresource says."""
    if (hpa.meta.namespace, hpa.target.kind, hpa.target.name) in known:
        return hpa
    kind = kind_of(hpa.target.api_version, hpa.target.kind)
    if kind is None:
        return targets.read(hpa)
    why = "cannot be read" if kind.resource in closed else "is not there"
    return replace(hpa, unread_target=f"target {hpa.target.kind}/{hpa.target.name} {why}")


def counted(state: ClusterState) -> str:
    """What was seen, in a few words."""
    return f"{len(state.workloads)} workloads, {len(state.hpas)} autoscalers"
