"""The kubectl commands of the rules, run as they are printed: they apply, and their undo restores exactly."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from advisor.servers.cluster.objects import NODE
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed
from tests.fakes.command import advisor_within
from tests.fakes.manifests import autoscaler, container, deployment

FULL = [container(requests={"cpu": "100m", "memory": "64Mi"})]
SLOW = {"stabilizationWindowSeconds": 120, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}
FAST = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}
POD = {"containers": [container("main"), container("log", requests={"cpu": "10m"}, limits={"memory": "64Mi"})]}


def of_kind(api_version: str, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def selecting(name: str, **more: Any) -> dict[str, Any]:
    labels = {"app": name}
    return {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": POD}, **more}


def cron() -> dict[str, Any]:
    template = {"spec": {"template": {"spec": {**POD, "restartPolicy": "Never"}}}}
    return of_kind(
        "batch/v1", "CronJob", "nightly", {"schedule": "7 3 * * *", "suspend": True, "jobTemplate": template}
    )


SIDECAR = {"initContainers": [{**container("proxy", requests={"cpu": "10m"}), "restartPolicy": "Always"}]}
HERE = {"nodeName": NODE}
"""An autoscaler over no pods at all is switched off: these run, as many as the autoscaler wants at least."""
SCENES = {
    "qos-best-effort": [deployment("bare", [container("web"), container("log")], replicas=0)],
    "missing-requests": [
        deployment("half", [container("web", requests={"cpu": "10m"})], replicas=0),
        deployment("sidecar", FULL, pod=SIDECAR, replicas=0),
        of_kind("apps/v1", "StatefulSet", "ledger", selecting("ledger", serviceName="ledger", replicas=0)),
        of_kind("apps/v1", "DaemonSet", "agent", selecting("agent")),
        cron(),
    ],
    "hpa-missing-requests": [
        deployment("blind", [container("web", requests={"memory": "1Gi"})], pod=HERE),
        autoscaler("blind", "blind"),
    ],
    "hpa-slow-scale-up": [
        deployment("slow", FULL, pod=HERE),
        autoscaler("slow", "slow", behavior={"scaleUp": SLOW, "scaleDown": {"selectPolicy": "Disabled"}}),
    ],
    "hpa-fast-scale-down": [
        deployment("fast", FULL, pod=HERE),
        autoscaler("fast", "fast", behavior={"scaleDown": FAST}),
    ],
}


@pytest.fixture
def kubectl() -> str:
    found = shutil.which("kubectl")
    if found is None:
        pytest.skip("kubectl is missing")
    return found


def run(command: str, cluster: Cluster) -> None:
    """In a shell, as a person pastes it."""
    environment = {"PATH": f"{Path(shutil.which('kubectl') or '').parent}:/usr/bin:/bin", "HOME": str(cluster.folder)}
    ended = subprocess.run(
        ["bash", "-euc", command],
        env={**environment, "KUBECONFIG": str(cluster.kubeconfig)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, f"{command}\n{ended.stderr}"
    assert "patched" in ended.stdout, ended.stdout


def specs(cluster: Cluster, documents: list[dict[str, Any]], namespace: str) -> dict[str, Any]:
    """What the server holds of each object, by kind and name."""
    found = {}
    for one in documents:
        kind, name = one["kind"], one["metadata"]["name"]
        found[f"{kind}/{name}"] = cluster.get(one["apiVersion"], kind, name, namespace)["spec"]
    return found


def has_autoscaler(scene: list[dict[str, Any]]) -> bool:
    return any(one["kind"] == "HorizontalPodAutoscaler" for one in scene)


@pytest.mark.parametrize("rule", SCENES)
def test_what_a_rule_prints_applies_and_its_undo_restores_exactly(
    request: pytest.FixtureRequest, cluster: Cluster, namespace: str, tmp_path: Path, kubectl: str, rule: str
) -> None:
    scene = SCENES[rule]
    if has_autoscaler(scene):
        request.getfixturevalue("plane")  # for the node that its pods run on
    for document in scene:
        cluster.create(placed(document, namespace))
    if has_autoscaler(scene):
        until(
            lambda: cluster.get("apps/v1", "Deployment", scene[0]["metadata"]["name"], namespace),
            lambda seen: seen.get("status", {}).get("readyReplicas") == 2,
        )
    where = ["--kubeconfig", str(cluster.kubeconfig), "--context", cluster.context, "-n", namespace]
    ended = advisor_within(tmp_path, "report", *where, "-r", rule, "-o", "json", "--look", "0s")
    assert ended.returncode == 0, ended.stderr
    proposals = json.loads(ended.stdout)["proposals"]
    workloads = [one for one in scene if one["kind"] != "HorizontalPodAutoscaler"]
    assert len(proposals) == len(workloads), ended.stdout
    for proposal in proposals:
        before = specs(cluster, scene, namespace)
        run(proposal["apply"], cluster)
        after = specs(cluster, scene, namespace)
        assert [name for name in before if before[name] != after[name]] != []
        run(proposal["undo"], cluster)
        assert specs(cluster, scene, namespace) == before
