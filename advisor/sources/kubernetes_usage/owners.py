"""Which workload a pod belonged to, also one that has gone: by owners, never by the prefix of a name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from advisor.model.kubernetes.cluster import ClusterState
from advisor.sources.kubernetes_usage.names import place_of

Owner = tuple[str, str]
"""Kind and name."""
_NOBODY = ("", "<none>")
_Rows = Iterable[tuple[Mapping[str, str], float]]


@dataclass(slots=True)
class Owners:
    """by_pod, by_replicaset, by_job: by namespace and name."""

    by_pod: dict[tuple[str, str], Owner] = field(default_factory=dict)
    by_replicaset: dict[tuple[str, str], Owner] = field(default_factory=dict)
    by_job: dict[tuple[str, str], Owner] = field(default_factory=dict)

    def add_cluster(self, state: ClusterState) -> None:
        """The pods that are there now, as the API has them: it wins."""
        for workload in state.workloads:
            for pod in workload.pods:
                self.by_pod[workload.meta.namespace, pod.meta.name] = (workload.meta.kind, workload.meta.name)

    def add_pods(self, rows: _Rows) -> None:
        for labels, _ in rows:
            place = place_of(labels)
            owner = _owner(labels) or ("Pod", place.pod)
            self.by_pod.setdefault((place.namespace, place.pod), owner)

    def add_replicasets(self, rows: _Rows) -> None:
        _add(self.by_replicaset, rows, "replicaset")

    def add_jobs(self, rows: _Rows) -> None:
        _add(self.by_job, rows, "job_name")

    def of(self, namespace: str, pod: str) -> Owner | None:
        """None where nobody told who owns it."""
        owner = self.by_pod.get((namespace, pod))
        match owner:
            case ("ReplicaSet", name):
                return self.by_replicaset.get((namespace, name), owner)
            case ("Job", name):
                return self.by_job.get((namespace, name), owner)
            case _:
                return owner


def _add(known: dict[tuple[str, str], Owner], rows: _Rows, label: str) -> None:
    for labels, _ in rows:
        if owner := _owner(labels):
            known[place_of(labels).namespace, labels.get(label, "")] = owner


def _owner(labels: Mapping[str, str]) -> Owner | None:
    kind, name = labels.get("owner_kind", ""), labels.get("owner_name", "")
    return None if kind in _NOBODY or name in _NOBODY else (kind, name)
