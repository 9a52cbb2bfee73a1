"""What one look saw, as the state of a cluster."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.kinds import Kind, kind_of
from advisor.model.kubernetes.workload import ObjectRef, Place
from advisor.sources.kubernetes.assemble import assemble
from advisor.sources.kubernetes.objects import Objects
from advisor.sources.kubernetes_objects.keda import made_once

Missed = Callable[[Hpa, Kind | None], Hpa]
"""Gives an autoscaler whose target was not read, of a kind of ours or of none, with what is known of it, or why not."""


def state_of(look: ClusterState, objects: Objects, missed: Missed, unread_kinds: Iterable[str] = ()) -> ClusterState:
    """look: what is known of it before its objects are. unread_kinds: as `Kind.resource` names them."""
    put_together = assemble(objects, unread_kinds, is_live=look.is_live)
    known = {one.meta.place for one in put_together.workloads}
    taken_over = put_together.taken_over
    return replace(
        look,
        workloads=put_together.workloads,
        stray=put_together.stray,
        hpas=tuple(_aimed(made_once(objects.hpas), known, taken_over, missed)),
        vpas=tuple(objects.vpas),
        limit_ranges=tuple(objects.limit_ranges),
        quotas=tuple(objects.quotas),
        disruption_budgets=tuple(objects.disruption_budgets),
        nodes=tuple(objects.nodes),
        going=frozenset(objects.going),
        skipped=tuple(objects.skipped),
    )


def _aimed(
    hpas: Iterable[Hpa], known: set[Place], taken_over: Mapping[Place, ObjectRef], missed: Missed
) -> Iterator[Hpa]:
    for hpa in hpas:
        place = hpa.target.place(hpa.meta.namespace)
        if place in taken_over:
            yield replace(hpa, successor=taken_over[place])
        else:
            yield hpa if place in known else missed(hpa, kind_of(hpa.target.api_version, hpa.target.kind))


def counted(state: ClusterState) -> str:
    """What was seen, in a few words."""
    return f"{len(state.workloads)} workloads, {len(state.hpas)} autoscalers"
