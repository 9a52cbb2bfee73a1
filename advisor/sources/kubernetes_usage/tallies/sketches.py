"""Quantile sketches of one day: mergeable, within 1% of the value, small enough to be kept for weeks."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ddsketch.mapping import LogarithmicMapping
from numpy.typing import ArrayLike, NDArray

from advisor.model.kubernetes.usage import Spread

_ACCURACY = 0.01
_MAPPING = LogarithmicMapping(_ACCURACY)
_BINS_PER_DOUBLING = 1 / math.log2(_MAPPING.gamma)
_MIDDLE = _MAPPING.value(0)
"""What stands for the bin of number 0; each further one is larger by the same factor."""
_SHARES = np.array([0.5, 0.9, 0.95, 0.99])
_LEAST = 1e-6
"""What is less counts as nothing: a millionth of a core."""
_MOST_CELLS = 4_000_000
"""To count in, 32 MB: several times as quick as to sort."""
_Counts = NDArray[Any]
"""Floats, or whole numbers where nothing is added any more."""
_Numbers = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Sketch:
    """How often which value was seen. counts: of the bins from `least` on, none of them missing. peak: exact."""

    least: int = 0
    counts: _Counts = field(default_factory=lambda: np.zeros(0))
    zeros: float = 0.0
    peak: float = 0.0

    def add(self, values: ArrayLike, times: float = 1.0) -> None:
        """values: one or many, each finite and at least 0."""
        given = np.atleast_1d(np.asarray(values, dtype=float))
        one = Sketch()
        add_each([one], given, np.zeros(given.size, dtype=np.int64))
        self.merge(one, times)

    def merge(self, other: "Sketch", weight: float = 1.0) -> None:
        if other.counts.size:
            self.add_run(other.least, other.counts * weight)
        self.zeros += other.zeros * weight
        self.peak = max(self.peak, other.peak)

    def add_run(self, least: int, counts: _Counts | _Numbers) -> None:
        """counts: of the bins from `least` on."""
        if self.counts.size:
            self._bins(least, least + counts.size)[:] += counts
        else:
            self.least, self.counts = least, counts.astype(float)

    def _bins(self, least: int, end: int) -> _Counts:
        """The counts of these bins, to write to."""
        if not self.counts.size:
            self.least, self.counts = least, np.zeros(end - least)
        before, after = max(0, self.least - least), max(0, end - self.least - self.counts.size)
        if before or after:
            held, size = self.counts, self.counts.size
            self.least, self.counts = self.least - before, np.zeros(before + size + after)
            self.counts[before : before + size] = held
        return self.counts[least - self.least : end - self.least]

    def packed(self) -> "Sketch":
        """The same, as small as it can be; for one that grows no more."""
        if not self.counts.size or np.any(self.counts != np.rint(self.counts)):
            return self
        counts = self.counts.astype(np.min_scalar_type(int(self.counts.max())))
        return Sketch(least=self.least, counts=counts, zeros=self.zeros, peak=self.peak)

    @property
    def weight(self) -> float:
        return self.zeros + float(self.counts.sum())

    def text(self) -> str:
        """For a notebook; `read_sketch` reads it again."""
        seen = [(self.least + more, count) for more, count in enumerate(map(_short, self.counts.tolist())) if count]
        return json.dumps([seen, self.zeros, self.peak], separators=(",", ":"))

    def spread(self) -> Spread | None:
        """The percentiles; None where nothing was seen."""
        (found,) = spreads([self])
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sketch) and self.text() == other.text()

    __hash__ = None  # type: ignore[assignment]


def add_each(sketches: Sequence[Sketch], values: _Counts, which: _Numbers) -> None:
    """Adds each value to the sketch of its number: all at once, as they are many. values: finite, at least 0."""
    is_seen = values >= _LEAST
    zeros = np.bincount(which[~is_seen], minlength=len(sketches)).tolist()
    seen, which = values[is_seen], which[is_seen]
    peaks = np.zeros(len(sketches))
    np.maximum.at(peaks, which, seen)
    for sketch, zero, peak in zip(sketches, zeros, peaks.tolist(), strict=True):
        sketch.zeros += zero
        sketch.peak = max(sketch.peak, peak)
    if seen.size:
        _add_bins(sketches, np.ceil(np.log2(seen) * _BINS_PER_DOUBLING).astype(np.int64), which)


def _add_bins(sketches: Sequence[Sketch], bins: _Numbers, which: _Numbers) -> None:
    """Counted in a row of bins for each sketch; half of the sketches at a time where that would be too much memory."""
    least = int(bins.min())
    width = int(bins.max()) - least + 1
    if len(sketches) > 1 and len(sketches) * width > _MOST_CELLS:
        half = len(sketches) // 2
        is_first = which < half
        for several, some, first in ((sketches[:half], is_first, 0), (sketches[half:], ~is_first, half)):
            if some.any():
                _add_bins(several, bins[some], which[some] - first)
        return
    rows = np.bincount(which * width + (bins - least), minlength=len(sketches) * width).reshape(-1, width)
    is_there = rows > 0
    begins, ends = is_there.argmax(axis=1).tolist(), (width - is_there[:, ::-1].argmax(axis=1)).tolist()
    for at in np.flatnonzero(is_there.any(axis=1)).tolist():
        sketches[at].add_run(least + begins[at], rows[at, begins[at] : ends[at]])


def _short(count: float) -> float:
    """Whole numbers without their ".0"."""
    return count if count % 1 else int(count)


def read_sketch(text: str) -> Sketch:
    """Raises ValueError for what no sketch wrote."""
    counts, zeros, peak = json.loads(text)
    sketch = Sketch(zeros=float(zeros), peak=float(peak))
    if counts:
        bins, times = zip(*counts, strict=True)
        run = np.zeros(bins[-1] - bins[0] + 1)
        run[np.array(bins, dtype=np.int64) - bins[0]] = times
        sketch.add_run(bins[0], run)
    return sketch


def together(parts: Iterable[tuple[Sketch, float]]) -> Sketch:
    """Sketches as one, each with a weight; to read, as it may be one of them."""
    whole = Sketch()
    several = list(parts)
    if len(several) == 1 and several[0][1] == 1:
        return several[0][0]
    for sketch, weight in several:
        whole.merge(sketch, weight)
    return whole


def spreads(sketches: Sequence[Sketch]) -> list[Spread | None]:
    """The percentiles of each; None where nothing was seen. All at once, as they are many."""
    if not sketches:
        return []
    ends = np.cumsum([one.counts.size + 1 for one in sketches])
    firsts = np.concatenate(([0], ends[:-1]))
    seen = np.insert(  # one sketch after the other: what counts as nothing, then its bins
        np.concatenate([one.counts for one in sketches]),
        firsts - np.arange(len(sketches)),
        [one.zeros for one in sketches],
    )
    above = np.cumsum(seen)
    before = np.concatenate(([0.0], above[ends[:-1] - 1]))
    whole = np.add.reduceat(seen, firsts)
    ranks = before[:, np.newaxis] + np.maximum(0.0, _SHARES * (whole[:, np.newaxis] - 1))
    places = np.minimum(np.searchsorted(above, ranks, side="right"), ends[:, np.newaxis] - 1) - firsts[:, np.newaxis]
    bins = np.array([one.least for one in sketches])[:, np.newaxis] + places - 1
    peaks = np.array([one.peak for one in sketches])[:, np.newaxis]
    values = np.where(places > 0, np.minimum(_MIDDLE * np.exp2(bins / _BINS_PER_DOUBLING), peaks), 0.0)
    return [
        Spread(weight=weight, p50=p50, p90=p90, p95=p95, p99=p99, peak=one.peak) if weight else None
        for one, weight, (p50, p90, p95, p99) in zip(sketches, whole.tolist(), values.tolist(), strict=True)
    ]
