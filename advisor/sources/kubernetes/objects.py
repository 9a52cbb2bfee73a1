"""Objects as they come, each read on its own: one that cannot be read is skipped with its reason and hides no other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.autoscaler import Hpa, Vpa
from advisor.model.kubernetes.cluster import Unread
from advisor.model.kubernetes.disruption import DisruptionBudget
from advisor.model.kubernetes.kinds import Kind, kind_of
from advisor.model.kubernetes.namespace import LimitRange, Quota
from advisor.model.kubernetes.node import Node
from advisor.model.kubernetes.workload import Pod, Workload
from advisor.sources.kubernetes_objects.autoscaler import read_hpa
from advisor.sources.kubernetes_objects.disruption import read_disruption_budget
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.keda import read_scaled_object
from advisor.sources.kubernetes_objects.meta import read_meta
from advisor.sources.kubernetes_objects.namespace import read_limit_range, read_quota
from advisor.sources.kubernetes_objects.node import read_node
from advisor.sources.kubernetes_objects.vertical import read_vpa
from advisor.sources.kubernetes_objects.workload import read_pod, read_workload

_LISTS = ("workloads", "between", "pods", "hpas", "vpas", "limit_ranges", "quotas", "disruption_budgets", "nodes")
_SKIPPED, _NAMESPACES, _GOING = "skipped", "namespaces", "going"

_READERS: Mapping[str, tuple[str, Callable[[Fields], Any]]] = {
    "Pod": ("pods", read_pod),
    "ReplicaSet": ("between", read_workload),
    "Job": ("between", read_workload),
    "HorizontalPodAutoscaler": ("hpas", read_hpa),
    "ScaledObject": ("hpas", read_scaled_object),
    "VerticalPodAutoscaler": ("vpas", read_vpa),
    "LimitRange": ("limit_ranges", read_limit_range),
    "ResourceQuota": ("quotas", read_quota),
    "PodDisruptionBudget": ("disruption_budgets", read_disruption_budget),
    "Node": ("nodes", read_node),
}
"""The part of `Objects` for a kind, and who reads it; of any other kind, a workload."""


class Piece(NamedTuple):
    """What one object was read as, and the part of `Objects` that it belongs to: all that is kept of it."""

    part: str
    item: Any


@dataclass(slots=True, kw_only=True)
class Objects:
    """What was read so far, in pieces that do not know each other yet. between: ReplicaSets and Jobs."""

    workloads: list[Workload] = field(default_factory=list)
    between: list[Workload] = field(default_factory=list)
    pods: list[Pod] = field(default_factory=list)
    hpas: list[Hpa] = field(default_factory=list)
    vpas: list[Vpa] = field(default_factory=list)
    limit_ranges: list[LimitRange] = field(default_factory=list)
    quotas: list[Quota] = field(default_factory=list)
    disruption_budgets: list[DisruptionBudget] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    namespaces: set[str] = field(default_factory=set)
    going: set[str] = field(default_factory=set)
    skipped: list[Unread] = field(default_factory=list)

    def add(self, document: Mapping[str, Any], *, origin: str = "") -> bool:
        """Take one object in, and say whether it was; of a kind that nobody asks for, nothing.

        origin: the file it stands in, "" for none.
        """
        piece = read_piece(document, origin=origin)
        if piece is None:
            return False
        self.put(piece)
        return piece.part != _SKIPPED

    def put(self, piece: Piece) -> None:
        if piece.part not in (_NAMESPACES, _GOING):
            getattr(self, piece.part).append(piece.item)
            return
        self.namespaces.add(piece.item)
        if piece.part == _GOING:
            self.going.add(piece.item)

    def merge(self, other: "Objects") -> None:
        """Take in what another reader read meanwhile."""
        for name in (*_LISTS, _SKIPPED):
            getattr(self, name).extend(getattr(other, name))
        self.namespaces |= other.namespaces
        self.going |= other.going

    @property
    def count(self) -> int:
        return sum(len(getattr(self, name)) for name in _LISTS)


def read_piece(document: Mapping[str, Any], *, origin: str = "") -> Piece | None:
    """None of a kind that nobody asks for; what cannot be read is a piece that says why."""
    fields = Fields(values=document, where="")
    try:
        kind = kind_of(fields.text("apiVersion"), fields.text("kind"))
        return _piece(kind, Fields(values=document, where=_named(fields, kind))) if kind is not None else None
    except BadDataError as error:
        what = f"{origin}: {error.where}" if origin and error.where else origin or error.where
        return Piece(_SKIPPED, Unread(what=what.strip(": ") or "an object", why=error.what, fix=error.fix))


def _piece(kind: Kind, fields: Fields) -> Piece:
    if kind.name == "Namespace":
        return Piece(_GOING if _is_going(fields) else _NAMESPACES, read_meta(fields).name)
    part, read = _READERS.get(kind.name, ("workloads", read_workload))
    return Piece(part, read(fields))


def _is_going(fields: Fields) -> bool:
    is_deleted = fields.inner("metadata").has("deletionTimestamp")
    return is_deleted or fields.inner("status").text("phase") == "Terminating"


def _named(fields: Fields, kind: Kind) -> str:
    metadata = fields.inner("metadata")
    namespace = metadata.text("namespace", "default") + "/" if kind.has_namespace else ""
    prefix = metadata.text("generateName")
    return f"{kind.name} {namespace}{metadata.text('name', f'{prefix}*' if prefix else '(no name)')}"
