"""Intervals from the days themselves: the bootstrap of Efron (1979), with draws that are the same in every run."""

import random
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

_DRAWS = 400


@lru_cache(maxsize=32)
def draws(count: int) -> tuple[tuple[int, ...], ...]:
    """Samples of `count` places (0 to count - 1) with replacement. count: 1 or more."""
    source = random.Random(count)  # noqa: S311 - no secret
    return tuple(tuple(source.choices(range(count), k=count)) for _ in range(_DRAWS))


def interval(values: Sequence[float], *, confidence: float = 0.9) -> tuple[float, float, float]:
    """(low, mean, high) of the mean of `values`, one a day at least."""
    means = sorted(sum(values[at] for at in chosen) / len(values) for chosen in draws(len(values)))
    cut = round((1 - confidence) / 2 * (_DRAWS - 1))
    return means[cut], sum(values) / len(values), means[-1 - cut]


def share_at_most_zero(differences: Sequence[float]) -> float:
    """In which share (0 to 1) of the resamples the sum of `differences` is 0 or less."""
    sums = np.asarray(differences)[np.array(draws(len(differences)))].sum(axis=1)
    return float((sums <= 1e-9).mean())
