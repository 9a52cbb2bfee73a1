"""What a look gives: every container with its days and the percentiles over them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from advisor.model.kubernetes.cluster import Unread
from advisor.model.kubernetes.usage import ClusterUsage, ContainerKey, ContainerUsage, Runtime
from advisor.sources.kubernetes_usage.answers.asking import Budget
from advisor.sources.kubernetes_usage.facts import Facts, Pod
from advisor.sources.kubernetes_usage.history import Days
from advisor.sources.kubernetes_usage.plan import Plan
from advisor.sources.kubernetes_usage.probe import Probe
from advisor.sources.kubernetes_usage.tallies.day_tally import DigestedDay
from advisor.sources.kubernetes_usage.tallies.sketches import spreads, together
from advisor.sources.kubernetes_usage.tallies.tally import Tally

_IRATE = "usage is a recording rule's, over irate: its peaks are chance"
_OF_PODS = "kube_pod_owner"
_BETWEEN = {"kube_replicaset_owner": "ReplicaSet", "kube_job_owner": "Job"}
_Workload = tuple[str, str, str]


def cluster_usage(
    now: datetime, days: Days, facts: Facts, tally: Tally, how: tuple[Plan, Probe, Budget, float]
) -> ClusterUsage:
    """how: the look was planned, what it found first, what it cost; and the half-life of a point in seconds."""
    todo, probe, budget, half_life_seconds = how
    pods, restarts, loops, runtimes = facts.pods, facts.restarts_by_key, facts.crash_loop_keys, _runtimes(facts)
    own: dict[ContainerKey, list[tuple[date, DigestedDay]]] = {}
    for day, containers in sorted(days.items()):
        for key, digest in containers.items():
            own.setdefault(key, []).append((day, digest))
    usages = weighed({key: own[key] for key in sorted(own, key=str)}, now.date(), half_life_seconds)
    found = {
        key: replace(
            usage,
            pods=pods[key],
            restarts=round(restarts.get(key, 0.0)),
            is_crash_looping=key in loops,
            is_throttling_measured=key in tally.throttled,
            runtimes=frozenset(runtimes.get((key.namespace, key.kind, key.workload), ())),
        )
        for key, usage in usages.items()
    }
    notes = [*probe.notes, *todo.notes, *facts.problems]
    return ClusterUsage(
        taken_at=now,
        containers=found,
        largest_node=facts.largest_node,
        left_out=tuple(_left_out(facts)),
        notes=tuple(notes if probe.is_raw or not any(one.cpu for one in found.values()) else [*notes, _IRATE]),
        queries=budget.queries,
        points=budget.points,
    )


def weighed(
    own: Mapping[ContainerKey, Sequence[tuple[date, DigestedDay]]], today: date, half_life_seconds: float
) -> dict[ContainerKey, ContainerUsage]:
    """own: of each container its days, oldest first; the points of an older one weigh less."""
    parts = {
        key: [(one, 0.5 ** ((today - day).days * 86_400 / half_life_seconds)) for day, one in days]
        for key, days in own.items()
    }
    cpu = spreads([together((one.cpu, weight) for one, weight in several) for several in parts.values()])
    memory = spreads([together((one.memory, weight) for one, weight in several) for several in parts.values()])
    return {
        key: ContainerUsage(key=key, days=tuple(one.day for one, _ in several), cpu=cpu[at], memory=memory[at])
        for at, (key, several) in enumerate(parts.items())
    }


def _runtimes(facts: Facts) -> dict[_Workload, set[Runtime]]:
    found: dict[_Workload, set[Runtime]] = {}
    for (namespace, pod), kinds in facts.runtimes.items():
        if owner := facts.owners.of(namespace, pod):
            found.setdefault((namespace, *owner), set()).update(kinds)
    return found


def _left_out(facts: Facts) -> Iterator[Unread]:
    places = {(namespace, *(facts.owners.of(namespace, pod) or ("Pod", pod))) for namespace, pod in facts.windows}
    for namespace, kind, name in sorted(places):
        yield Unread(what=f"{kind} {namespace}/{name}", why="not sized: Windows")
    unknown: dict[str, set[Pod]] = {}
    for pod in {(place.namespace, place.pod) for place in facts.running}:
        if missing := facts.owners.untold(*pod):
            unknown.setdefault(missing, set()).add(pod)
    for missing, pods in sorted(unknown.items()):
        yield Unread(
            what=f"{len(pods)} pods, such as {'/'.join(min(pods))}",
            why="nobody says who owns them"
            if missing == _OF_PODS
            else f"nobody says who owns their {_BETWEEN[missing]}",
            fix=f"let kube-state-metrics show {missing}, or give the API",
        )
