"""Latency as a histogram tells it: by which factor the whole of it moved, block by block. Pure.

A quantile interpolated within one bucket stays while all requests grow slower, until some cross the bucket's bound, and
leaps where it lies between two modes. The shares beyond several bounds, each turned into the shift that it stands for
and weighed by how much it tells, follow smoothly.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from statistics import NormalDist

from advisor.engine.judge.analysis_window import points_of
from advisor.engine.judge.request_blocks import load_of
from advisor.engine.judge.trial import Trial, Windows, read
from advisor.model.change import Guardrail
from advisor.model.signal import Sample, Series, SignalKey
from advisor.stats.blocks import block_means

_NORMAL = NormalDist()
_QUANTILE = 0.95
_FEWEST_BOUNDS = 3
_HALF_A_REQUEST = 0.5
_RAREST = 1e-9
"""A share nearer to none or to all is no more than rounding."""
_FURTHEST = 100.0
"""Of a shift of the logarithm, either way."""
_FLATTEST = 0.1
"""Between two bounds with less of the distribution's height than this between them, in standard deviations, hardly any
request lies: they tell nothing of a shift."""


def with_latency_scale(trial: Trial) -> Trial:
    """`trial` with every quantile whose histogram is on record told by that instead, in blocks."""
    for rail in trial.plan.guardrails:
        scale = _Scale.of(trial, rail) if len(rail.within) >= _FEWEST_BOUNDS else None
        if scale is None:
            continue
        control = trial.control
        if control is not None:
            control = replace(
                control,
                baseline=scale.told(trial, control.baseline, rail),
                trial=scale.told(trial, control.trial, rail),
            )
        trial = replace(
            trial,
            baseline=scale.told(trial, trial.baseline, rail),
            trial=scale.told(trial, trial.trial, rail),
            control=control,
        )
    return trial


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rung:
    """One bound. height: of the share below it, in standard deviations of a normal; spread: logarithms a deviation."""

    signal: SignalKey
    height: float
    spread: float

    def shift(self, share: float, requests: float) -> tuple[float, float]:
        """(the shift of the logarithm that `share` stands for, how much that tells: one over its variance)."""
        within = (share * requests + _HALF_A_REQUEST) / (requests + 2 * _HALF_A_REQUEST)
        height = _NORMAL.inv_cdf(min(max(within, _RAREST), 1 - _RAREST))
        density = _NORMAL.pdf(self.height)
        usual = _NORMAL.cdf(self.height)
        return (self.height - height) * self.spread, density**2 / (usual * (1 - usual) * self.spread**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """The histogram before the change: its bounds and its quantile in seconds."""

    rungs: tuple[_Rung, ...]
    seconds: float

    @classmethod
    def of(cls, trial: Trial, rail: Guardrail) -> "_Scale | None":
        """None where the bounds are not on record, or the quantile does not lie between two of them."""
        shares = [_share(trial, trial.baseline, key) for key in rail.within]
        known = [
            (math.log(float(key.label("le"))), _NORMAL.inv_cdf(share), key)
            for key, share in zip(rail.within, shares, strict=True)
            if share is not None and _RAREST < share < 1 - _RAREST and float(key.label("le")) > 0
        ]
        if len(known) < _FEWEST_BOUNDS:
            return None
        steps = [
            ((high - low) / (above - below) if above - below >= _FLATTEST else math.inf)
            for (low, below, _), (high, above, _) in pairwise(known)
        ]
        wanted = _NORMAL.inv_cdf(_QUANTILE)
        place = next((i for i, (a, b) in enumerate(pairwise(known)) if a[1] <= wanted <= b[1]), None)
        if place is None:
            return None
        (low, below, _), (high, above, _) = known[place], known[place + 1]
        part = (wanted - below) / (above - below) if above > below else 0.0
        rungs = [
            _Rung(signal=key, height=height, spread=min(steps[max(number - 1, 0)], steps[min(number, len(steps) - 1)]))
            for number, (_, height, key) in enumerate(known)
        ]
        told = tuple(rung for rung in rungs if 0 < rung.spread < math.inf)
        return cls(rungs=told, seconds=math.exp(low + part * (high - low))) if told else None

    def told(self, trial: Trial, windows: Windows, rail: Guardrail) -> Windows:
        """`windows` with the quantile in blocks; as they are where a bound is not on record in them."""
        problem = next((text for rung in self.rungs if (text := read(windows, rung.signal).problem)), "")
        if problem or not windows:
            return windows
        seconds = trial.plan.block_seconds
        blocks = [_in_blocks(trial, windows, rung.signal, seconds) for rung in self.rungs]
        served = _in_blocks(trial, windows, load_of(rail.signal), seconds)
        samples = []
        for block in sorted(set(served).intersection(*blocks)):
            told = [
                rung.shift(shares[block], served[block] * seconds)
                for rung, shares in zip(self.rungs, blocks, strict=True)
            ]
            weight = sum(information for _, information in told)
            shift = sum(one * information for one, information in told) / weight
            at = trial.began_at + timedelta(seconds=(block + 0.5) * seconds)
            samples.append(Sample(at=at, value=self.seconds * math.exp(min(max(shift, -_FURTHEST), _FURTHEST))))
        if not samples:
            return windows
        return {**windows, rail.signal: Series(samples=tuple(samples), problem=read(windows, rail.signal).problem)}


def _share(trial: Trial, windows: Windows, signal: SignalKey) -> float | None:
    """Of all requests on record; None where there are none."""
    rates = dict(_points(trial, windows, load_of(signal)))
    counted = [(share, rates[at]) for at, share in _points(trial, windows, signal) if at in rates]
    total = sum(rate for _, rate in counted)
    return sum(share * rate for share, rate in counted) / total if total > 0 else None


def _in_blocks(trial: Trial, windows: Windows, signal: SignalKey, seconds: float) -> dict[int, float]:
    return block_means(_points(trial, windows, signal), seconds)


def _points(trial: Trial, windows: Windows, signal: SignalKey) -> Sequence[tuple[float, float]]:
    return points_of(read(windows, signal), trial.began_at, -math.inf, math.inf)
