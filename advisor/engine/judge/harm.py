"""How much worse a guardrail's metric may get, and how much worse it may have got. Pure."""

import math

from advisor.engine.judge.contrast import Contrast
from advisor.model.change import Guardrail
from advisor.model.proposal import Better

_POWER = 0.9


def allowed(rail: Guardrail, found: Contrast) -> float:
    """The share by which the metric may get worse."""
    return max(rail.maximum_harm_ratio, rail.slack / found.level if found.level > 0 else 0.0)


def worst(rail: Guardrail, found: Contrast, alpha: float) -> float:
    """The share by which the metric got worse at most, but for a chance of `alpha`."""
    return found.ratio_high(alpha) - 1 if rail.better is Better.LOWER else 1 - found.ratio_low(alpha)


def is_too_uneven(rail: Guardrail, found: Contrast, alpha: float) -> bool:
    """Whether a metric that a change leaves alone would fail to rule harm out more often than one time in ten.

    found: of a trial that shows the past again. Noise moves such a metric by itself, beside the doubt that it leaves.
    """
    if found.step is None:
        return False
    reach = found.step.bound(alpha) + found.step.bound(1 - _POWER)
    share = math.expm1(min(reach, 700)) if rail.better is Better.LOWER else -math.expm1(-reach)
    return share >= allowed(rail, found)
