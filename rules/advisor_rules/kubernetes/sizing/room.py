"""Whether a changed pod template still fits: the largest node, the LimitRanges and the quotas of its namespace."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import PodTemplate
from advisor.model.kubernetes.namespace import Quota
from advisor.model.kubernetes.resources import Amount, Amounts, ResourceName, Resources
from advisor.model.kubernetes.workload import Workload
from advisor_rules.kubernetes.sizing.size import Size


def changed_template(template: PodTemplate, sizes: Sequence[Size]) -> PodTemplate:
    """With what the sizes propose."""
    containers = []
    for container in template.containers:
        resources = container.resources
        for size in sizes:
            if size.container.name == container.name:
                resources = Resources(
                    requests=_with(resources.requests, size.name, size.new_request),
                    limits=_with(resources.limits, size.name, size.new_limit),
                )
        containers.append(replace(container, resources=resources))
    return replace(template, containers=tuple(containers))


def too_large(
    cluster: ClusterState, workload: Workload, changed: PodTemplate, seen_node: Amounts | None = None
) -> Iterator[str]:
    """Each reason why the changed pods find no room, with the name of the object that says so.

    What asks for no more than before needs no room; a LimitRange judges it all the same, as admission does.
    seen_node: the largest that usage tells of, for where nodes could not be read.
    """
    for quota in cluster.quotas:
        if quota.covers(workload, changed):
            yield from _beyond_quota(quota, workload, changed, pods_of(cluster, workload))
    for limit_range in cluster.limit_ranges:
        if limit_range.namespace == workload.meta.namespace:
            yield from limit_range.refusals(changed)
    largest = cluster.largest_node.or_else(seen_node or Amounts())
    for name in ResourceName:
        asked, most = changed.request().of(name), largest.of(name)
        if asked is not None and most is not None and asked > max(most, workload.template.request().of(name) or 0):
            yield f"no node has {shown(name, asked)} of {name}: the largest has {shown(name, most)}"


def perhaps_too_large(cluster: ClusterState, workload: Workload, changed: PodTemplate) -> Iterator[str]:
    """What stands against the changed pods if a quota counts them of which that cannot be told."""
    for quota in cluster.quotas:
        if quota.covers(workload, changed) is None:
            for reason in _beyond_quota(quota, workload, changed, pods_of(cluster, workload)):
                yield f"{reason}, if it counts these pods, which is not known ({scopes_of(quota)})"


def scopes_of(quota: Quota) -> str:
    """As a person reads them: "scopes Terminating, PriorityClass In low"."""
    return f"scopes {', '.join(map(str, quota.scopes))}"


def pods_of(cluster: ClusterState, workload: Workload) -> int:
    """How many there are at least: an autoscaler's minimum counts, whatever a manifest says."""
    fewest = [hpa.min_replicas for hpa in cluster.hpas_of(workload)]
    return max([workload.replicas or 1, len(workload.pods), *fewest])


def _beyond_quota(quota: Quota, workload: Workload, changed: PodTemplate, pods: int) -> Iterator[str]:
    """At the peak of the rollout all pods are new ones, and the surge are old ones still."""
    surge = workload.rollout.surge.of(pods)
    for name in ResourceName:
        old, new = (Fraction(one.request().of(name) or 0) for one in (workload.template, changed))
        old = old if quota.covers(workload, workload.template) is not False else Fraction(0)
        more, room = pods * (new - old) + surge * old, quota.room(name)
        if new > old and room is not None and more > room:
            asks = f"{pods} pods ask for {shown(name, more)} more"
            asks += f" while {surge} old ones are still there" if surge and old else ""
            yield f"ResourceQuota {quota.name} has room for {shown(name, max(room, 0))} of {name}, and {asks}"
        if quota.hard_limits.of(name) is not None and any(
            one.resources.limits.of(name) is None for one in changed.containers
        ):
            yield f"ResourceQuota {quota.name} demands a limit of {name} for every container as well"


def shown(name: ResourceName, amount: Amount) -> str:
    """Memory in whole bytes, upwards."""
    return name.show(amount if name is ResourceName.CPU else math.ceil(amount))


def _with(amounts: Amounts, name: ResourceName, new: Amount | None) -> Amounts:
    if new is None:
        return amounts
    if name is ResourceName.CPU:
        return replace(amounts, cpu_cores=Fraction(new))
    return replace(amounts, memory_bytes=int(new))
