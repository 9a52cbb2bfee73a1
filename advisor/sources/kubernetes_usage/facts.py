"""What is asked once for all containers: owners, who runs, restarts, and what kube-state-metrics says of sizes."""

from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.resources import Amounts, ResourceName
from advisor.model.kubernetes.usage import ContainerKey, Runtime
from advisor.sources.kubernetes_usage.answers.asking import Budget
from advisor.sources.kubernetes_usage.answers.names import Place, place_of
from advisor.sources.kubernetes_usage.owners import Owners
from advisor.sources.kubernetes_usage.queries import Queries

Rows = list[tuple[Mapping[str, str], float]]
Pod = tuple[str, str]
FACTS = 10
"""Queries that `read_facts` sends at most."""
_RESOURCE_NAMES = {"_cpu_cores": ResourceName.CPU, "_memory_bytes": ResourceName.MEMORY}


@dataclass(slots=True)
class Facts:
    """problems: queries that failed, each with its reason; the others count.

    tells_restarts: whether kube-state-metrics shows restarts at all, so that no OOM kill means none.
    running: containers that have memory now.
    """

    owners: Owners = field(default_factory=Owners)
    finished: set[Pod] = field(default_factory=set)
    windows: set[Pod] = field(default_factory=set)
    running: set[Place] = field(default_factory=set)
    restarts: dict[Place, float] = field(default_factory=dict)
    crash_loops: set[Place] = field(default_factory=set)
    runtimes: dict[Pod, set[Runtime]] = field(default_factory=dict)
    largest_node: Amounts = field(default_factory=Amounts)
    tells_restarts: bool = False
    problems: list[str] = field(default_factory=list)
    _keys: dict[Place, ContainerKey | None] = field(default_factory=dict, init=False)

    def key_of(self, place: Place) -> ContainerKey | None:
        """Once all facts are read: each place is looked up once."""
        if place not in self._keys:
            self._keys[place] = self._key_of(place)
        return self._keys[place]

    def _key_of(self, place: Place) -> ContainerKey | None:
        if (place.namespace, place.pod) in self.windows or not place.container:
            return None
        owner = self.owners.of(place.namespace, place.pod)
        if owner is None:
            return None
        return ContainerKey(namespace=place.namespace, kind=owner[0], workload=owner[1], container=place.container)

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


def read_facts(
    budget: Budget, queries: Queries, now: datetime, span_seconds: float, state: ClusterState | None
) -> Facts:
    """state: of the API, whose word on owners and sizes wins; None where there is none."""
    facts = Facts()

    def ask(name: str, take: Callable[[Rows], None]) -> None:
        try:
            take(budget.instant(name, queries.text(name, span_seconds), now))
        except BadDataError as error:
            facts.problems.append(f"{name}: {error.what}")

    if state is not None:
        facts.owners.add_cluster(state)
    ask("pod_owners", facts.owners.add_pods)
    ask("replicaset_owners", facts.owners.add_replicasets)
    ask("job_owners", facts.owners.add_jobs)
    ask("finished", lambda rows: facts.finished.update(map(_pod, rows)))
    ask("windows", lambda rows: facts.windows.update(map(_pod, rows)))
    ask("running", lambda rows: facts.running.update(place_of(labels) for labels, _ in rows))
    ask("restarts", lambda rows: _take_restarts(rows, facts))
    ask("crash_loops", lambda rows: facts.crash_loops.update(place_of(labels) for labels, _ in rows))
    ask("runtimes", lambda rows: _take_runtimes(rows, facts))
    ask("nodes", lambda rows: _take_nodes(rows, facts))
    return facts


def _pod(row: tuple[Mapping[str, str], float]) -> Pod:
    place = place_of(row[0])
    return (place.namespace, place.pod)


def _take_restarts(rows: Rows, facts: Facts) -> None:
    facts.tells_restarts = bool(rows)
    facts.restarts.update((place_of(labels), value) for labels, value in rows if labels)


def _take_runtimes(rows: Rows, facts: Facts) -> None:
    for labels, value in rows:
        facts.runtimes.setdefault(_pod((labels, value)), set()).add(Runtime(labels["runtime"]))


def _take_nodes(rows: Rows, facts: Facts) -> None:
    found: dict[ResourceName, float] = {}
    for labels, value in rows:
        if (name := resource_of(labels)) is not None:
            found[name] = max(found.get(name, 0.0), value)
    facts.largest_node = amounts_of(found)


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
