"""Whether a changed workload still fits: the largest node, the pod's LimitRange, the quotas of its namespace."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import PodTemplate
from advisor.model.kubernetes.resources import Amount, Amounts, ResourceName, Resources
from advisor.model.kubernetes.usage import ClusterUsage
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


def too_large(cluster: ClusterState, usage: ClusterUsage, workload: Workload, changed: PodTemplate) -> Iterator[str]:
    """Each reason why more does not fit; nothing for what asks for no more than before."""
    for name in ResourceName:
        before, after = workload.template.request().of(name), changed.request().of(name)
        if after is None or before is None or after <= before:
            continue
        node = cluster.largest_node.or_else(usage.largest_node).of(name)
        if node is not None and after > node:
            yield f"a pod would ask for {name.show(after)} of {name}, and the largest node has {name.show(node)}"
        for bounds in cluster.limit_ranges:
            most = bounds.largest_pod.of(name)
            if bounds.namespace == workload.meta.namespace and most is not None and after > most:
                yield f"LimitRange {bounds.name} allows a pod {name.show(most)} of {name}, not {name.show(after)}"
        yield from _quotas(cluster, workload, name, Fraction(before), Fraction(after))


def _quotas(
    cluster: ClusterState, workload: Workload, name: ResourceName, before: Fraction, after: Fraction
) -> Iterator[str]:
    """At the peak of a rollout all pods are new ones, and the surge are old ones still."""
    pods = max(workload.replicas or 1, len(workload.pods))
    surge = workload.rollout.surge.of(pods)
    more = pods * (after - before) + surge * before
    for quota in cluster.quotas:
        room = quota.room(name) if quota.namespace == workload.meta.namespace else None
        if room is not None and more > room:
            shown = name.show(_whole(name, more))
            left = name.show(max(room, 0))
            yield f"ResourceQuota {quota.name} has room for {left} of {name}, and {shown} more is asked"


def _whole(name: ResourceName, amount: Fraction) -> Amount:
    return amount if name is ResourceName.CPU else math.ceil(amount)


def _with(amounts: Amounts, name: ResourceName, new: Amount | None) -> Amounts:
    if new is None:
        return amounts
    if name is ResourceName.CPU:
        return replace(amounts, cpu_cores=Fraction(new))
    return replace(amounts, memory_bytes=int(new))
