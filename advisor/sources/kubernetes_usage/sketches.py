"""Quantile sketches of one day: mergeable, within 1% of the value, small enough to be kept for weeks."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from ddsketch.mapping import LogarithmicMapping
from numpy.typing import ArrayLike

from advisor.model.kubernetes.usage import Spread

_ACCURACY = 0.01
_MAPPING = LogarithmicMapping(_ACCURACY)
_BINS_PER_DOUBLING = 1 / math.log2(_MAPPING.gamma)
_SHARES = (0.5, 0.9, 0.95, 0.99)
_LEAST = 1e-6
"""What is less counts as nothing: a millionth of a core."""


@dataclass(slots=True)
class Sketch:
    """How often which value was seen. peak: exact."""

    counts: dict[int, float] = field(default_factory=dict)
    zeros: float = 0.0
    peak: float = 0.0

    def add(self, values: ArrayLike, times: float = 1.0) -> None:
        """values: one or many, each finite and at least 0."""
        given = np.atleast_1d(np.asarray(values, dtype=float))
        found = given[given >= _LEAST]
        self.zeros += times * (given.size - found.size)
        if found.size:
            keys = np.ceil(np.log2(found) * _BINS_PER_DOUBLING).astype(int)
            least = int(keys.min())
            for more, count in enumerate(np.bincount(keys - least).tolist()):
                if count:
                    self.counts[least + more] = self.counts.get(least + more, 0.0) + count * times
            self.peak = max(self.peak, float(found.max()))

    @property
    def weight(self) -> float:
        return self.zeros + sum(self.counts.values())

    def text(self) -> str:
        """For a notebook; `read_sketch` reads it again."""
        return json.dumps([sorted(self.counts.items()), self.zeros, self.peak], separators=(",", ":"))

    def spread(self) -> Spread | None:
        """None where nothing was seen."""
        return spread_of([(self, 1.0)])


def read_sketch(text: str) -> Sketch:
    """Raises ValueError for what no sketch wrote."""
    counts, zeros, peak = json.loads(text)
    return Sketch(counts={int(key): float(count) for key, count in counts}, zeros=float(zeros), peak=float(peak))


def spread_of(parts: Iterable[tuple[Sketch, float]]) -> Spread | None:
    """The percentiles of sketches together, each with a weight; None where nothing was seen."""
    counts, zeros, peak = dict[int, float](), 0.0, 0.0
    for sketch, weight in parts:
        for key, count in sketch.counts.items():
            counts[key] = counts.get(key, 0.0) + count * weight
        zeros += sketch.zeros * weight
        peak = max(peak, sketch.peak)
    keys = sorted(counts)
    above = np.cumsum([zeros, *(counts[key] for key in keys)])  # how many are at most of each bin, nothing first
    whole = float(above[-1])
    if not whole:
        return None
    bins = np.searchsorted(above, [share * (whole - 1) for share in _SHARES], side="right")
    p50, p90, p95, p99 = (min(_MAPPING.value(keys[at - 1]), peak) if at else 0.0 for at in bins.tolist())
    return Spread(weight=whole, p50=p50, p90=p90, p95=p95, p99=p99, peak=peak)
