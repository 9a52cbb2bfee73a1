"""What a change of requests costs or saves in a month."""

from collections.abc import Sequence

from advisor.model.kubernetes.resources import ResourceName
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.sizing.size import Size

_GIB = 1024**3


def cost_a_month(sizes: Sequence[Size], pods: int, guide: SizingGuide) -> float:
    """Of all pods together, in `guide.currency`; below 0 where it saves."""
    total = 0.0
    for size in sizes:
        more = float(size.new_request or 0) - float(size.request)
        is_cpu = size.name is ResourceName.CPU
        total += more * (guide.price_core_month if is_cpu else guide.price_gib_month / _GIB)
    return total * pods


def cost_text(sizes: Sequence[Size], pods: int, guide: SizingGuide) -> str:
    """ "" where no price is set or no request changes."""
    cost = cost_a_month(sizes, pods, guide)
    if not cost:
        return ""
    return f"{'costs' if cost > 0 else 'saves'} {abs(cost):.2f} {guide.currency} a month for {pods} pods"
