"""How a metric follows its load, where that is no straight line of logarithms: it bends near saturation. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles

from advisor.stats.blocks import Blocks
from advisor.stats.least_squares import coefficients

_BENDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCurve:
    """Piecewise linear: from each of `knots` on, logarithms of the load, the slope grows by that of `slopes`.

    The first knot is the lowest load; `level` centres the curve on the loads that it was fitted to.
    """

    knots: tuple[float, ...]
    slopes: tuple[float, ...]
    level: float

    def at(self, load: float) -> float:
        """What the load adds to the logarithm of the metric; beyond what was seen, on along the last slope."""
        return _height(self.knots, self.slopes, load) - self.level


def load_curve(own: Blocks, load: Blocks, *, bends: bool) -> LoadCurve:
    """Of the blocks that are in both, at least one; a straight line unless it may bend, at six places at most."""
    loads = [load[block] for block in own if block in load]
    values = [value for block, value in own.items() if block in load]
    knots = [min(loads)]
    if bends:
        for knot in quantiles(loads, n=_BENDS + 1):
            if knot > knots[-1]:
                knots.append(knot)
    columns = [_centred([max(one - knot, 0.0) for one in loads]) for knot in knots]
    slopes = coefficients(_centred(values), columns)
    level = fmean(_height(knots, slopes, one) for one in loads)
    return LoadCurve(knots=tuple(knots), slopes=tuple(slopes), level=level)


def _height(knots: Sequence[float], slopes: Sequence[float], load: float) -> float:
    beyond = [slope * (load - knot) for knot, slope in zip(knots[1:], slopes[1:], strict=True) if load > knot]
    return slopes[0] * (load - knots[0]) + sum(beyond)


def _centred(values: Sequence[float]) -> list[float]:
    mean = fmean(values)
    return [value - mean for value in values]
