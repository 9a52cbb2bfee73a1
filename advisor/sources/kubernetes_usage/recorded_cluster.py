"""A cluster as kube-state-metrics has it, where there is no API: workloads, sizes in force, autoscalers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.cluster import ClusterState, Unread
from advisor.sources.kubernetes_usage.answers.asking import Budget, Rows
from advisor.sources.kubernetes_usage.answers.names import CLUSTER
from advisor.sources.kubernetes_usage.facts import Facts
from advisor.sources.kubernetes_usage.queries import Queries
from advisor.sources.kubernetes_usage.recorded_autoscalers import recorded_hpas
from advisor.sources.kubernetes_usage.recorded_containers import recorded_containers
from advisor.sources.kubernetes_usage.recorded_workloads import recorded_workloads

_QUERIES = ("resources", "hpa_targets", "hpa_metrics")
OBJECT_QUERIES = len(_QUERIES)
"""That `read_recorded` sends."""
_HIDDEN = Unread(
    what="objects",
    why="read from kube-state-metrics: rollouts, quotas, vertical autoscalers and who writes an object are not known",
    fix="give --context, or kubernetes.enabled: true in a pod",
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was answered of objects. unread: queries that failed, whose part is left out."""

    taken_at: datetime
    rows: Mapping[str, Rows]
    unread: Sequence[Unread]

    def cluster(self, facts: Facts) -> ClusterState:
        found = recorded_workloads(recorded_containers(self.rows["resources"], facts), facts)
        return ClusterState(
            name=CLUSTER,
            taken_at=self.taken_at,
            is_live=True,
            workloads=found.workloads,
            stray=found.stray,
            hpas=recorded_hpas(self.rows["hpa_targets"], self.rows["hpa_metrics"]),
            unread=(_HIDDEN, *self.unread),
            skipped=found.skipped,
        )


def read_recorded(budget: Budget, queries: Queries, now: datetime) -> Recorded:
    rows: dict[str, Rows] = {}
    unread = []
    for name in _QUERIES:
        try:
            rows[name] = budget.instant(name, queries.text(name), now)
        except BadDataError as error:
            rows[name] = []
            unread.append(Unread(what=name, why=error.what))
    return Recorded(taken_at=now, rows=rows, unread=unread)
