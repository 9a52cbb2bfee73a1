"""Objects as they come, each read on its own: one that cannot be read is skipped with its reason and hides no other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.autoscaler import Hpa, Vpa
from advisor.model.kubernetes.cluster import Unread
from advisor.model.kubernetes.disruption import DisruptionBudget
from advisor.model.kubernetes.kinds import Kind, kind_of
from advisor.model.kubernetes.namespace import LimitRange, Quota
from advisor.model.kubernetes.node import Node
from advisor.model.kubernetes.workload import Meta, Pod, Workload
from advisor.sources.kubernetes.autoscaler import read_hpa, read_vpa
from advisor.sources.kubernetes.disruption import read_disruption_budget
from advisor.sources.kubernetes.fields import Fields
from advisor.sources.kubernetes.meta import read_meta
from advisor.sources.kubernetes.namespace import read_limit_range, read_quota
from advisor.sources.kubernetes.node import read_node
from advisor.sources.kubernetes.workload import read_pod, read_workload

_LISTS = ("workloads", "between", "pods", "hpas", "vpas", "limit_ranges", "quotas", "disruption_budgets", "nodes")


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
        fields = Fields(values=document, where="")
        try:
            kind = kind_of(fields.text("apiVersion"), fields.text("kind"))
            if kind is None:
                return False
            self._take(kind, Fields(values=document, where=_named(fields, kind)))
        except BadDataError as error:
            what = f"{origin}: {error.where}" if origin and error.where else origin or error.where
            self.skipped.append(Unread(what=what.strip(": ") or "an object", why=error.what, fix=error.fix))
            return False
        return True

    def merge(self, other: "Objects") -> None:
        """Take in what another reader read meanwhile."""
        for name in (*_LISTS, "skipped"):
            getattr(self, name).extend(getattr(other, name))
        self.namespaces |= other.namespaces
        self.going |= other.going

    @property
    def count(self) -> int:
        return sum(len(getattr(self, name)) for name in _LISTS)

    def _take(self, kind: Kind, fields: Fields) -> None:
        match kind.name:
            case "Pod":
                self.pods.append(read_pod(fields))
            case "ReplicaSet" | "Job":
                self.between.append(read_workload(fields))
            case "HorizontalPodAutoscaler":
                self.hpas.append(read_hpa(fields))
            case "VerticalPodAutoscaler":
                self.vpas.append(read_vpa(fields))
            case "LimitRange":
                self.limit_ranges.append(read_limit_range(fields))
            case "ResourceQuota":
                self.quotas.append(read_quota(fields))
            case "PodDisruptionBudget":
                self.disruption_budgets.append(read_disruption_budget(fields))
            case "Node":
                self.nodes.append(read_node(fields))
            case "Namespace":
                self.namespaces.add(read_meta(fields).name)
                self._note_going(read_meta(fields), fields)
            case _:
                self.workloads.append(read_workload(fields))

    def _note_going(self, meta: Meta, fields: Fields) -> None:
        is_going = fields.inner("metadata").has("deletionTimestamp")
        if is_going or fields.inner("status").text("phase") == "Terminating":
            self.going.add(meta.name)


def _named(fields: Fields, kind: Kind) -> str:
    metadata = fields.inner("metadata")
    namespace = metadata.text("namespace", "default") + "/" if kind.has_namespace else ""
    return f"{kind.name} {namespace}{metadata.text('name', '(no name)')}"
