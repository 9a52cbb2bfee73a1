"""A few named numbers that tell load patterns apart. They do not depend on the unit or the size of the demand."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

NAMES = ("swing", "growth", "roughness", "burst_share", "bursts_a_day", "peak_ratio", "jump")
_BURST = 1.35
_SMOOTH_MINUTES = 121
_JUMP_MINUTES = 5

Array = NDArray[np.float64]


def features(days: Sequence[Sequence[float]]) -> Mapping[str, float]:
    """Of at least two days, each a value a minute, all of one length, 0 or more; NaN where nothing is known.

    - swing: (highest - lowest hour) / mean of the average day, beyond what the growth explains
    - growth: share of the mean that is added each day (Theil and Sen's slope of the days' medians)
    - roughness: the middle half's width of what is left by the usual course, as a share of it
    - burst_share: of the minutes, those above 1.35 times the usual course
    - bursts_a_day: rows of such minutes, gaps of two minutes or less within one
    - peak_ratio: logarithm of the highest minute beside the usual course there
    - jump: logarithm of the largest rise within five minutes

    Raises ValueError where there are fewer than two days or hardly any values.
    """
    demand = np.asarray(days, dtype=np.float64)
    if demand.ndim != 2 or len(demand) < 2:
        raise ValueError("a load pattern needs at least two whole days of one length")
    if np.isfinite(demand).mean() < 0.5:
        raise ValueError("more than half of the days' values are missing")
    demand = _filled(demand)
    mean = max(float(demand.mean()), 1e-12)
    growth = _slope(np.median(demand, axis=1)) / mean
    level = demand / np.maximum(np.median(demand, axis=1, keepdims=True), 1e-12)
    profile = np.median(level, axis=0)
    hours = _smooth(np.tile(profile, 3), _SMOOTH_MINUTES)[len(profile) : 2 * len(profile)]
    relative = (level / np.maximum(hours[None, :], 1e-6)).ravel()
    above = _rows(relative > _BURST)
    low, high = np.quantile(relative, [0.25, 0.75])
    later, sooner = relative[_JUMP_MINUTES:], relative[:-_JUMP_MINUTES]
    return dict(
        zip(
            NAMES,
            (
                float(hours.max() - hours.min()),
                float(growth),
                float(high - low),
                float(above.mean()),
                float(np.sum(np.diff(above.astype(int), prepend=0) == 1)) / len(demand),
                float(np.log(max(relative.max(), 1e-6))),
                float(np.log(np.max(later / np.maximum(sooner, 0.05)))),
            ),
            strict=True,
        )
    )


def _filled(demand: Array) -> Array:
    """Holes take the value before them; at the beginning, that after."""
    flat = demand.ravel().copy()
    known = np.flatnonzero(np.isfinite(flat))
    places = np.searchsorted(known, np.arange(len(flat)), side="right") - 1
    return np.asarray(flat[known[np.maximum(places, 0)]].reshape(demand.shape))


def _slope(values: Array) -> float:
    slopes = [
        (values[later] - values[sooner]) / (later - sooner)
        for sooner in range(len(values))
        for later in range(sooner + 1, len(values))
    ]
    return float(np.median(slopes))


def _smooth(values: Array, width: int) -> Array:
    return np.convolve(values, np.ones(width) / width, mode="same")


def _rows(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With gaps of one or two filled in."""
    padded = np.pad(flags, 2)
    before = padded[1:-3] | padded[:-4]
    after = padded[3:-1] | padded[4:]
    return np.asarray(flags | (before & after))
