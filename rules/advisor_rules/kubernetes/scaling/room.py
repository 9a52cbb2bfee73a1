"""How many pods of a workload the nodes and the quotas of its namespace have room for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """most: None where nothing that was read bounds it. why: what does, "" for nothing.

    perhaps: what would bound it more closely if it counts these pods, which is not known.
    """

    most: int | None = None
    why: str = ""
    perhaps: tuple[str, ...] = ()


def room_of(cluster: ClusterState, workload: Workload) -> Room:
    """The pods that are there, and as many more as fit into what nobody asks for; pods are not packed onto nodes."""
    rooms = [*_by_quotas(cluster, workload, counts=True), *_by_nodes(cluster, workload)]
    perhaps = tuple(
        f"{room.why}, if it counts these pods, which is not known"
        for room in _by_quotas(cluster, workload, counts=None)
    )
    return replace(min(rooms, key=lambda room: room.most or 0, default=Room()), perhaps=perhaps)


def _by_quotas(cluster: ClusterState, workload: Workload, *, counts: bool | None) -> Iterator[Room]:
    """Of those that count its pods, or of which that is not known."""
    for quota in cluster.quotas:
        if quota.covers(workload, workload.template) is not counts:
            continue
        for name in ResourceName:
            left = quota.room(name)
            if left is not None:
                yield from _room(workload, name, Fraction(left), f"ResourceQuota {quota.name} has room for")


def _by_nodes(cluster: ClusterState, workload: Workload) -> Iterator[Room]:
    nodes = [node for node in cluster.nodes if node.takes_pods]
    for name in ResourceName:
        there = [Fraction(amount) for node in nodes if (amount := node.allocatable.of(name)) is not None]
        if there:
            asked = sum((_asked(one, name) for one in cluster.workloads if not one.is_over), start=Fraction(0))
            yield from _room(workload, name, sum(there, start=Fraction(0)) - asked, "the nodes have room for")


def _room(workload: Workload, name: ResourceName, left: Fraction, says: str) -> Iterator[Room]:
    each = workload.template.request().of(name)
    if each:
        most = _pods(workload) + max(0, math.floor(left / each))
        yield Room(most=most, why=f"{says} {most} pods of {name.show(each)} of {name}")


def _asked(workload: Workload, name: ResourceName) -> Fraction:
    return _pods(workload) * Fraction(workload.template.request().of(name) or 0)


def _pods(workload: Workload) -> int:
    return max(workload.replicas or 0, len(workload.pods))
