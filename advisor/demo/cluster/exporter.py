"""What a cluster's exporters and an application show of played pods: every scrape plays the time since the last.

The names are those of cAdvisor, kube-state-metrics and the guide. The API server tells which pods run.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from advisor.demo.cluster.played_pods import PlayedPods, Pod
from advisor.demo.cluster.workload import APP, CONTAINER, NAMESPACE
from advisor.demo.load import Recorder
from advisor.model.kubernetes.quantity import parse_quantity
from advisor.servers.cluster.objects import Objects
from advisor.servers.cluster.played_metrics import PlayedMetrics

_BOUNDS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
_MEMORY_BYTES = 128 * 2**20
_OF_CONTAINERS = ("namespace", "pod", "container")


@dataclass(slots=True, kw_only=True, eq=False)
class PlayedExporter(Collector):
    """demand: cores that all pods are asked for, at a second since the first scrape.

    metrics: is told of the use, which the autoscaler sees. recorder: is told of the callers.
    """

    objects: Objects
    metrics: PlayedMetrics
    recorder: Recorder
    demand: Callable[[float], float]
    pods: PlayedPods
    _began: float | None = None
    _last: float = 0.0
    _callers: Counter[int] = field(default_factory=Counter)
    _waited_seconds: float = 0.0

    def describe(self) -> list[Metric]:
        """Nothing: to register it must not play."""
        return []

    def collect(self) -> Iterator[Metric]:
        running = [pod for one in self.objects.listed("v1", "Pod", NAMESPACE) if (pod := _pod(one)) is not None]
        self._play(running)
        yield from self._containers(running)
        yield from self._states(running)
        yield from self._requests()

    def _play(self, running: list[Pod]) -> None:
        now = time.monotonic()
        if self._began is None:
            self._began = self._last = now
        seconds, self._last = now - self._last, now
        before = {name: used.cpu_seconds for name, used in self.pods.used.items()}
        waits = self.pods.play(running, self.demand(now - self._began), seconds)
        for wait in waits:
            self._callers[bisect_left(_BOUNDS, wait)] += 1
            self._waited_seconds += wait
            self.recorder.add(APP, wait, failed=False)
        self.recorder.flush()
        if seconds > 0:
            used = sum(one.cpu_seconds - before.get(name, 0.0) for name, one in self.pods.used.items())
            self.metrics.play(
                NAMESPACE, APP, millicores=round(used / seconds * 1000), memory_bytes=_MEMORY_BYTES * len(running)
            )

    def _containers(self, running: list[Pod]) -> Iterator[Metric]:
        cpu = CounterMetricFamily("container_cpu_usage_seconds", "CPU used", labels=_OF_CONTAINERS)
        periods = CounterMetricFamily("container_cpu_cfs_periods", "Periods", labels=_OF_CONTAINERS)
        throttled = CounterMetricFamily("container_cpu_cfs_throttled_periods", "Cut off", labels=_OF_CONTAINERS)
        memory = GaugeMetricFamily("container_memory_working_set_bytes", "Memory used", labels=_OF_CONTAINERS)
        for pod in running:
            labels, used = (NAMESPACE, pod.name, CONTAINER), self.pods.used[pod.name]
            cpu.add_metric(labels, used.cpu_seconds)
            periods.add_metric(labels, used.periods)
            throttled.add_metric(labels, used.throttled_periods)
            memory.add_metric(labels, _MEMORY_BYTES)
        yield from (cpu, periods, throttled, memory)

    def _states(self, running: list[Pod]) -> Iterator[Metric]:
        owners = GaugeMetricFamily(
            "kube_pod_owner", "Whose a pod is", labels=("namespace", "pod", "owner_kind", "owner_name")
        )
        sizes = {
            half: GaugeMetricFamily(
                f"kube_pod_container_resource_{half}", "Sizes", labels=(*_OF_CONTAINERS, "resource", "unit")
            )
            for half in ("requests", "limits")
        }
        for pod in running:
            owners.add_metric((NAMESPACE, pod.name, "ReplicaSet", pod.owner), 1)
            for half, cores in (("requests", pod.request_cores), ("limits", pod.limit_cores)):
                sizes[half].add_metric((NAMESPACE, pod.name, CONTAINER, "cpu", "core"), cores)
        of_sets = GaugeMetricFamily(
            "kube_replicaset_owner", "Whose it is", labels=("namespace", "replicaset", "owner_kind", "owner_name")
        )
        for name in sorted({pod.owner for pod in running}):
            of_sets.add_metric((NAMESPACE, name, "Deployment", APP), 1)
        yield from (owners, of_sets, *sizes.values(), self._replicas())

    def _replicas(self) -> Metric:
        wanted = GaugeMetricFamily("kube_deployment_spec_replicas", "Pods wanted", labels=("namespace", "deployment"))
        found = self.objects.get("apps/v1", "Deployment", APP, NAMESPACE)
        wanted.add_metric((NAMESPACE, APP), found["spec"]["replicas"])
        return wanted

    def _requests(self) -> Iterator[Metric]:
        served = CounterMetricFamily("http_requests", "Requests", labels=("status",))
        served.add_metric(("200",), self._callers.total())
        duration = HistogramMetricFamily("http_request_duration_seconds", "How long callers wait")
        counts = accumulate(self._callers[place] for place in range(len(_BOUNDS) + 1))
        bounds = [*map(str, _BOUNDS), "+Inf"]
        duration.add_metric((), list(zip(bounds, counts, strict=True)), self._waited_seconds)
        yield from (served, duration)


def _pod(document: dict[str, Any]) -> Pod | None:
    """None for one that does not run, or ends."""
    metadata = document["metadata"]
    if document.get("status", {}).get("phase") != "Running" or "deletionTimestamp" in metadata:
        return None
    (container,) = document["spec"]["containers"]
    request, limit = (float(parse_quantity(container["resources"][half]["cpu"])) for half in ("requests", "limits"))
    return Pod(
        name=metadata["name"],
        owner=metadata["ownerReferences"][0]["name"],
        request_cores=request,
        limit_cores=limit,
    )
