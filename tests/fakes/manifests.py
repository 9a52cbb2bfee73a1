"""A cluster as a test writes it: YAML of many documents, read as a folder of manifests is."""

import json
import shlex
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Workload
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.manifests import NAME, ManifestsSource
from advisor.testing.clock import FakeClock


def cluster(*objects: dict[str, Any] | str) -> ClusterState:
    """What is seen of these objects, given as dictionaries or as YAML."""
    texts = [one if isinstance(one, str) else yaml.safe_dump(one) for one in objects]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "all.yaml").write_text("\n---\n".join(texts))
        seen = ManifestsSource(KubernetesSettings(manifests=folder), FakeClock()).read(300)
    return seen.clusters[NAME]


def workload(state: ClusterState, name: str) -> Workload:
    (found,) = (one for one in state.workloads if one.meta.name == name)
    return found


def hpa(state: ClusterState, name: str) -> Hpa:
    (found,) = (one for one in state.hpas if one.meta.name == name)
    return found


def container(name: str = "app", **resources: Any) -> dict[str, Any]:
    """requests and limits as they are given; an image, as every container has one."""
    return {"name": name, "image": "example/app:1", **({"resources": resources} if resources else {})}


def deployment(
    name: str, containers: Iterable[dict[str, Any]], *, pod: dict[str, Any] | None = None, **spec: Any
) -> dict[str, Any]:
    """pod: more of the pod's spec. spec: more of the Deployment's."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": list(containers), **(pod or {})},
            },
            **spec,
        },
    }


def cpu_target(percent: int = 70) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def autoscaler(
    name: str, target: str, *, metrics: Iterable[dict[str, Any]] = (), kind: str = "Deployment", **spec: Any
) -> dict[str, Any]:
    """On CPU at 70%, from 2 to 10 replicas."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": target},
            "minReplicas": 2,
            "maxReplicas": 10,
            "metrics": list(metrics) or [cpu_target()],
            **spec,
        },
    }


def scaled_object(name: str, target: str, **spec: Any) -> dict[str, Any]:
    """KEDA's, on CPU at 60%, from 2 to 20 replicas of a Deployment."""
    trigger = {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "60"}}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "scaleTargetRef": {"name": target},
            "minReplicaCount": 2,
            "maxReplicaCount": 20,
            "triggers": [trigger],
            **spec,
        },
    }


def patch_of(text: str) -> Any:
    """What a printed change says: of a kubectl command as a shell splits it, or of YAML to commit."""
    if text.startswith("#"):
        return yaml.safe_load(text)
    (patch,) = (word.removeprefix("--patch=") for word in shlex.split(text) if word.startswith("--patch="))
    return json.loads(patch)
