"""The requests that containers lack, and the guide's as a beginning: usage is not among what objects tell."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from advisor.model.finding import Finding
from advisor.model.knob import knob_target
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container, ContainerRole
from advisor.model.kubernetes.resources import Amounts, ResourceName
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.signal import signal
from advisor.settings.guide import GuideSettings
from advisor_rules.advice import advice
from advisor_rules.kubernetes.patch import nested, patch

MISSING = "kubernetes.missing_requests"
"""What is counted: pairs of a container and a resource that it does not ask for."""
_RUNS_ONCE = ("CronJob", "Job")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A container of the template that asks for nothing of some resources."""

    container: Container
    resources: tuple[ResourceName, ...]

    def __str__(self) -> str:
        return f"{self.container.name} ({' and '.join(self.resources)})"


def lacks(workload: Workload, names: Sequence[ResourceName] = tuple(ResourceName)) -> tuple[Lack, ...]:
    """Of its template and of what a webhook adds to its pods; one-shot init containers need none to run well."""
    pairs: dict[str, tuple[Container, list[ResourceName]]] = {}
    for name in names:
        for container in (*workload.template.without_request(name), *_injected(workload, name)):
            pairs.setdefault(container.name, (container, []))[1].append(name)
    return tuple(Lack(container=container, resources=tuple(found)) for container, found in pairs.values())


def _injected(workload: Workload, name: ResourceName) -> Iterator[Container]:
    if workload.template.pod.requests.of(name) is None:
        yield from (one for one in workload.injected if one.resources.requests.of(name) is None)


def closed(cluster: ClusterState, workload: Workload, names: Sequence[ResourceName]) -> str:
    """Why nobody but a person may think about its requests, "" where nothing speaks against it."""
    if workload.meta.namespace in cluster.going:
        return f"the namespace {workload.meta.namespace} is being deleted"
    if workload.meta.is_mirror:
        return "a file on its node makes it: only that file can be changed"
    if workload.rollout.in_progress:
        return workload.rollout.in_progress
    for vpa in cluster.vpas_of(workload):
        if vpa.acts and vpa.controlled & set(names):
            told = ", ".join(f"{name}: {amounts}" for name, amounts in vpa.recommended.items())
            return f"VPA {vpa.meta.name} ({vpa.mode}) writes its requests" + (f"; it recommends {told}" if told else "")
    return ""


def request_proposal(
    finding: Finding, cluster: ClusterState, workload: Workload, found: Sequence[Lack], guide: GuideSettings
) -> Sequence[Proposal]:
    """The guide's requests for what the template lacks. What a webhook adds is set where the webhook has it from."""
    names = [name for name in ResourceName if any(name in lack.resources for lack in found)]
    if reason := closed(cluster, workload, names):
        return NoProposal(reason)
    ours = [lack for lack in found if not lack.container.is_injected]
    if not ours:
        injected = ", ".join(lack.container.name for lack in found)
        return NoProposal(
            f"{injected} is injected and not in the template: set its requests where the injector has them"
        )
    wanted = _wanted(workload, guide)
    text = patch(cluster, workload.meta, workload.edited, [_change(workload, ours, part) for part in (wanted, None)])
    base = advice(
        finding,
        change="k8s.resources",
        what=text.apply,
        rationale="the scheduler sets aside what is asked for, and nothing for who does not ask; the guide's "
        "recommended settings are a beginning where usage is not known",
        metric=signal(MISSING, cluster=cluster.name, namespace=workload.meta.namespace, workload=workload.meta.name),
    )
    asked = [f"{one.container.name} {_only(wanted, one.resources)}" for one in ours]
    return (
        replace(
            base,
            target=knob_target("k8s.resources", **_labels(cluster, workload)),
            current="no request",
            proposed="; ".join(asked),
            undo=text.undo,
            doubts=tuple(_doubts(cluster, workload, ours, wanted)),
            alternatives=("the 95th percentile of the measured usage with a margin, once Prometheus is read",),
        ),
    )


def _labels(cluster: ClusterState, workload: Workload) -> dict[str, str]:
    edited = workload.edited
    return {
        "cluster": cluster.name,
        "namespace": workload.meta.namespace,
        "kind": edited.kind,
        "name": edited.name,
    }


def _wanted(workload: Workload, guide: GuideSettings) -> Amounts:
    rows = guide.kubernetes
    row = rows.job_request if workload.meta.kind in _RUNS_ONCE else rows.service_request
    return Amounts(cpu_cores=Fraction(str(row.cpu_cores)), memory_bytes=row.memory_bytes)


def _only(wanted: Amounts, names: Sequence[ResourceName]) -> Amounts:
    return Amounts(
        cpu_cores=wanted.cpu_cores if ResourceName.CPU in names else None,
        memory_bytes=wanted.memory_bytes if ResourceName.MEMORY in names else None,
    )


def _change(workload: Workload, found: Sequence[Lack], wanted: Amounts | None) -> Mapping[str, Any]:
    """wanted: None takes the requests away again. Other resources of the same containers stay as they are."""
    lists: dict[str, list[Mapping[str, Any]]] = {}
    for lack in found:
        requests = {name.value: _value(name, wanted) for name in lack.resources}
        place = "containers" if lack.container.role is ContainerRole.APP else "initContainers"
        lists.setdefault(place, []).append({"name": lack.container.name, "resources": {"requests": requests}})
    return nested(workload.template.path, lists)


def _value(name: ResourceName, wanted: Amounts | None) -> str | None:
    amount = wanted.of(name) if wanted is not None else None
    return None if amount is None else name.show(amount)


def _doubts(cluster: ClusterState, workload: Workload, found: Sequence[Lack], wanted: Amounts) -> Iterator[str]:
    yield "its usage was not read: compare with `kubectl top pods --containers` first"
    if note := workload.meta.reconciler_note:
        yield note
    if workload.rollout.waits_for:
        yield workload.rollout.waits_for
    pods = (workload.replicas or 1) + _surge(workload)
    for quota in cluster.quotas:
        if quota.namespace != workload.meta.namespace:
            continue
        for name in ResourceName:
            more = sum(Fraction(wanted.of(name) or 0) for lack in found if name in lack.resources) * pods
            room = quota.room(name)
            if more and room is not None and more > room:
                amount = name.show(more if name is ResourceName.CPU else int(more))
                left = name.show(max(room, 0))
                yield f"ResourceQuota {quota.name} has room for {left} of {name}, and {pods} pods ask for {amount}"
            if quota.hard_limits.of(name) is not None and any(
                lack.container.resources.limits.of(name) is None for lack in found
            ):
                yield f"ResourceQuota {quota.name} demands a limit of {name} for every container as well"


def _surge(workload: Workload) -> int:
    """Pods that a rollout has above the wanted ones."""
    text = workload.rollout.surge
    share = text.removesuffix("%")
    if not share.isdecimal():
        return 0
    return math.ceil((workload.replicas or 1) * int(share) / 100) if text.endswith("%") else int(share)
