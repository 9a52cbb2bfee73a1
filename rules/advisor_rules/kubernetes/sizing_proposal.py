"""The sizes of a workload's containers as one proposal: a patch that is applied and undone as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from advisor.model.finding import Finding
from advisor.model.knob import knob_target
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import ContainerRole
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.usage import ClusterUsage
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import NoProposal, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.advice import advice
from advisor_rules.kubernetes.objects.patch import nested, patch
from advisor_rules.kubernetes.objects.subject import pods_of, workload_of
from advisor_rules.kubernetes.objects.trial import tried
from advisor_rules.kubernetes.scaling.pair import Pair, hpa_beside, in_order, paired, paths, played
from advisor_rules.kubernetes.scaling.told import drawn
from advisor_rules.kubernetes.sizing.cost import cost_text, reserved
from advisor_rules.kubernetes.sizing.exclusive import lost_cores
from advisor_rules.kubernetes.sizing.misfit import Misfit, misfits
from advisor_rules.kubernetes.sizing.reasons import autoscaled, reasons_text, why_not
from advisor_rules.kubernetes.sizing.room import changed_template, perhaps_too_large, too_large
from advisor_rules.kubernetes.sizing.size import Fault, Size, size_of
from advisor_rules.kubernetes.sizing_live import exact, is_foreign, worth_of


def sizing_proposal(
    fault: Fault, finding: Finding, snapshot: Snapshot, context: RuleContext, rationale: str
) -> Sequence[Proposal]:
    """Nothing where a container cannot be sized or the sizes do not fit, with the reason."""
    cluster, workload = workload_of(finding, snapshot)
    guide, usage = context.guide.kubernetes.sizing, snapshot.usage
    if usage is None:
        return NoProposal("its usage was not read")
    sizes, reasons, pair = _sized(fault, (cluster, workload), snapshot, guide)
    changed = changed_template(workload.template, sizes)
    beyond = list(too_large(cluster, workload, changed, usage.largest_node))
    if not sizes or beyond:
        return NoProposal("; ".join(dict.fromkeys([*reasons, *beyond])) or "nothing is known to be better")
    choice = None
    if pair is not None:
        told = f"HPA {pair.hpa.meta.name} aims at {pair.aim} of cpu a pod as before: {pair.new_percent}% of "
        told += (
            f"{ResourceName.CPU.show(pair.after)} instead of {pair.percent}% of {ResourceName.CPU.show(pair.before)}"
        )
        choice = played(pair, cluster, snapshot, context)
        rationale = "; ".join(filter(None, [rationale, told, paths(choice) if choice is not None else ""]))
    proposal = _proposal(fault, finding, (cluster, workload, usage), (sizes, pair), (context, rationale, snapshot))
    if choice is not None:
        proposal = replace(proposal, plots=(drawn(choice.today, choice.guide),))
    worth = worth_of(fault, workload, sizes, context.guide.kubernetes.scaling.overload_price)
    where = (cluster, workload, pair.hpa.meta if pair is not None and is_foreign(pair) else workload.meta)
    return (tried(proposal, where, exact(sizes, pair), worth, (snapshot, context)),)


def _sized(
    fault: Fault, where: tuple[ClusterState, Workload], snapshot: Snapshot, guide: SizingGuide
) -> tuple[Sequence[Size], Sequence[str], Pair | None]:
    """The sizes that change, why the others do not, and the autoscaler's target that goes with one of them."""
    cluster, workload = where
    sizes, reasons, pair = list[Size](), list[str](), None
    for misfit in misfits(snapshot, workload, fault, guide):
        against = list(why_not(cluster, workload, misfit.container, misfit.name, misfit.usage, guide))
        if against:
            reasons.append(reasons_text(against))
            continue
        scaler = autoscaled(cluster, workload, misfit.container, misfit.name)
        place = (cluster, workload, misfit.container)
        size = size_of(fault, misfit.name, place, misfit.usage, guide, is_autoscaled=bool(scaler))
        if scaler and misfit.name is ResourceName.CPU and pair is None:
            freed = size_of(fault, misfit.name, place, misfit.usage, guide, is_autoscaled=False)
            pair = _pair(cluster, workload, freed, guide)
            size = pair.size if pair is not None else size
        if size is not None and size.refusal:
            reasons.append(size.refusal)
        elif size is not None and (size.changes_request or size.changes_limit):
            sizes.append(size)
        elif scaler:
            told = f"{scaler} divides by the {misfit.name} request of {misfit.container.name}: "
            told += "size and target are one change"
            is_uneven = misfit.name is ResourceName.CPU and hpa_beside(cluster, workload) is not None
            reasons.append(f"{told}, and no whole percent up to 95 keeps their product" if is_uneven else told)
        else:
            reasons.append(f"the {misfit.name} of {misfit.container.name} is as far as a bound lets it")
    return sizes, reasons, pair


def _pair(cluster: ClusterState, workload: Workload, size: Size | None, guide: SizingGuide) -> Pair | None:
    """The request with the target of the autoscaler that divides by it; None where the two cannot go together."""
    hpa = hpa_beside(cluster, workload)
    if hpa is None or size is None or size.refusal or not size.changes_request:
        return None
    pair = paired(hpa, workload, size, guide)
    if pair is None:
        return None
    changed = changed_template(workload.template, [pair.size])
    bounds = [one for one in cluster.limit_ranges if one.namespace == workload.meta.namespace]
    return None if any(refusal for one in bounds for refusal in one.refusals(changed)) else pair


