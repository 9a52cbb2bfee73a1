"""A cluster of many workloads as OpenMetrics: containers, kube-state-metrics, and whether nodes answered."""

import math
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container, PodTemplate
from advisor.model.kubernetes.resources import Resources
from advisor.model.kubernetes.workload import Meta, ObjectRef, Pod, Workload

PODS = 3
A_NAMESPACE = 20
"""Workloads in one namespace."""
SCRAPE, OBJECTS = 60, 240
"""Seconds between two samples of a container, and of an object."""
NODES = 50
MIB = 1024 * 1024


def names(workload: int) -> tuple[str, str]:
    return f"team-{workload // A_NAMESPACE:03}", f"service-{workload:04}"


def pods(workload: int) -> list[str]:
    return [f"{names(workload)[1]}-7c9d-{pod:05x}" for pod in range(PODS)]


def cluster(workloads: int, now: datetime) -> ClusterState:
    """What an API server would tell of it, so far as usage is joined to it."""
    template = PodTemplate(containers=(Container(name="app", resources=Resources()),))
    found = []
    for number in range(workloads):
        namespace, name = names(number)
        own = tuple(Pod(meta=_meta("v1", "Pod", namespace, pod), template=template) for pod in pods(number))
        meta = _meta("apps/v1", "Deployment", namespace, name)
        found.append(Workload(meta=meta, template=template, replicas=PODS, pods=own))
    return ClusterState(name="fleet", taken_at=now, is_live=True, workloads=tuple(found))


def _meta(api_version: str, kind: str, namespace: str, name: str) -> Meta:
    return Meta(ref=ObjectRef(api_version=api_version, kind=kind, name=name), namespace=namespace)


def write(path: Path, workloads: int, end: int, hours: float) -> int:
    """The number of samples. end: unix seconds of the last ones."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for family, series in _families(workloads, end, hours):
            file.write(f"# TYPE {family} unknown\n")
            for labels, points in series:
                lines = [f"{family}{{{labels}}} {value:g} {at}\n" for at, value in points]
                count += len(lines)
                file.writelines(lines)
        file.write("# EOF\n")
    return count


_Points = Iterator[tuple[int, float]]


def _families(workloads: int, end: int, hours: float) -> Iterator[tuple[str, Iterator[tuple[str, _Points]]]]:
    times = range(end - int(hours * 3600) + SCRAPE, end + 1, SCRAPE)
    rare = range(end - int(hours * 3600) + OBJECTS, end + 1, OBJECTS)
    for family in _CONTAINERS:
        yield family, _containers(family, workloads, times)
    for family, labels, value in _OBJECTS:
        yield family, _objects(labels, value, workloads, rare)
    yield "up", ((_target(node), ((at, 1.0) for at in times)) for node in range(NODES))


def _target(node: int) -> str:
    return f'job="kubelet",instance="10.0.0.{node}:10250"'


_CONTAINERS = (
    "container_cpu_usage_seconds_total",
    "container_memory_working_set_bytes",
    "container_cpu_cfs_periods_total",
    "container_cpu_cfs_throttled_periods_total",
)
_OWNER = 'owner_kind="ReplicaSet",owner_name="{name}-7c9d",owner_is_controller="true"'
_OBJECTS = (
    ("kube_pod_owner", 'namespace="{namespace}",pod="{pod}",' + _OWNER, 1),
    ("kube_pod_status_phase", 'namespace="{namespace}",pod="{pod}",phase="Running"', 1),
    ("kube_pod_container_status_restarts_total", 'namespace="{namespace}",pod="{pod}",container="app"', 0),
    (
        "kube_pod_container_resource_requests",
        _SIZE := 'namespace="{namespace}",pod="{pod}",container="app",resource="cpu",unit="core"',
        0.25,
    ),
    ("kube_pod_container_resource_limits", _SIZE.replace("cpu", "memory").replace("core", "byte"), 512 * MIB),
    (
        "kube_replicaset_owner",
        'namespace="{namespace}",replicaset="{name}-7c9d",owner_kind="Deployment",'
        'owner_name="{name}",owner_is_controller="true"',
        1,
    ),
)


def _containers(family: str, workloads: int, times: range) -> Iterator[tuple[str, _Points]]:
    for workload in range(workloads):
        namespace, name = names(workload)
        for number, pod in enumerate(pods(workload)):
            node = (workload * PODS + number) % NODES
            labels = (
                f'namespace="{namespace}",pod="{pod}",container="app",image="example/app:1",'
                f'id="/kubepods/{pod}",name="{pod}",{_target(node)}'
            )
            yield labels, _points(family, workload * PODS + number, times)
    del name


def _points(family: str, seed: int, times: range) -> _Points:
    chance = random.Random(seed)
    cores, level, total = chance.uniform(0.05, 0.8), chance.uniform(80, 700) * MIB, 0.0
    for at in times:
        load = 1 + 0.4 * math.sin(at / 13_750.0) + 0.2 * chance.random()
        match family:
            case "container_cpu_usage_seconds_total":
                total += cores * load * SCRAPE
                yield at, round(total, 2)
            case "container_memory_working_set_bytes":
                yield at, float(int(level * (0.9 + 0.1 * load)))
            case "container_cpu_cfs_periods_total":
                total += SCRAPE * 10
                yield at, total
            case _:
                total += int(load > 1.5) * 60
                yield at, total


def _objects(labels: str, value: float, workloads: int, times: range) -> Iterator[tuple[str, _Points]]:
    for workload in range(workloads):
        namespace, name = names(workload)
        for pod in pods(workload) if "{pod}" in labels else [""]:
            yield labels.format(namespace=namespace, name=name, pod=pod), ((at, float(value)) for at in times)
