"""Everything that one look at a cluster, or at a folder of manifests, saw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from advisor.model.kubernetes.autoscaler import Hpa, Vpa
from advisor.model.kubernetes.disruption import DisruptionBudget
from advisor.model.kubernetes.namespace import LimitRange, Quota
from advisor.model.kubernetes.node import Node
from advisor.model.kubernetes.resources import Amounts, largest
from advisor.model.kubernetes.workload import Place, StrayPod, Workload

_TOLD = 5
_Scaler = TypeVar("_Scaler", Hpa, Vpa)


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
    """One look. kubectl: how a command begins that reaches the same cluster. is_live: read from an API server.

    is_from_git: a change of it is a commit in the manifests that it is made from.
    going: namespaces that are being deleted. unread: kinds that rules lack; skipped: single objects and files.
    """

    name: str
    taken_at: datetime
    is_live: bool
    is_from_git: bool = False
    kubectl: str = "kubectl"
    workloads: tuple[Workload, ...] = ()
    stray: tuple[StrayPod, ...] = ()
    hpas: tuple[Hpa, ...] = ()
    vpas: tuple[Vpa, ...] = ()
    limit_ranges: tuple[LimitRange, ...] = ()
    quotas: tuple[Quota, ...] = ()
    disruption_budgets: tuple[DisruptionBudget, ...] = ()
    nodes: tuple[Node, ...] = ()
    going: frozenset[str] = frozenset()
    unread: tuple[Unread, ...] = ()
    skipped: tuple[Unread, ...] = ()

    def target_of(self, scaler: Hpa | Vpa) -> Workload | None:
        """The workload that it scales; None where that was not read or is of a kind that is not known."""
        return self._workloads.get(scaler.target.place(scaler.meta.namespace))

    def hpas_of(self, workload: Workload) -> Sequence[Hpa]:
        return self._hpas_by_target.get(workload.meta.place, ())

    def rivals_of(self, hpa: Hpa) -> Sequence[Hpa]:
        """All that scale the same target, itself among them."""
        return self._hpas_by_target[hpa.target.place(hpa.meta.namespace)]

    def vpas_beside(self, hpa: Hpa) -> Sequence[Vpa]:
        """The vertical ones on the same target."""
        return self._vpas_by_target.get(hpa.target.place(hpa.meta.namespace), ())

    def vpas_of(self, workload: Workload) -> Sequence[Vpa]:
        return self._vpas_by_target.get(workload.meta.place, ())

    def disruption_budgets_of(self, workload: Workload) -> Sequence[DisruptionBudget]:
        """Those that cover its pods."""
        return [one for one in self.disruption_budgets if one.covers(workload.meta.namespace, workload.template.labels)]

    @property
    def largest_node(self) -> Amounts:
        """The most of each resource that a node has for pods; None where no node was read."""
        return largest(node.allocatable for node in self.nodes if node.takes_pods)

    def workload(self, place: Place) -> Workload:
        """Raises KeyError where there is none."""
        return self._workloads[place]

    def hpa(self, place: Place) -> Hpa:
        """Raises KeyError where there is none."""
        return self._hpas[place]

    @cached_property
    def _workloads(self) -> Mapping[Place, Workload]:
        """Made once, as every rule asks; needs a `__dict__`, so a state has no slots."""
        return {one.meta.place: one for one in self.workloads}

    @cached_property
    def _hpas(self) -> Mapping[Place, Hpa]:
        return {one.meta.place: one for one in self.hpas}

    @cached_property
    def _vpas_by_target(self) -> Mapping[Place, Sequence[Vpa]]:
        return _by_target(self.vpas)

    @cached_property
    def _hpas_by_target(self) -> Mapping[Place, Sequence[Hpa]]:
        return _by_target(self.hpas)


def _by_target(scalers: Iterable[_Scaler]) -> Mapping[Place, Sequence[_Scaler]]:
    found: dict[Place, list[_Scaler]] = {}
    for one in scalers:
        found.setdefault(one.target.place(one.meta.namespace), []).append(one)
    return found
