"""The workload of the demo as it is badly set: an autoscaler that lets its pods become nearly full before it acts.

It waits for a load to last before it adds pods, as people set it against flapping, so that a burst meets those that are
there: only a lower target leaves room for it.
"""

from typing import Any

from advisor.servers.cluster.objects import NODE

CLUSTER, NAMESPACE, APP, CONTAINER = "kubernetes", "shop", "checkout", "app"
"""The first is what the advisor calls the cluster that it reads."""
REQUEST_CORES, LIMIT_CORES = 0.25, 0.275
TARGET_PERCENT = 90
FEWEST_PODS, MOST_PODS = 2, 12
FIRST_PODS = 5
_WAITS_SECONDS = 12


def namespace() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def deployment() -> dict[str, Any]:
    resources = {
        "requests": {"cpu": millicores(REQUEST_CORES), "memory": "256Mi"},
        "limits": {"cpu": millicores(LIMIT_CORES), "memory": "256Mi"},
    }
    container = {"name": CONTAINER, "image": "example/checkout:1", "resources": resources}
    labels = {"app": APP}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": APP, "namespace": NAMESPACE},
        "spec": {
            "replicas": FIRST_PODS,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"nodeName": NODE, "containers": [container]}},
        },
    }


def autoscaler() -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": TARGET_PERCENT}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": APP, "namespace": NAMESPACE},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": APP},
            "minReplicas": FEWEST_PODS,
            "maxReplicas": MOST_PODS,
            "behavior": {"scaleUp": {"stabilizationWindowSeconds": _WAITS_SECONDS}},
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }


def millicores(cores: float) -> str:
    """As Kubernetes writes them."""
    return f"{cores * 1000:.0f}m"
