"""Three workloads as objects of an API server, as manifests, and as kube-state-metrics and cAdvisor show them.

web asks for much more than it uses, ledger asks for nothing, worker uses more memory than it asks for.
"""

from collections.abc import Iterator
from typing import Any

from tests.fakes.manifests import autoscaler, container, deployment

MIB = 1024**2
HOURS = 14
_EVERY = 60
_USED = {"web": (0.2, 300), "ledger": (0.1, 100), "worker": (0.25, 400)}
"""Cores and MiB of each pod, all the time."""
_SIZES = {
    "web": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
    "ledger": {},
    "worker": {"requests": {"cpu": "300m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
}
_PODS = {
    "web-7c9-aa": ("ReplicaSet", "web-7c9", "web"),
    "web-7c9-bb": ("ReplicaSet", "web-7c9", "web"),
    "ledger-5d-aa": ("ReplicaSet", "ledger-5d", "ledger"),
    "worker-0": ("StatefulSet", "worker", "worker"),
}
"""Kind and name of the direct owner, and the workload."""
_REPLICAS = {"web": 2, "ledger": 1, "worker": 1}


def manifests() -> list[dict[str, Any]]:
    """What people keep in a repository: the first two are Deployments, the third a StatefulSet."""
    made = [deployment(name, [container(**_SIZES[name])], replicas=_REPLICAS[name]) for name in _USED]
    made[2]["kind"] = "StatefulSet"
    for one in made:
        one["metadata"]["labels"] = {"app": one["metadata"]["name"]}
    return [*made, autoscaler("web", "web")]


def objects() -> list[dict[str, Any]]:
    """What a server has: the same with uids, and what its controllers made of it."""
    found = [{**one, "metadata": {**one["metadata"], "uid": f"u-{one['metadata']['name']}"}} for one in manifests()]
    found.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}, "status": {"phase": "Active"}})
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    found.append({**node, "status": {"allocatable": {"cpu": "8", "memory": "32Gi"}}})
    for name in ("web", "ledger"):
        (set_of,) = {owner for kind, owner, workload in _PODS.values() if workload == name}
        replica_set = {**found[list(_USED).index(name)], "kind": "ReplicaSet"}
        metadata = {"name": set_of, "namespace": "shop", "uid": f"u-{set_of}"}
        replica_set["metadata"] = {**metadata, **_owned("Deployment", name)}
        found.append(replica_set)
    for pod, (kind, owner, workload) in _PODS.items():
        metadata = {"name": pod, "namespace": "shop", "uid": f"u-{pod}", **_owned(kind, owner)}
        spec = {"containers": [container(**_SIZES[workload])]}
        found.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    return found


def _owned(kind: str, name: str) -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"u-{name}", "controller": True}
    return {"ownerReferences": [owner]}


def metrics(until: float) -> str:
    """The hours before `until` (unix seconds) as OpenMetrics."""
    times = [until - HOURS * 3600 + number * _EVERY for number in range(HOURS * 3600 // _EVERY + 1)]
    lines = []
    for family, series in _series().items():
        lines.append(f"# TYPE {family} unknown")
        for labels, value, is_counter in series:
            named = ",".join(f'{name}="{text}"' for name, text in labels.items())
            lines += [
                f"{family}{{{named}}} {value * (at - times[0]) if is_counter else value} {at:.0f}" for at in times
            ]
    return "\n".join([*lines, "# EOF", ""])


def _series() -> dict[str, list[tuple[dict[str, str], float, bool]]]:
    found: dict[str, list[tuple[dict[str, str], float, bool]]] = {}
    for family, labels, value in (*_of_pods(), *_of_objects()):
        of = {"namespace": "shop", **labels}
        found.setdefault(family, []).append((of, value, family == "container_cpu_usage_seconds_total"))
    return found


def _of_pods() -> Iterator[tuple[str, dict[str, str], float]]:
    amounts = {"1": 1.0, "300m": 0.3, "1Gi": 1024.0 * MIB, "256Mi": 256.0 * MIB, "512Mi": 512.0 * MIB}
    for pod, (kind, owner, workload) in _PODS.items():
        cores, mib = _USED[workload]
        of = {"pod": pod, "container": "app"}
        yield "container_cpu_usage_seconds_total", {**of, "job": "kubelet"}, cores
        yield "container_memory_working_set_bytes", {**of, "job": "kubelet"}, mib * MIB
        yield "kube_pod_owner", {"pod": pod, "owner_kind": kind, "owner_name": owner}, 1
        yield "kube_pod_container_status_restarts_total", of, 0
        for what, sizes in _SIZES[workload].items():
            for name, text in sizes.items():
                unit = "core" if name == "cpu" else "byte"
                yield f"kube_pod_container_resource_{what}", {**of, "resource": name, "unit": unit}, amounts[text]


def _of_objects() -> Iterator[tuple[str, dict[str, str], float]]:
    for owner, workload in {(owner, workload) for kind, owner, workload in _PODS.values() if kind == "ReplicaSet"}:
        named = {"replicaset": owner, "owner_kind": "Deployment", "owner_name": workload}
        yield "kube_replicaset_owner", named, 1
    scaler = {"horizontalpodautoscaler": "web"}
    target = {"scaletargetref_api_version": "apps/v1", "scaletargetref_kind": "Deployment"}
    yield "kube_horizontalpodautoscaler_info", {**scaler, **target, "scaletargetref_name": "web"}, 1
    spec = "kube_horizontalpodautoscaler_spec"
    yield f"{spec}_min_replicas", scaler, 2
    yield f"{spec}_max_replicas", scaler, 10
    yield f"{spec}_target_metric", {**scaler, "metric_name": "cpu", "metric_target_type": "utilization"}, 70
