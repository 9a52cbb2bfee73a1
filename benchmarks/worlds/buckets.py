"""Latency as a Prometheus histogram shows it: counts at or below each bound, and a quantile interpolated in them."""

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np

from worlds.latent import Histogram
from worlds.signals import STEP_SECONDS, Array

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, np.inf)
"""The default buckets of Prometheus' client libraries."""
_SCRAPES = 4
"""That a rate reaches over: a minute."""

_HEIGHTS = np.linspace(-6.0, 6.0, 1201)
_NORMAL = np.array([NormalDist().cdf(height) for height in _HEIGHTS])


def counted(histogram: Histogram, latency: Array, load: Array, source: np.random.Generator) -> Mapping[float, Array]:
    """Requests per second at or below each bound. latency: logarithm of a factor that both modes follow."""
    shares = np.empty((len(BOUNDS), len(load)))
    median, apart = np.log(histogram.fast) + latency, float(np.log(histogram.slow)) / histogram.spread
    for row, bound in zip(shares[:-1], BOUNDS[:-1], strict=True):
        height = (np.log(bound) - median) / histogram.spread
        fast, slow = (np.interp(height - by, _HEIGHTS, _NORMAL) for by in (0.0, apart))
        row[:] = fast + histogram.slow_share * (slow - fast)
    shares[-1] = 1.0
    means = np.diff(shares, axis=0, prepend=0.0) * (load * STEP_SECONDS)
    counts = np.cumsum(source.poisson(np.maximum(means, 0.0)), axis=0)
    total = np.cumsum(np.pad(counts, ((0, 0), (_SCRAPES, 0))), axis=1)
    rates = (total[:, _SCRAPES:] - total[:, :-_SCRAPES]) / (_SCRAPES * STEP_SECONDS)
    return dict(zip(BOUNDS, rates, strict=True))


def quantile(share: float, buckets: Mapping[float, Array]) -> Array:
    """`histogram_quantile`: linear within the bucket, and the last finite bound where it lies beyond."""
    bounds, rates = np.array(list(buckets)), np.array(list(buckets.values()))
    wanted = share * rates[-1]
    place = np.minimum((rates < wanted).sum(axis=0), len(bounds) - 2)
    low = np.where(place > 0, bounds[place - 1], 0.0)
    across = np.arange(rates.shape[1])
    below = np.where(place > 0, rates[place - 1, across], 0.0)
    within = np.maximum(rates[place, across] - below, 1e-12)
    part = np.clip((wanted - below) / within, 0.0, 1.0)
    return np.where(rates[-1] > 0, low + (bounds[place] - low) * part, np.nan)
