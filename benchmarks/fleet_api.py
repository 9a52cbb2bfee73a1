"""What it costs to list a whole cluster from a real API server: Deployments of three pods with their ReplicaSets.

No controller and no kubelet runs: the objects stay as they are made here, pods with a status as a kubelet writes it.
"""

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests
from fleet_world import A_NAMESPACE, PODS, names, pods

from advisor.clients.kubernetes import KubernetesApi
from advisor.servers.cluster import control_plane
from advisor.servers.cluster.control_plane import ControlPlane
from advisor.servers.cluster.programs import Programs
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.source import NAME, KubernetesSource
from advisor.testing.clock import FakeClock
from tests.fakes.manifests import container, deployment

_AT_ONCE = 4
_APP = container(requests={"cpu": "250m", "memory": "256Mi"}, limits={"memory": "512Mi"}) | {
    "env": [{"name": f"SETTING_{number}", "value": f"value-{number}"} for number in range(12)],
    "ports": [{"containerPort": 8080}],
    "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    "livenessProbe": {"httpGet": {"path": "/alive", "port": 8080}},
}
_SINCE = "2026-03-02T00:00:00Z"


@dataclass(frozen=True, slots=True)
class _Making:
    """Objects by plain requests, each thread by a connection of its own."""

    plane: ControlPlane
    _own: threading.local = field(default_factory=threading.local)

    def workloads(self, begin: int, end: int) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for work, numbers in (
                (self._namespace, range(-(-begin // A_NAMESPACE), -(-end // A_NAMESPACE))),
                (self._workload, range(begin, end)),
            ):
                list(pool.map(work, numbers))

    def _namespace(self, number: int) -> None:
        metadata = {"name": names(number * A_NAMESPACE)[0]}
        self._send("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def _workload(self, number: int) -> None:
        namespace, name = names(number)
        place = f"/apis/apps/v1/namespaces/{namespace}"
        wanted = deployment(name, [_APP], replicas=PODS)
        wanted["metadata"]["namespace"] = namespace
        made = self._send("POST", f"{place}/deployments", wanted)
        copies = {**wanted, "kind": "ReplicaSet", "metadata": _owned(f"{name}-7c9d", namespace, made)}
        replicas = self._send("POST", f"{place}/replicasets", copies)
        for pod in pods(number):
            metadata = _owned(pod, namespace, replicas) | {"labels": {"app": name}}
            spec = {**wanted["spec"]["template"]["spec"], "nodeName": f"node-{number % 50}"}
            path = f"/api/v1/namespaces/{namespace}/pods"
            self._send("POST", path, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
            self._send("PATCH", f"{path}/{pod}/status", {"status": _status()})

    def _send(self, method: str, path: str, document: dict[str, Any]) -> dict[str, Any]:
        session = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            papers = self.plane.papers
            session.trust_env, session.verify = False, str(papers.authority.certificate)
            session.cert = (str(papers.admin.certificate), str(papers.admin.key))
        kind = "application/json" if method == "POST" else "application/merge-patch+json"
        answer = session.request(
            method, self.plane.url + path, data=json.dumps(document), headers={"Content-Type": kind}, timeout=60
        )
        assert answer.status_code in (200, 201), answer.text
        made: dict[str, Any] = answer.json()
        return made


def _owned(name: str, namespace: str, owner: dict[str, Any]) -> dict[str, Any]:
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    return {"name": name, "namespace": namespace, "ownerReferences": [reference]}


def _status() -> dict[str, Any]:
    kinds = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    running = {
        "name": "app",
        "ready": True,
        "restartCount": 0,
        "image": "example/app:1",
        "imageID": "example/app@sha256:" + "0" * 64,
        "containerID": "containerd://" + "0" * 64,
        "state": {"running": {"startedAt": _SINCE}},
    }
    return {
        "phase": "Running",
        "startTime": _SINCE,
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": _SINCE} for kind in kinds],
        "containerStatuses": [running],
    }


@contextmanager
def standing(workloads: int) -> Iterator[Path]:
    """The kubeconfig of a cluster with so many workloads, for as long as it is wanted.

    Raises ServerUnavailableError without the servers.
    """
    with control_plane.start(Programs.found(), acts=False) as plane:
        _Making(plane).workloads(0, workloads)
        yield plane.kubeconfig


def read_sizes(sizes: list[int], bar_mib: float, bar_growth: float) -> bool:
    """Prints the cost of each size, and whether all bars hold. Raises ServerUnavailableError without the servers."""
    from fleet import server_cpu, server_mib

    costs, good, begin = list[tuple[int, float]](), True, 0
    with control_plane.start(Programs.found(), acts=False) as plane:
        making, pid = _Making(plane), plane.api.pid
        for workloads in sizes:
            making.workloads(begin, workloads)
            begin, before = workloads, server_cpu(pid)
            command = [sys.executable, __file__, str(plane.kubeconfig)]
            told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
            server = server_cpu(pid) - before
            print(
                f"{workloads:5} workloads  objects         {told['workloads']:6} workloads {told['pods']:6} pods  "
                f"{told['seconds']:7.2f} s  client {told['cpu']:6.2f} s and {told['mib']:4.0f} MiB  "
                f"API server {server:6.2f} s and {server_mib(pid):4.0f} MiB",
                flush=True,
            )
            costs.append((workloads, told["cpu"] + server))
            good &= (told["workloads"], told["pods"]) == (workloads, PODS * workloads) and told["mib"] < bar_mib
    growth = [cpu / cpu_before * size_before / size for (size_before, cpu_before), (size, cpu) in pairwise(costs)]
    print(f"growth of the CPU over that of the size: {', '.join(f'{one:.2f}' for one in growth)}")
    return good and all(one <= bar_growth for one in growth)


def _read(kubeconfig: Path) -> dict[str, float]:
    waits = {"timeout_seconds": "60s", "deadline_seconds": "10m"}
    settings = KubernetesSettings.model_validate({"kubeconfig": str(kubeconfig), **waits})
    began = time.monotonic()
    with closing(KubernetesSource(KubernetesApi(settings), settings, FakeClock())) as source:
        state = source.read(300).clusters[NAME]
    return {
        "workloads": len(state.workloads),
        "pods": sum(len(one.pods) for one in state.workloads),
        "seconds": time.monotonic() - began,
        "cpu": time.process_time(),
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(_read(Path(sys.argv[1]))))
