"""Where a series goes to another level and stays there for a while."""

from collections.abc import Sequence
from statistics import median

_MAD_TO_SIGMA = 1.4826
_DEVIATIONS = 5.0


def level_shifts(values: Sequence[float], reach: int, smallest: float) -> dict[int, float]:
    """{place: rise} of the steps by at least `smallest` that hold for `reach` points before and after them.

    place: the first point of the new level. A step is told by five deviations of what the means of neighbouring
    stretches usually differ by, so that neither noise that lasts, nor a trend, nor a cycle counts.
    """
    if len(values) < 4 * reach:
        return {}
    total = [0.0]
    for value in values:
        total.append(total[-1] + value)
    rises = {
        place: (total[place + reach] - 2 * total[place] + total[place - reach]) / reach
        for place in range(reach, len(values) - reach + 1)
    }
    usual = median(rises.values())
    deviation = _MAD_TO_SIGMA * median(abs(rise - usual) for rise in rises.values())
    least = max(smallest, _DEVIATIONS * deviation)
    found: dict[int, float] = {}
    for place in sorted(rises, key=lambda place: -abs(rises[place] - usual)):
        if abs(rises[place] - usual) < least:
            break
        if all(abs(place - other) >= reach for other in found):
            found[place] = rises[place] - usual
    return dict(sorted(found.items()))
