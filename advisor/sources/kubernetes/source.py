"""A cluster as a source: its objects from the API server, each kind on its own, so that none hides the others."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi
from advisor.model.errors import AdvisorError, SourceUnavailableError
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState, told
from advisor.model.kubernetes.kinds import IN_NAMESPACES, NODE, Kind
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.clock import Clock
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.listing import EVERYWHERE, Listed, Lister, aged, list_kind, unread
from advisor.sources.kubernetes.namespaces import Namespaces, find_namespaces
from advisor.sources.kubernetes.objects import Objects
from advisor.sources.kubernetes.scale import ScaleTargets
from advisor.sources.kubernetes.state import counted, state_of

NAME = "kubernetes"
_AT_ONCE = 4
_ASKING = 0.9
"""The part of the time in which the server is asked; in the rest the objects are put together."""


@dataclass(slots=True)
class KubernetesSource:
    """Lists every kind at each look. lister: `WatchedLists.list_kind` for who looks again and again."""

    api: KubernetesApi
    settings: KubernetesSettings
    clock: Clock
    lister: Lister = list_kind
    name: str = field(default=NAME, init=False)

    def read(self, window_seconds: float) -> Observation:
        """The cluster now. DEGRADED, with what is missing, where a kind cannot be read.

        Raises SourceUnavailableError when no kind at all can be read.
        """
        deadline = Deadline.after(self.settings.deadline_seconds * _ASKING)
        namespaces = find_namespaces(self.api, self.settings.namespaces, deadline, self.settings.kubectl, self.lister)
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="kubernetes") as pool:
            listed = list(pool.map(lambda kind: self._list(kind, namespaces, deadline), (*IN_NAMESPACES, NODE)))
        if not any(one.objects.count for one in listed) and all(one.faults or one.is_absent for one in listed):
            faults: list[AdvisorError] = [fault for one in listed for fault in one.faults.values()]
            why = faults[0].what if faults else "the account may read nothing"
            raise SourceUnavailableError(why, where=NAME, fix="`advisor check` says what is missing")
        state = self._state(listed, namespaces, deadline)
        missing = told((*state.unread, *state.skipped))
        status = SourceStatus.DEGRADED if missing else SourceStatus.OK
        return Observation(clusters={NAME: state}, status=status, detail=missing or counted(state))

    def close(self) -> None:
        self.api.close()

    def _list(self, kind: Kind, namespaces: Namespaces, deadline: Deadline) -> Listed:
        """In the namespaces that are chosen; else everywhere at once, or in each there is where that is refused."""
        if namespaces.are_chosen and kind.has_namespace:
            return self.lister(self.api, kind, namespaces.names, deadline)
        everywhere = self.lister(self.api, kind, EVERYWHERE, deadline)
        if everywhere.is_refused and kind.has_namespace:
            return self.lister(self.api, kind, namespaces.names, deadline)
        return everywhere

    def _state(self, listed: Sequence[Listed], namespaces: Namespaces, deadline: Deadline) -> ClusterState:
        objects = Objects(going=set(namespaces.going))
        for one in listed:
            objects.merge(one.objects)
        closed = {one.kind.resource for one in listed if one.faults or one.is_absent}
        targets = ScaleTargets(self.api, deadline)

        def missed(hpa: Hpa, kind: Kind | None) -> Hpa:
            """Of a kind that is not ours, with what its scale subresource says."""
            if kind is None:
                return targets.read(hpa)
            why = "cannot be read" if kind.resource in closed else "is not there"
            return replace(hpa, unread_target=f"target {hpa.target.kind}/{hpa.target.name} {why}")

        kubectl = self.settings.kubectl
        look = ClusterState(
            name=NAME,
            taken_at=self.clock.now(),
            is_live=True,
            is_from_git=self.settings.gitops.repository is not None,
            kubectl=kubectl,
            unread=(*namespaces.unread, *unread(listed, kubectl), *aged(listed)),
        )
        return state_of(look, objects, missed, closed)
