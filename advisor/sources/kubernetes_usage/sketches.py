"""Quantile sketches of one day: mergeable, within 1% of the value, small enough to be kept for weeks."""

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from ddsketch.ddsketch import BaseDDSketch
from ddsketch.mapping import LogarithmicMapping
from ddsketch.store import DenseStore
from numpy.typing import ArrayLike

from advisor.model.kubernetes.usage import Spread

_ACCURACY = 0.01
_MAPPING = LogarithmicMapping(_ACCURACY)
_BINS_PER_DOUBLING = 1 / math.log2(_MAPPING.gamma)
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
            for key, count in Counter(keys.tolist()).items():
                self.counts[key] = self.counts.get(key, 0.0) + count * times
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
    store, zeros, peak = DenseStore(), 0.0, 0.0
    for sketch, weight in parts:
        for key, count in sketch.counts.items():
            store.add(key, count * weight)
        zeros += sketch.zeros * weight
        peak = max(peak, sketch.peak)
    merged = BaseDDSketch(_MAPPING, store, DenseStore(), zeros)
    if not merged.count:
        return None
    p50, p90, p95, p99 = (min(merged.get_quantile_value(share) or 0.0, peak) for share in (0.5, 0.9, 0.95, 0.99))
    return Spread(weight=merged.count, p50=p50, p90=p90, p95=p95, p99=p99, peak=peak)
