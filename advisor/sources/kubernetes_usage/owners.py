"""Which workload a pod belonged to, also one that has gone: by owners, never by the prefix of a name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.demand import WorkloadKey
from advisor.model.kubernetes.kinds import BETWEEN, PODS, RUN_TO_AN_END, WORKLOADS
from advisor.sources.kubernetes_usage.answers.names import place_of

Owner = tuple[str, str]
"""Kind and name."""
_NOBODY = ("", "<none>")
_READ = frozenset(kind.name for kind in (*WORKLOADS, *BETWEEN, PODS))
_TOLD_BY = {"ReplicaSet": "kube_replicaset_owner", "Job": "kube_job_owner"}
_Rows = Iterable[tuple[Mapping[str, str], float]]
_Owned = dict[tuple[str, str], Owner]


@dataclass(slots=True)
class Owners:
    """by_pod, by_replicaset, by_job: by namespace and name; what nobody owns is its own owner.

    add_past: adds those of pods that have gone; called once, when the first comes that nobody told of.
    """

    by_pod: _Owned = field(default_factory=dict)
    by_replicaset: _Owned = field(default_factory=dict)
    by_job: _Owned = field(default_factory=dict)
    add_past: Callable[[], None] | None = None
    _jobs: set[WorkloadKey] = field(default_factory=set, init=False)
    """That the API has, with pods or without: those may have gone."""

    def add_cluster(self, state: ClusterState) -> None:
        """The pods that are there now, as the API has them: it wins."""
        between = {"ReplicaSet": self.by_replicaset, "Job": self.by_job}
        for workload in state.workloads:
            namespace, owner = workload.meta.namespace, (workload.meta.kind, workload.meta.name)
            if owner[0] in RUN_TO_AN_END:
                self._jobs.add(WorkloadKey(namespace, *owner))
            if owner[0] in between:
                between[owner[0]][namespace, owner[1]] = owner
            for pod in workload.pods:
                self.by_pod[namespace, pod.meta.name] = owner

    def add_pods(self, rows: _Rows) -> None:
        """rows: those of now with a greater value than those that have gone."""
        _add(self.by_pod, rows, "Pod")

    def add_replicasets(self, rows: _Rows) -> None:
        """rows: as of pods."""
        _add(self.by_replicaset, rows, "ReplicaSet")

    def add_jobs(self, rows: _Rows) -> None:
        """rows: as of pods."""
        _add(self.by_job, rows, "Job")

    @property
    def jobs(self) -> set[WorkloadKey]:
        """Whose pods run to an end, so far as is known."""
        owners = ((namespace, self.top_of(namespace, pod)) for namespace, pod in self.by_pod)
        found = {WorkloadKey(namespace, *owner) for namespace, owner in owners if owner and owner[0] in RUN_TO_AN_END}
        return found | self._jobs

    def of(self, namespace: str, pod: str) -> Owner | None:
        """None where nobody told who owns it, or where that is of a kind that is not read."""
        owner = self.top_of(namespace, pod)
        return owner if owner is not None and owner[0] in _READ else None

    def top_of(self, namespace: str, pod: str) -> Owner | None:
        """Of whatever kind; None where nobody told."""
        if (namespace, pod) not in self.by_pod and (add := self.add_past) is not None:
            self.add_past = None
            add()
        owner = self.by_pod.get((namespace, pod))
        match owner:
            case ("ReplicaSet", name):
                return self.by_replicaset.get((namespace, name))
            case ("Job", name):
                return self.by_job.get((namespace, name))
            case _:
                return owner

    def untold(self, namespace: str, pod: str) -> str:
        """The metric that would tell more, "" where its owner is known."""
        if self.top_of(namespace, pod) is not None:
            return ""
        kind, _ = self.by_pod.get((namespace, pod), ("", ""))
        return _TOLD_BY.get(kind, "kube_pod_owner")


def _add(known: _Owned, rows: _Rows, kind: str) -> None:
    """What is known already stays."""
    label = "job_name" if kind == "Job" else kind.lower()
    for labels, _ in sorted(rows, key=lambda row: -row[1]):
        namespace, pod, _ = place_of(labels)
        own = namespace, pod if kind == "Pod" else labels.get(label, "")
        if own not in known:
            known[own] = _owner(labels) or (kind, own[1])


def _owner(labels: Mapping[str, str]) -> Owner | None:
    kind, name = labels.get("owner_kind", ""), labels.get("owner_name", "")
    return None if kind in _NOBODY or name in _NOBODY else (kind, name)
