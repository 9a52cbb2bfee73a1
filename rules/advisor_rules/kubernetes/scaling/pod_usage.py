"""What one pod of a workload uses, as an autoscaler adds it up: all containers that run, those of webhooks too."""

from collections.abc import Sequence
from fractions import Fraction

from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.resources import Amount, ResourceName
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.model.kubernetes.workload import Workload
from advisor.model.snapshot import Snapshot
from advisor_rules.kubernetes.sizing.measured import measured


def usages_of(snapshot: Snapshot, workload: Workload) -> Sequence[ContainerUsage]:
    """Of every container of its pods; empty where one of them was not measured, as a part is no pod."""
    names = {one.name for one in (*workload.template.running, *workload.injected)}
    found = {container.name: usage for container, usage in measured(snapshot, workload)}
    return list(found.values()) if names <= set(found) else []


def request_of(workload: Workload, name: ResourceName) -> Amount | None:
    """What an autoscaler divides by for a pod; None where one container says nothing, and it computes nothing."""
    of_pod = workload.template.pod.requests.of(name)
    if of_pod is not None:
        return of_pod
    amounts = [one.resources.requests.of(name) for one in (*workload.template.running, *workload.injected)]
    if any(amount is None for amount in amounts):
        return None
    return sum((amount for amount in amounts if amount is not None), start=Fraction(0)) or None


def pods_now(hpa: Hpa, usages: Sequence[ContainerUsage]) -> int:
    """As its status has them, else as many as were measured."""
    return hpa.replicas or max((one.pods for one in usages), default=0)


def cpu_p95(usages: Sequence[ContainerUsage]) -> float:
    """Cores of a pod that 95% of the time stays below, at most: its containers are seldom all busy at once."""
    return sum(one.cpu.p95 for one in usages if one.cpu is not None)
