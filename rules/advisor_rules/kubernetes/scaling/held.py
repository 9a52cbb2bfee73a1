"""How many pods a metric keeps whose value per pod does not change with their number. Pure."""

import math

from advisor.model.kubernetes.autoscaler import Hpa

TOLERANCE = 0.1
"""Of the controller, by default (--horizontal-pod-autoscaler-tolerance): so near to the target it changes nothing."""


def held_pods(percent: float, target: float, hpa: Hpa) -> int:
    """The pods below which it never lets the autoscaler go, whatever the load; its maximum where it only goes up.

    Each sync wants ceil(pods x percent / target). Within the tolerance that is what there is, so pods that another
    metric added stay. Below it, rounding up stops at the largest n with n x (1 - percent / target) < 1.
    """
    ratio = percent / target
    if ratio >= 1 - TOLERANCE:
        return hpa.max_replicas
    stuck = math.ceil(round(1 / (1 - ratio), 9)) - 1
    return max(hpa.fewest, min(stuck, hpa.max_replicas))


def held_text(percent: float, target: float, hpa: Hpa) -> str:
    """What that means, in a sentence."""
    ratio, held = percent / target, held_pods(percent, target, hpa)
    at = f"at {percent:.0f}% of the request with a target of {target:.0f}%"
    if ratio > 1 + TOLERANCE:
        return f"{at} it goes up to its maximum of {held} and stays there, as no new pod brings the mean down"
    if ratio >= 1 - TOLERANCE:
        return f"{at} it wants as many pods as there are, so that pods once added are never taken away"
    if held > hpa.fewest:
        return f"{at} rounding up keeps {held} pods, where the minimum is {hpa.fewest}"
    return f"{at} it asks for no pod above the minimum of {hpa.fewest}, whatever the load is"
