"""Numbers as a line of bars, for where no picture can be drawn."""

import itertools
import math
from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_WIDEST = 40


def sparkline(values: Sequence[float], width: int = _WIDEST) -> str:
    """`values` from zero to their largest, averaged down to `width` bars; "" where none is finite."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return ""
    count = min(width, len(finite))
    edges = [round(place * len(finite) / count) for place in range(count + 1)]
    means = [math.fsum(finite[start:end]) / (end - start) for start, end in itertools.pairwise(edges)]
    low, high = min(0.0, *means), max(0.0, *means)
    span = (high - low) or 1.0
    return "".join(_BARS[round((mean - low) / span * (len(_BARS) - 1))] for mean in means)
