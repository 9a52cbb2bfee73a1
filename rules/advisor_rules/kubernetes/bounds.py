"""What a changed pod template runs into: what autoscalers divide by, quotas, LimitRanges, nodes, disruption budgets."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import PodTemplate
from advisor.model.kubernetes.namespace import Quota
from advisor.model.kubernetes.resources import Amount, ResourceName
from advisor.model.kubernetes.workload import Workload
from advisor_rules.kubernetes.hold import divisor


def bounds(cluster: ClusterState, workload: Workload, changed: PodTemplate) -> Iterator[str]:
    """Each in words, with the name of the object that says so; nothing where there is room for it."""
    after = replace(workload, template=changed)
    for hpa in cluster.hpas_of(workload):
        yield from _loads(hpa, workload, after)
    for quota in cluster.quotas:
        if quota.namespace == workload.meta.namespace:
            yield from _beyond_quota(quota, workload, after, _pods(cluster, workload))
    for limit_range in cluster.limit_ranges:
        if limit_range.namespace == workload.meta.namespace:
            yield from limit_range.refusals(changed)
    for name in ResourceName:
        asked, most = changed.request().of(name), cluster.largest_node.of(name)
        if asked is not None and most is not None and asked > most:
            yield f"no node has {_shown(name, asked)} of {name}: the largest has {_shown(name, most)}"
    for budget in cluster.disruption_budgets_of(workload):
        if budget.never_allows_any(_pods(cluster, workload)):
            yield f"PodDisruptionBudget {budget.name} allows no eviction: a rollout does not ask it, so ask its author"


def _loads(hpa: Hpa, before: Workload, after: Workload) -> Iterator[str]:
    """A percentage means another load with another request: request and target are one change."""
    for metric in hpa.metrics:
        name = metric.divides_by
        if name is None:
            continue
        old, new = divisor(metric, name, before), divisor(metric, name, after)
        if new is not None and new != old:
            load = _shown(name, new * metric.value / 100)
            yield f"HPA {hpa.meta.name} then scales at {load} of {name} a pod, {metric.value}% of {_shown(name, new)}"


def _pods(cluster: ClusterState, workload: Workload) -> int:
    """How many there are at least: an autoscaler's minimum counts, whatever a manifest says."""
    fewest = [hpa.min_replicas for hpa in cluster.hpas_of(workload)]
    return max([workload.replicas or 1, len(workload.pods), *fewest])


def _beyond_quota(quota: Quota, before: Workload, after: Workload, pods: int) -> Iterator[str]:
    """At the peak of the rollout all pods are new ones, and the surge are old ones still."""
    surge = before.rollout.surge.of(pods)
    for name in ResourceName:
        old, new = (Fraction(one.template.request().of(name) or 0) for one in (before, after))
        more, room = pods * (new - old) + surge * old, quota.room(name)
        if new != old and room is not None and more > room:
            asks = f"{pods} pods ask for {_shown(name, more)} more"
            asks += f" while {surge} old ones are still there" if surge and old else ""
            yield f"ResourceQuota {quota.name} has room for {_shown(name, max(room, 0))} of {name}, and {asks}"
        if quota.hard_limits.of(name) is not None and any(
            one.resources.limits.of(name) is None for one in after.template.containers
        ):
            yield f"ResourceQuota {quota.name} demands a limit of {name} for every container as well"


def _shown(name: ResourceName, amount: Amount) -> str:
    return name.show(amount if name is ResourceName.CPU else int(amount))
