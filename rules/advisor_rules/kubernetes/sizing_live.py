"""Sizes as the knob takes them, and what carrying them out is worth. Pure."""

from collections.abc import Sequence

from advisor.model.kubernetes.resources import Amount, ResourceName
from advisor.model.kubernetes.sizes import NOTHING, join_sizes, size_text, target_text
from advisor.model.kubernetes.workload import Reconciler, Workload
from advisor_rules.kubernetes.objects.trial import Worth, saved_by
from advisor_rules.kubernetes.scaling.pair import Pair
from advisor_rules.kubernetes.sizing.size import Fault, Size


def is_foreign(pair: Pair) -> bool:
    """Whether a live value of the autoscaler is somebody else's to move."""
    return pair.hpa.meta.reconciler is not Reconciler.NOBODY or pair.hpa.meta.owner is not None


def exact(sizes: Sequence[Size], pair: Pair | None) -> tuple[str, str]:
    """As the knob takes them: both name the same fields."""
    old = [
        _part(size, size.container.written.requests.of(size.name), size.container.written.limits.of(size.name))
        for size in sizes
    ]
    new = [_part(size, size.new_request, size.new_limit) for size in sizes]
    if pair is not None:
        old.append(target_text(pair.hpa.meta.name, pair.percent))
        new.append(target_text(pair.hpa.meta.name, pair.new_percent))
    return join_sizes(old), join_sizes(new)


def _part(size: Size, request: Amount | None, limit: Amount | None) -> str:
    """What the server fills in is not written: nothing is there, and nothing is put back."""
    return size_text(
        size.container.name,
        size.name,
        request=(NOTHING if request is None else request) if size.changes_request else None,
        limit=(NOTHING if limit is None else limit) if size.changes_limit else None,
    )


def worth_of(fault: Fault, workload: Workload, sizes: Sequence[Size], price: float) -> Worth:
    """The share that is lacking, as if callers waited that much of the time; of what is saved, at overload's price."""
    if fault is not Fault.OVER:
        lacks = [1 - float(one.request) / max(one.target.request, float(one.request), 1e-9) for one in sizes]
        return Worth(gain=max([0.01, *lacks]))
    shares = [1 - float(one.new_request or one.request) / float(one.request) for one in sizes if one.request]
    is_cpu = any(one.name is ResourceName.CPU and one.changes_request for one in sizes)
    name = "deployment.requested_cores" if is_cpu else "deployment.requested_bytes"
    return Worth(gain=max([0.0, *shares]) / price, saves=saved_by(name, workload))
