"""Which workloads of a cluster run an application: what the settings say, else the one of its name. Pure."""

from collections.abc import Sequence

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Workload
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext

_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "ReplicaSet")
"""What runs on. A Job opens connections too, and nothing scales it."""
Deployed = tuple[ClusterState, Workload]


def workloads_of(app: str, snapshot: Snapshot, context: RuleContext) -> Sequence[Deployed]:
    """Empty where nothing joins them: no series of an application carries the name of its workload.

    Where nothing is set, exactly one workload of all clusters must have the application's name.
    """
    configured = context.applications.get(app)
    named = configured.workloads if configured is not None else ()
    seen = [(cluster, one) for cluster in snapshot.clusters.values() for one in cluster.workloads if _runs_on(one)]
    if named:
        return [found for found in seen if f"{found[1].meta.namespace}/{found[1].meta.name}" in named]
    same = [found for found in seen if found[1].meta.name == app]
    return same if len(same) == 1 else []


def _runs_on(workload: Workload) -> bool:
    return workload.meta.kind in _KINDS and not workload.is_over
