"""Everything that one look at a cluster, or at a folder of manifests, saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from advisor.model.kubernetes.autoscaler import Hpa, Vpa
from advisor.model.kubernetes.namespace import LimitRange, Quota
from advisor.model.kubernetes.workload import ObjectRef, StrayPod, Workload

_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A kind of object, an object or a file that could not be read. fix: what would help, "" where nothing would."""

    what: str
    why: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" + (f" ({self.fix})" if self.fix else "")


def told(unread: Sequence[Unread]) -> str:
    """The first few in words, the others by their number; "" for none."""
    more = len(unread) - _TOLD
    return "; ".join(map(str, unread[:_TOLD])) + (f"; and {more} more" if more > 0 else "")


@dataclass(frozen=True, kw_only=True)
class ClusterState:
    """One look. context: kubectl's name of the cluster, "" for the current one. is_live: read from an API server.

    going: namespaces that are being deleted. unread: kinds that rules lack; skipped: single objects and files.
    """

    name: str
    taken_at: datetime
    is_live: bool
    context: str = ""
    workloads: tuple[Workload, ...] = ()
    stray: tuple[StrayPod, ...] = ()
    hpas: tuple[Hpa, ...] = ()
    vpas: tuple[Vpa, ...] = ()
    limit_ranges: tuple[LimitRange, ...] = ()
    quotas: tuple[Quota, ...] = ()
    going: frozenset[str] = frozenset()
    unread: tuple[Unread, ...] = ()
    skipped: tuple[Unread, ...] = ()

    def target_of(self, scaler: Hpa | Vpa) -> Workload | None:
        """The workload that it scales; None where that was not read or is of a kind that is not known."""
        return self._by_ref.get(_key(scaler.meta.namespace, scaler.target))

    def hpas_of(self, workload: Workload) -> Sequence[Hpa]:
        return self._hpas_by_target.get(_key(workload.meta.namespace, workload.meta.ref), ())

    def rivals_of(self, hpa: Hpa) -> Sequence[Hpa]:
        """All that scale the same target, itself among them."""
        return self._hpas_by_target[_key(hpa.meta.namespace, hpa.target)]

    def vpas_beside(self, scaler: Hpa) -> Sequence[Vpa]:
        """The vertical ones on the same target."""
        return self._vpas_by_target.get(_key(scaler.meta.namespace, scaler.target), ())

    def vpas_of(self, workload: Workload) -> Sequence[Vpa]:
        return self._vpas_by_target.get(_key(workload.meta.namespace, workload.meta.ref), ())

    def workload(self, namespace: str, kind: str, name: str) -> Workload:
        """Raises KeyError where there is none."""
        return self._by_name[namespace, kind, name]

    def hpa(self, namespace: str, name: str) -> Hpa:
        """Raises KeyError where there is none."""
        return self._hpas_by_name[namespace, name]

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str, str], Workload]:
        return {(one.meta.namespace, one.meta.kind, one.meta.name): one for one in self.workloads}

    @cached_property
    def _hpas_by_name(self) -> Mapping[tuple[str, str], Hpa]:
        return {(one.meta.namespace, one.meta.name): one for one in self.hpas}

    @cached_property
    def _vpas_by_target(self) -> Mapping[tuple[str, ...], Sequence[Vpa]]:
        found: dict[tuple[str, ...], list[Vpa]] = {}
        for vpa in self.vpas:
            found.setdefault(_key(vpa.meta.namespace, vpa.target), []).append(vpa)
        return found

    @cached_property
    def _by_ref(self) -> Mapping[tuple[str, ...], Workload]:
        """Made once, as every rule asks; needs a `__dict__`, so a state has no slots."""
        return {_key(one.meta.namespace, one.meta.ref): one for one in self.workloads}

    @cached_property
    def _hpas_by_target(self) -> Mapping[tuple[str, ...], Sequence[Hpa]]:
        found: dict[tuple[str, ...], list[Hpa]] = {}
        for hpa in self.hpas:
            found.setdefault(_key(hpa.meta.namespace, hpa.target), []).append(hpa)
        return found


def _key(namespace: str, ref: ObjectRef) -> tuple[str, ...]:
    """The version does not matter: the server keeps one object under all of them."""
    return (namespace, ref.group, ref.kind, ref.name)
