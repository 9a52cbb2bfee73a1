"""What a change of requests sets aside, and what that costs or saves in a month."""

from collections.abc import Iterable, Sequence

from advisor.model.kubernetes.resources import Amounts, ResourceName, total
from advisor.model.proposal import Reservation
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.sizing.size import Size

_GIB = 1024**3


def reservation(cores: float, memory_bytes: float, pods: int, guide: SizingGuide) -> Reservation:
    """cores, memory_bytes: more than now for one pod."""
    cost = cores * guide.price_core_month + memory_bytes / _GIB * guide.price_gib_month
    has_price = bool(guide.price_core_month or guide.price_gib_month)
    return Reservation(
        cores=cores * pods,
        memory_bytes=memory_bytes * pods,
        cost_a_month=cost * pods if has_price else None,
        currency=guide.currency if has_price else "",
    )


def reserved(sizes: Sequence[Size], pods: int, guide: SizingGuide) -> Reservation:
    """Of all pods together."""
    more = dict.fromkeys(ResourceName, 0.0)
    for size in sizes:
        if size.new_request is not None:
            more[size.name] += float(size.new_request) - float(size.request)
    return reservation(more[ResourceName.CPU], more[ResourceName.MEMORY], pods, guide)


def newly_reserved(requests: Iterable[Amounts], pods: int, guide: SizingGuide) -> Reservation:
    """Of containers that asked for nothing of these."""
    wanted = total(requests)
    return reservation(float(wanted.cpu_cores or 0), float(wanted.memory_bytes or 0), pods, guide)


def cost_text(found: Reservation, pods: int) -> str:
    """ "" where no price is set or no request changes."""
    cost = found.cost_a_month
    if not cost:
        return ""
    return f"{'costs' if cost > 0 else 'saves'} {abs(cost):.2f} {found.currency} a month for {pods} pods"