def _proposal(
    fault: Fault,
    finding: Finding,
    where: tuple[ClusterState, Workload, ClusterUsage],
    what: tuple[Sequence[Size], Pair | None],
    why: tuple[RuleContext, str, Snapshot],
) -> Proposal:
    cluster, workload, usage = where
    (sizes, pair), (context, rationale, snapshot) = what, why
    guide = context.guide.kubernetes.sizing
    changes = [_change(workload, sizes, is_new=is_new) for is_new in (True, False)]
    text = patch(cluster, workload.meta, workload.edited, changes)
    if pair is not None:
        text = in_order(cluster, pair, text)
    targets = (
        [] if pair is None else [f"HPA {pair.hpa.meta.name} target {one}%" for one in (pair.percent, pair.new_percent)]
    )
    edited = workload.edited
    pods = pods_of(workload)
    more = reserved(sizes, pods, guide)
    money = cost_text(more, pods)
    base = advice(
        finding,
        change="k8s.resources",
        what=text.apply,
        rationale=f"{rationale}; {money}" if money else rationale,
        metric=signal(finding.evidence[0].signal, cluster=cluster.name, namespace=workload.meta.namespace),
    )
    return replace(
        base,
        target=knob_target(
            "k8s.resources",
            cluster=cluster.name,
            namespace=workload.meta.namespace,
            kind=edited.resource,
            name=edited.name,
        ),
        current="; ".join([*(_shown(size, is_new=False) for size in sizes), *targets[:1]]),
        proposed="; ".join([*(_shown(size, is_new=True) for size in sizes), *targets[1:]]),
        risk=Risk.MEDIUM if fault is Fault.OVER else Risk.LOW,
        undo=text.undo,
        reserved=more,
        doubts=tuple(
            dict.fromkeys(_doubts(cluster, workload, sizes, misfits(snapshot, workload, fault, guide), usage))
        ),
        alternatives=tuple(_alternatives(cluster, workload, sizes)),
    )


def _change(workload: Workload, sizes: Sequence[Size], *, is_new: bool) -> Mapping[str, Any]:
    """Only the fields that change; other resources of the same containers stay as they are."""
    lists: dict[str, dict[str, dict[str, Any]]] = {}
    for size in sizes:
        place = "containers" if size.container.role is ContainerRole.APP else "initContainers"
        fields = lists.setdefault(place, {}).setdefault(size.container.name, {})
        if size.changes_request:
            old = size.container.written.requests.of(size.name)
            value = size.new_request if is_new else old
            fields.setdefault("requests", {})[size.name.value] = None if value is None else size.name.show(value)
        if size.changes_limit:
            old = size.container.written.limits.of(size.name)
            value = size.new_limit if is_new else old
            fields.setdefault("limits", {})[size.name.value] = None if value is None else size.name.show(value)
    named = {
        place: [{"name": name, "resources": fields} for name, fields in found.items()] for place, found in lists.items()
    }
    return nested(workload.template.path, named)


def _shown(size: Size, *, is_new: bool) -> str:
    request, limit = (size.new_request, size.new_limit) if is_new else (size.request, size.limit)
    parts = [f"request {size.name.show(request)}"] if request is not None and size.changes_request else []
    parts += [f"limit {size.name.show(limit)}"] if limit is not None and size.changes_limit else []
    return f"{size.container.name} {size.name} {' '.join(parts)}"


def _doubts(
    cluster: ClusterState, workload: Workload, sizes: Sequence[Size], found: Sequence[Misfit], usage: ClusterUsage
) -> Iterator[str]:
    runtimes = sorted({runtime for misfit in found for runtime in misfit.usage.runtimes})
    if runtimes and any(size.changes_limit for size in sizes):
        names = " and ".join(runtimes)
        yield f"{names} may size itself by the limit that it finds (heap, threads): its usage changes with it"
    for size in sizes:
        scaler = autoscaled(cluster, workload, size.container, size.name)
        if scaler and not size.changes_request:
            yield f"{scaler} divides by the {size.name} request, which stays: request and target are one change"
        elif scaler:
            yield "while the rollout lasts, pods of both requests are there, and more of them may be asked for"
        if size.target.is_cut_off:
            yield f"what {size.container.name} needs above its {size.name} limit was never seen"
        wanted = size.target.limit if size.fault is Fault.OOM and size.target.limit else size.target.request
        new = size.new_limit if size.fault is Fault.OOM and size.new_limit else size.new_request
        if new is not None and abs(float(new) - wanted) > 0.05 * wanted:
            yield f"one step of several: the {size.name} of {size.container.name} is aimed at {_round(size, wanted)}"
    changed = changed_template(workload.template, sizes)
    yield from lost_cores(workload, changed)
    yield from perhaps_too_large(cluster, workload, changed)
    if workload.meta.reconciler_note:
        yield workload.meta.reconciler_note
    if workload.rollout.waits_for:
        yield workload.rollout.waits_for
    yield from usage.notes


def _round(size: Size, wanted: float) -> str:
    return f"{wanted:.3g} cores" if size.name.value == "cpu" else f"{wanted / 1024**2:.0f}Mi"


def _alternatives(cluster: ClusterState, workload: Workload, sizes: Sequence[Size]) -> Iterator[str]:
    names = {size.container.name for size in sizes}
    for vpa in cluster.vpas_of(workload):
        told = [f"{name} {amounts}" for name, amounts in vpa.recommended.items() if name in names]
        if told:
            yield f"VPA {vpa.meta.name} recommends requests of {'; '.join(told)}"
