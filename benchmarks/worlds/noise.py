"""What moves by itself: noise with memory, levels, walks and cycles, each over as many points as are asked for."""

import numpy as np

from worlds.signals import STEP_SECONDS, Array

_BURN = 200


def noise(phi: float, count: int, source: np.random.Generator, tails: float = 0.0) -> Array:
    """AR(1) of variance 1; with `tails`, its innovations are Student's t of so many degrees of freedom (over 2)."""
    shocks = source.standard_t(tails, count + _BURN) / np.sqrt(tails / (tails - 2)) if tails else None
    drawn = shocks if shocks is not None else source.standard_normal(count + _BURN)
    return _filtered(phi, np.asarray(drawn * np.sqrt(1 - phi**2)))[_BURN:]


def _filtered(phi: float, shocks: Array) -> Array:
    """y[t] = phi y[t-1] + shocks[t], in as many steps as there are binary digits of the memory's length."""
    found, reach, weight = shocks.copy(), 1, phi
    while weight > 1e-6 and reach < len(found):
        found[reach:] = found[reach:] + weight * found[:-reach]
        reach, weight = 2 * reach, weight * weight
    return found


def bursts(per_hour: float, count: int, source: np.random.Generator) -> Array:
    """Factor of 1, and of 3 for three minutes at a time."""
    factor = np.ones(count)
    if per_hour:
        for start in source.integers(0, count, source.poisson(per_hour * count * STEP_SECONDS / 3600)):
            factor[start : start + 12] = 3.0
    return factor


def rises(seconds: Array, begins: float, ramp: float) -> Array:
    """0 before `begins`, 1 from `ramp` seconds later on, a straight line between."""
    return np.clip((seconds - begins) / max(ramp, STEP_SECONDS), 0.0, 1.0)


def passes(seconds: Array, begins: float, ramp: float, ends: float, constant: float) -> Array:
    """Rises to 1 over `ramp`, and from `ends` on dies away with a time constant."""
    up = rises(seconds, begins, ramp)
    return np.asarray(up * np.exp(-np.maximum(seconds - ends, 0.0) / constant))


def levels(seconds: Array, mean_seconds: float, source: np.random.Generator, current: float | None = None) -> Array:
    """Standard normal levels that hold for exponentially distributed times; `current` is that of second 0."""
    span = float(seconds[-1] - seconds[0])
    count = int(3 * span / mean_seconds) + 20
    edges = seconds[0] + np.cumsum(source.exponential(mean_seconds, count))
    drawn = source.standard_normal(count + 1)
    if current is not None:
        drawn[np.searchsorted(edges, 0.0)] = current
    return np.asarray(drawn[np.searchsorted(edges, seconds)])


def walk(count: int, source: np.random.Generator) -> Array:
    """A random walk whose step over a day has variance 1."""
    shocks = source.standard_normal(count) * np.sqrt(STEP_SECONDS / 86_400.0)
    return np.cumsum(shocks)
