"""A proposal of the requests that containers lack, as a patch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from advisor.model.finding import Finding
from advisor.model.knob import knob_target
from advisor.model.kubernetes.autoscaler import Vpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container, ContainerRole, PodTemplate
from advisor.model.kubernetes.resources import Amount, Amounts, ResourceName
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.settings.guide import GuideSettings
from advisor_rules.advice import advice
from advisor_rules.kubernetes.objects.patch import nested, patch
from advisor_rules.kubernetes.objects.subject import pods_of
from advisor_rules.kubernetes.sizing.bounds import bounds
from advisor_rules.kubernetes.sizing.cost import newly_reserved
from advisor_rules.kubernetes.sizing.first_request import first_requests, source_of, telling
from advisor_rules.kubernetes.sizing.lack import MISSING, Lack, closed_by_zero, lacks


def request_proposal(
    finding: Finding, snapshot: Snapshot, cluster: ClusterState, workload: Workload, guide: GuideSettings
) -> Sequence[Proposal]:
    """Requests for all that the template lacks. What a webhook adds is set where it has it from."""
    if reason := _closed(cluster, workload):
        return NoProposal(reason)
    found = lacks(workload)
    vpas = cluster.vpas_of(workload)
    ours = [_without_written(lack, vpas) for lack in found if not lack.container.is_injected]
    closed = tuple(_zero_limits(workload, ours))
    ours = [_only(lack, [one for one in lack.resources if one not in closed_by_zero(workload, lack)]) for lack in ours]
    ours = [lack for lack in ours if lack.resources]
    if not ours:
        return NoProposal("; ".join((*_why_not_ours(vpas, found), *closed)))
    used = telling(snapshot, workload, guide.kubernetes.sizing)
    wanted = first_requests(workload, ours, used, guide)
    changed = _changed(workload.template, wanted)
    changes = [_change(workload, ours, wanted), _change(workload, ours, _written(ours))]
    text = patch(cluster, workload.meta, workload.edited, changes)
    base = advice(
        finding,
        change="k8s.resources",
        what=text.apply,
        rationale=f"the scheduler sets aside what is asked for and no more; {source_of(ours, used)}",
        metric=signal(MISSING, cluster=cluster.name, namespace=workload.meta.namespace, workload=workload.meta.name),
    )
    return (
        replace(
            base,
            target=knob_target("k8s.resources", **_labels(cluster, workload)),
            current="no request",
            proposed="; ".join(f"{name} {amounts}" for name, amounts in wanted.items()),
            undo=text.undo,
            reserved=newly_reserved(wanted.values(), pods_of(workload), guide.kubernetes.sizing),
            doubts=(*closed, *_doubts(workload, found, used), *_left(vpas, found), *bounds(cluster, workload, changed)),
            alternatives=tuple(_alternatives(cluster, workload, used)),
        ),
    )


def _closed(cluster: ClusterState, workload: Workload) -> str:
    """Why nobody but a person may think about its requests, "" where nothing speaks against it."""
    if workload.meta.namespace in cluster.going:
        return f"the namespace {workload.meta.namespace} is being deleted"
    if workload.meta.is_mirror:
        return "a file on its node makes it: only that file can be changed"
    return workload.rollout.in_progress


def _without_written(lack: Lack, vpas: Sequence[Vpa]) -> Lack:
    """What no vertical autoscaler writes for that container."""
    written = {name for vpa in vpas for name in vpa.writes(lack.container.name)}
    return _only(lack, [name for name in lack.resources if name not in written])


def _only(lack: Lack, names: Sequence[ResourceName]) -> Lack:
    return replace(lack, resources=tuple(name for name in lack.resources if name in names))


def _why_not_ours(vpas: Sequence[Vpa], found: Sequence[Lack]) -> Iterator[str]:
    injected = ", ".join(lack.container.name for lack in found if lack.container.is_injected)
    if injected:
        yield f"{injected} is injected and not in the template: set its requests where the injector has them"
    yield from _left(vpas, found)


def _zero_limits(workload: Workload, found: Sequence[Lack]) -> Iterator[str]:
    """What stands in the way of a request, and what to do about it: whether 0 was meant, only its author knows."""
    for lack in found:
        if names := closed_by_zero(workload, lack):
            yield (
                f"{lack.container.name} has a limit of 0 {' and '.join(names)}: it runs as if it had none, but no "
                "server takes a request above it; take that limit away, then ask for something"
            )


def _left(vpas: Sequence[Vpa], found: Sequence[Lack]) -> Iterator[str]:
    """What lacks and is a vertical autoscaler's to write."""
    for vpa in vpas:
        written = [
            lack.container.name
            for lack in found
            if not lack.container.is_injected and not vpa.writes(lack.container.name).isdisjoint(lack.resources)
        ]
        if written:
            names = ", ".join(written)
            yield f"VPA {vpa.meta.name} ({vpa.mode}) writes the requests of {names}{_told(vpa, written)}"


