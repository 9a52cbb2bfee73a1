"""Counts of rare events against a rate, at any time and as often as one likes."""

import math

_SHAPE = 0.5


def evidence_against(rate: float, *, events: float, exposure: float) -> float:
    """Logarithm of how much better a mixture of all rates explains `events` in `exposure` than `rate` (> 0) does.

    Under `rate` it ever reaches log(1 / alpha) with a probability of at most alpha, however often one looks
    (Ville 1939; Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021). The mixture is a gamma distribution of
    shape 1/2 around `rate`, which gives a closed form for Poisson counts.
    """
    prior = _SHAPE / rate
    return (
        _SHAPE * math.log(prior)
        + math.lgamma(_SHAPE + events)
        - math.lgamma(_SHAPE)
        - (_SHAPE + events) * math.log(prior + exposure)
        - events * math.log(rate)
        + rate * exposure
    )


def is_above(rate: float, *, events: float, exposure: float, alpha: float) -> bool:
    """Whether the events prove a rate of more than `rate`; wrong at any time with a probability of at most `alpha`."""
    if exposure <= 0 or events / exposure <= rate:
        return False
    return rate <= 0 or evidence_against(rate, events=events, exposure=exposure) >= -math.log(alpha)


def is_below(rate: float, *, events: float, exposure: float, alpha: float) -> bool:
    """Whether the events prove a rate of less than `rate`; wrong at any time with a probability of at most `alpha`."""
    if rate <= 0 or exposure <= 0 or events / exposure >= rate:
        return False
    return evidence_against(rate, events=events, exposure=exposure) >= -math.log(alpha)


def rate_within(events: float, exposure: float, deviations: float) -> tuple[float, float]:
    """Lowest and highest rate that `deviations` standard deviations leave, by Wilson's score for a Poisson count."""
    if exposure <= 0:
        return 0.0, math.inf
    middle, reach = events + deviations**2 / 2, deviations * math.sqrt(events + deviations**2 / 4)
    return max(middle - reach, 0.0) / exposure, (middle + reach) / exposure
