"""What a changed pod template runs into: what autoscalers divide by, disruption budgets, and a want of room."""

from collections.abc import Iterator
from dataclasses import replace

from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import PodTemplate
from advisor.model.kubernetes.workload import Workload
from advisor_rules.kubernetes.objects.hold import divisor
from advisor_rules.kubernetes.sizing.room import perhaps_too_large, pods_of, shown, too_large


def bounds(cluster: ClusterState, workload: Workload, changed: PodTemplate) -> Iterator[str]:
    """Each in words, with the name of the object that says so; nothing where there is room for it."""
    after = replace(workload, template=changed)
    for hpa in cluster.hpas_of(workload):
        yield from _loads(hpa, workload, after)
    yield from too_large(cluster, workload, changed)
    yield from perhaps_too_large(cluster, workload, changed)
    for budget in cluster.disruption_budgets_of(workload):
        if budget.never_allows_any(pods_of(cluster, workload)):
            yield f"PodDisruptionBudget {budget.name} allows no eviction: a rollout does not ask it, so ask its author"


def _loads(hpa: Hpa, before: Workload, after: Workload) -> Iterator[str]:
    """A percentage means another load with another request: request and target are one change."""
    for metric in hpa.metrics:
        name = metric.divides_by
        if name is None:
            continue
        old, new = divisor(metric, name, before), divisor(metric, name, after)
        if new is not None and new != old:
            load = shown(name, new * metric.value / 100)
            yield f"{hpa.title} then scales at {load} of {name} a pod, {metric.value}% of {shown(name, new)}"
