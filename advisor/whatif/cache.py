"""A cache's hit ratio at another TTL, from how soon its keys come back."""

import math
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from advisor.model.forecast import CacheForecast, Reuse

_ROUNDS = 300
_NEVER_CERTAIN = 1e-9


class ReuseCache:
    """Implements CacheModel for entries that live for a TTL from when they were stored.

    The keys are taken for a mixture of Poisson streams, fitted to the gaps between requests for the same key. A
    stream of rate r is loaded once and then hit for a TTL T, r T times on average: its hit ratio is r T / (1 + r T).
    (Jung, Berger, Balakrishnan: Modeling TTL-based Internet caches, INFOCOM 2003.) The share F(T) of gaps within T is
    the upper bound: it would be reached if every hit renewed the entry.
    """

    def forecast(self, reuse: Reuse, ttl_seconds: float) -> CacheForecast:
        streams = _fit(tuple(sorted(reuse.within.items())))
        expected = math.fsum(share * rate * ttl_seconds / (1 + rate * ttl_seconds) for rate, share in streams.items())
        upper = max(expected, _within(reuse.within, ttl_seconds))
        return CacheForecast(
            ttl_seconds=ttl_seconds,
            hit_ratio_low=max(0.0, expected - (upper - expected)),
            hit_ratio=expected,
            hit_ratio_high=upper,
            stale_ratio=_stale(reuse, ttl_seconds),
        )


def _stale(reuse: Reuse, ttl_seconds: float) -> float | None:
    """The share of answers that are older than the origin's value, when an entry's age is anything up to the TTL.

    Values are taken to change at random at a rate r, which follows from the share c of reloads that found another one:
    c = 1 - exp(-r t) for a reload after t. With t the least time to a reload, r is too high rather than too low. An
    answer of age a is out of date with the chance 1 - exp(-r a); its mean over 0 to T is 1 - (1 - exp(-r T)) / (r T).
    """
    if reuse.change_ratio is None:
        return None
    rate = math.log(1 / max(_NEVER_CERTAIN, 1 - reuse.change_ratio)) / reuse.reload_seconds
    changes = rate * ttl_seconds
    return 1 + math.expm1(-changes) / changes if changes > 0 else 0.0


@lru_cache(maxsize=64)  # a rule tries one TTL after the other on the same gaps
def _fit(buckets: tuple[tuple[float, float], ...]) -> Mapping[float, float]:
    """Shares by rate of a mixture of exponential gaps, by expectation and maximisation over the buckets.

    One stream for each bucket, with the rate at which gaps of that length are typical. Requests that came later than
    the last bucket, or for the first time, belong to no stream.
    """
    within = dict(buckets)
    bounds = sorted(bound for bound in within if math.isfinite(bound))
    edges = list(zip([0.0, *bounds], bounds, strict=False))
    weights = [max(0.0, within[high] - within.get(low, 0.0)) for low, high in edges]
    total = math.fsum(weights)
    if total <= 0:
        return {}
    rates = [1 / math.sqrt(max(low, high / 4) * high) for low, high in edges]
    chances = [[math.exp(-rate * low) - math.exp(-rate * high) for low, high in edges] for rate in rates]
    shares = [1 / len(rates)] * len(rates)
    for _ in range(_ROUNDS):
        expected = [
            math.fsum(share * row[k] for share, row in zip(shares, chances, strict=True)) or 1e-300
            for k in range(len(edges))
        ]
        shares = [
            share * math.fsum(weights[k] / total * row[k] / expected[k] for k in range(len(edges)))
            for share, row in zip(shares, chances, strict=True)
        ]
    return {rate: share * total for rate, share in zip(rates, shares, strict=True)}


def _within(within: Mapping[float, float], seconds: float) -> float:
    """F(seconds), straight between the buckets on a logarithmic scale."""
    bounds = sorted(bound for bound in within if math.isfinite(bound))
    if not bounds:
        return 0.0
    if seconds <= bounds[0]:
        return within[bounds[0]] * seconds / bounds[0]
    for low, high in pairwise(bounds):
        if seconds <= high:
            part = math.log(seconds / low) / math.log(high / low)
            return within[low] + part * (within[high] - within[low])
    return within[bounds[-1]]