def _told(vpa: Vpa, containers: Sequence[str]) -> str:
    told = ", ".join(f"{name}: {amounts}" for name, amounts in vpa.recommended.items() if name in containers)
    return f"; it recommends {told}" if told else ""


def _labels(cluster: ClusterState, workload: Workload) -> dict[str, str]:
    edited = workload.edited
    return {
        "cluster": cluster.name,
        "namespace": workload.meta.namespace,
        "kind": edited.resource,
        "name": edited.name,
    }


def _written(found: Sequence[Lack]) -> Mapping[str, Amounts]:
    """What stands in the manifest now: nothing, or a 0 that somebody wrote."""
    return {lack.container.name: lack.container.written.requests for lack in found}


def _changed(template: PodTemplate, wanted: Mapping[str, Amounts]) -> PodTemplate:
    def changed(container: Container) -> Container:
        requests = wanted[container.name].or_else(container.resources.requests)
        return replace(container, resources=replace(container.resources, requests=requests))

    return replace(
        template, containers=tuple(changed(one) if one.name in wanted else one for one in template.containers)
    )


def _change(workload: Workload, found: Sequence[Lack], amounts: Mapping[str, Amounts]) -> Mapping[str, Any]:
    """Other resources of the same containers stay as they are; what `amounts` does not say is taken away."""
    lists: dict[str, list[Mapping[str, Any]]] = {}
    for lack in found:
        said = amounts[lack.container.name]
        requests = {name.value: _value(name, said.of(name)) for name in lack.resources}
        place = "containers" if lack.container.role is ContainerRole.APP else "initContainers"
        lists.setdefault(place, []).append({"name": lack.container.name, "resources": {"requests": requests}})
    return nested(workload.template.path, lists)


def _value(name: ResourceName, amount: Amount | None) -> str | None:
    return None if amount is None else name.show(amount)


def _doubts(workload: Workload, found: Sequence[Lack], used: Mapping[str, ContainerUsage]) -> Iterator[str]:
    unknown = [lack.container.name for lack in found if lack.container.name not in used]
    if unknown:
        yield f"the usage of {', '.join(unknown)} is not known: compare with `kubectl top pods --containers` first"
    for note in (workload.meta.reconciler_note, workload.rollout.waits_for):
        if note:
            yield note
    for lack in found:
        if lack.container.is_injected:
            yield f"{lack.container.name} is injected and lacks a request too: set it where the injector has it"


def _alternatives(cluster: ClusterState, workload: Workload, used: Mapping[str, ContainerUsage]) -> Iterator[str]:
    if used:
        yield "the guide's recommended settings"
    else:
        yield "the 95th percentile of the measured usage with a margin, once Prometheus is read"
    for vpa in cluster.vpas_of(workload):
        for name, amounts in vpa.recommended.items():
            yield f"VPA {vpa.meta.name} ({vpa.mode}) recommends {amounts} for {name}"
