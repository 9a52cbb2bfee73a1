"""What is known of all pods at once: owners, who runs, restarts, and what kube-state-metrics says of sizes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.kinds import RUN_TO_AN_END
from advisor.model.kubernetes.resources import Amounts, ResourceName
from advisor.model.kubernetes.usage import ContainerKey, Runtime
from advisor.model.kubernetes.workload import Meta
from advisor.sources.kubernetes_usage.answers.names import Place
from advisor.sources.kubernetes_usage.owners import Owners

Pod = tuple[str, str]
_RESOURCE_NAMES = {"_cpu_cores": ResourceName.CPU, "_memory_bytes": ResourceName.MEMORY}


@dataclass(slots=True)
class Facts:
    """problems: queries that failed, each with its reason; the others count. jobs_apart: how jobs are throttled is read
    apart from what runs on.

    tells_restarts: whether kube-state-metrics shows restarts at all, so that no OOM kill means none.
    running: containers that have memory now, finished: pods that are over all the same. nodes: how many there are.
    """

    owners: Owners = field(default_factory=Owners)
    finished: set[Pod] = field(default_factory=set)
    windows: set[Pod] = field(default_factory=set)
    running: set[Place] = field(default_factory=set)
    restarts: dict[Place, float] = field(default_factory=dict)
    crash_loops: set[Place] = field(default_factory=set)
    runtimes: dict[Pod, set[Runtime]] = field(default_factory=dict)
    largest_node: Amounts = field(default_factory=Amounts)
    nodes: int = 0
    tells_restarts: bool = False
    jobs_apart: bool = True
    problems: list[str] = field(default_factory=list)
    _keys: dict[Place, ContainerKey | None] = field(default_factory=dict, init=False)

    def key_of(self, place: Place) -> ContainerKey | None:
        """Once all facts are read: each place is looked up once."""
        if place not in self._keys:
            self._keys[place] = self._key_of(place)
        return self._keys[place]

    def key_of_lasting(self, place: Place) -> ContainerKey | None:
        """The same of what does not run to an end; of all where jobs are not read apart."""
        key = self.key_of(place)
        return key if key is not None and not (self.jobs_apart and key.kind in RUN_TO_AN_END) else None

    def _key_of(self, place: Place) -> ContainerKey | None:
        if (place.namespace, place.pod) in self.windows or not place.container:
            return None
        owner = self.owners.of(place.namespace, place.pod)
        if owner is None:
            return None
        return ContainerKey(namespace=place.namespace, kind=owner[0], workload=owner[1], container=place.container)

    def seen_running(self, seen: Set[Place], state: ClusterState) -> None:
        """seen: containers with memory at the last point. What the API has no pod for is over, where it has any."""
        there = {(one.namespace, one.name) for one in _pods_of(state)}
        namespaces = {namespace for namespace, _ in there}
        pods = {(place.namespace, place.pod) for place in seen}
        self.running = set(seen)
        self.finished = {pod for pod in pods if pod[0] in namespaces and pod not in there}

    @property
    def restarts_by_key(self) -> Mapping[ContainerKey, float]:
        found: dict[ContainerKey, float] = {}
        for place, count in self.restarts.items():
            if key := self.key_of(place):
                found[key] = found.get(key, 0.0) + count
        return found

    @property
    def crash_loop_keys(self) -> Set[ContainerKey]:
        return {key for key in map(self.key_of, self.crash_loops) if key is not None}

    @property
    def pods(self) -> Counter[ContainerKey]:
        """How many pods of each container run now."""
        live = (place for place in self.running if (place.namespace, place.pod) not in self.finished)
        return Counter(key for key in map(self.key_of, live) if key is not None)


def _pods_of(state: ClusterState) -> Iterator[Meta]:
    yield from (pod.meta for workload in state.workloads for pod in workload.pods)
    yield from (stray.pod.meta for stray in state.stray)


def resource_of(labels: Mapping[str, str]) -> ResourceName | None:
    """CPU in cores or memory in bytes, by either version's names; None for another resource or unit."""
    match labels.get("resource", ""), labels.get("unit", ""):
        case ("cpu", "core" | ""):
            return ResourceName.CPU
        case ("memory", "byte" | ""):
            return ResourceName.MEMORY
        case ("", ""):
            return next((name for end, name in _RESOURCE_NAMES.items() if labels["__name__"].endswith(end)), None)
        case _:
            return None


def amounts_of(values: Mapping[ResourceName, float]) -> Amounts:
    cores, size = values.get(ResourceName.CPU), values.get(ResourceName.MEMORY)
    return Amounts(
        cpu_cores=None if cores is None else _fraction(cores), memory_bytes=None if size is None else int(size)
    )


@lru_cache(maxsize=1024)
def _fraction(cores: float) -> Fraction:
    """Sizes are few, and many containers have them."""
    return Fraction(str(cores))
