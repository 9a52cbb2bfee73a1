"""A few named numbers that tell load patterns apart. They do not depend on the unit or the size of the demand."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

NAMES = (
    "swing",
    "likeness",
    "growth",
    "roughness",
    "burst_share",
    "bursts_a_day",
    "peak_ratio",
    "rarity",
    "burst_days",
)
_BURST = 1.35
_STEP_MINUTES = 5
_HOUR = 60 // _STEP_MINUTES
_LEAST = 0.1
"""Of the day's median: where next to nothing is asked for, a little more is no burst."""

Array = NDArray[np.float64]


def features(days: Sequence[Sequence[float]]) -> Mapping[str, float]:
    """Of at least two days, each a value a minute, all of one length, 0 or more; NaN where nothing is known.

    Steps are means of five minutes, as single minutes of a small service are noise; calm is a step's running median of
    three hours.

    - swing: (highest - lowest of two hours) / median, of the average day
    - likeness: share of the hours' variance within days that the average day explains (0 to 1)
    - growth: share of the mean that is added each day (Theil and Sen's slope of the days' medians)
    - roughness: the middle half's width of what is left by the calm, as a share of it
    - burst_share: of the steps, those above 1.35 times the calm
    - bursts_a_day: rows of such steps
    - peak_ratio: logarithm of the highest step beside its calm
    - rarity: logarithm of that ratio beside the one that a tenth of the steps exceed
    - burst_days: share of the days that have such a row (0 to 1)

    Raises ValueError where there are fewer than two days or hardly any values.
    """
    demand = np.asarray(days, dtype=np.float64)
    if demand.ndim != 2 or len(demand) < 2 or demand.shape[1] < 60:
        raise ValueError("a load pattern needs at least two whole days of one length")
    if np.isfinite(demand).mean() < 0.5:
        raise ValueError("more than half of the days' values are missing")
    whole = _filled(demand)[:, : demand.shape[1] // 60 * 60]
    steps = whole.reshape(len(whole), -1, _STEP_MINUTES).mean(axis=2)
    mean = max(float(steps.mean()), 1e-12)
    level = steps / np.maximum(np.median(steps, axis=1, keepdims=True), _LEAST / 2 * mean)
    profile = np.median(level, axis=0)
    course = _smooth(np.tile(profile, 3), 2 * _HOUR + 1)[len(profile) : 2 * len(profile)]
    flat = level.ravel()
    relative = flat / np.maximum(_running_median(flat, 3 * _HOUR + 1), _LEAST)
    above = relative > _BURST
    low, high, often = np.quantile(relative, [0.25, 0.75, 0.9])
    highest = max(float(relative.max()), 1e-6)
    return dict(
        zip(
            NAMES,
            (
                float(course.max() - course.min()),
                _likeness(steps),
                float(_slope(np.median(steps, axis=1)) / mean),
                float(high - low),
                float(above.mean()),
                float(np.sum(np.diff(above.astype(int), prepend=0) == 1)) / len(steps),
                float(np.log(highest)),
                float(np.log(highest / max(often, 1e-6))),
                float(above.reshape(steps.shape).any(axis=1).mean()),
            ),
            strict=True,
        )
    )


def inputs(found: Mapping[str, float], names: Sequence[str] = NAMES) -> list[float]:
    """The features as the model takes them: shares and counts by their logarithm."""
    offsets = {"roughness": 0.05, "burst_share": 0.003, "bursts_a_day": 0.3}
    return [float(np.log(found[name] + offsets[name])) if name in offsets else found[name] for name in names]


def _likeness(steps: Array) -> float:
    hours = steps.reshape(len(steps), -1, _HOUR).mean(axis=2)
    within = hours - hours.mean(axis=1, keepdims=True)
    total = float((within**2).sum())
    return float((within.mean(axis=0) ** 2).sum()) * len(steps) / total if total > 0 else 0.0


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


def _running_median(values: Array, width: int) -> Array:
    padded = np.pad(values, width // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1))
