"""A cycle of its own that a series has: a sine, a saw or a job that runs every few hours."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from statistics import fmean

from advisor.stats.least_squares import coefficients

_OVERTONES = 3
_OVERSAMPLING = 4
_BESIDE = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""Frequencies between those that were tried first, in their steps: overtones tell them apart."""
_LEAST_TURNS = 3
_SHORTEST = 6
"""Blocks of one turn: its second overtone needs two points a wave."""
_LEAST_BLOCKS = 48
_LEAST_FUNDAMENTAL = 0.2
_LEAST_EXPLAINED = 0.4
"""Of the variance of the later half, by what was fitted to the earlier one: noise has a peak somewhere, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """turns: of the fundamental in one block. waves: (cosine, sine) amplitudes of it and its overtones."""

    turns: float
    waves: tuple[tuple[float, float], ...]

    def at(self, block: float) -> float:
        """How far the series lies from its mean there because of the cycle."""
        found = 0.0
        for number, (even, odd) in enumerate(self.waves, start=1):
            angle = 2 * math.pi * self.turns * number * block
            found += even * math.cos(angle) + odd * math.sin(angle)
        return found


def cycle(blocks: Mapping[int, float]) -> Cycle | None:
    """The cycle of `blocks`, by number; None where there is none that holds from the earlier half to the later one."""
    count = max(blocks) - min(blocks) + 1 if blocks else 0
    if len(blocks) < max(_LEAST_BLOCKS, 0.7 * count):
        return None
    coarse = _strongest(blocks, count)
    if coarse is None:
        return None
    turns = min((coarse + part / (_OVERSAMPLING * count) for part in _BESIDE), key=lambda one: _left(blocks, one))
    middle = sorted(blocks)[len(blocks) // 2]
    early = {block: value for block, value in blocks.items() if block < middle}
    late = {block: value for block, value in blocks.items() if block >= middle}
    fitted = _fitted(early, turns)
    level = fmean(late.values()) - fmean(fitted.at(block) for block in late)
    left = sum((value - level - fitted.at(block)) ** 2 for block, value in late.items())
    mean = fmean(late.values())
    whole = sum((value - mean) ** 2 for value in late.values())
    return _fitted(blocks, turns) if left <= (1 - _LEAST_EXPLAINED) * whole else None


def _strongest(blocks: Mapping[int, float], count: int) -> float | None:
    """Turns a block of the wave that explains most; None where even that explains little."""
    first, mean = min(blocks), fmean(blocks.values())
    series = [blocks.get(first + place, mean) - mean for place in range(count)]
    power = sum(map(mul, series, series))
    if power <= 0:
        return None
    best = max(_waves(count), key=lambda wave: _explained(series, wave))
    return best[0] if 2 / count * _explained(series, best) >= _LEAST_FUNDAMENTAL * power else None


def _explained(series: list[float], wave: tuple[float, tuple[float, ...], tuple[float, ...]]) -> float:
    even: float = sum(map(mul, series, wave[1]))
    odd: float = sum(map(mul, series, wave[2]))
    return even * even + odd * odd


@lru_cache(maxsize=8)
def _waves(count: int) -> tuple[tuple[float, tuple[float, ...], tuple[float, ...]], ...]:
    """(turns a block, cosines, sines) of every frequency that may be told from its neighbours."""
    found = []
    for number in range(_LEAST_TURNS * _OVERSAMPLING, count * _OVERSAMPLING // _SHORTEST + 1):
        turns = number / (count * _OVERSAMPLING)
        angles = [2 * math.pi * turns * place for place in range(count)]
        found.append((turns, tuple(map(math.cos, angles)), tuple(map(math.sin, angles))))
    return tuple(found)


def _left(blocks: Mapping[int, float], turns: float) -> float:
    """The sum of squares that a cycle of so many turns a block leaves."""
    fitted, mean = _fitted(blocks, turns), fmean(blocks.values())
    return sum((value - mean - fitted.at(block)) ** 2 for block, value in blocks.items())


def _fitted(blocks: Mapping[int, float], turns: float) -> Cycle:
    mean = fmean(blocks.values())
    columns = []
    for number in range(1, _OVERTONES + 1):
        angles = [2 * math.pi * turns * number * block for block in blocks]
        for column in (list(map(math.cos, angles)), list(map(math.sin, angles))):
            middle = fmean(column)
            columns.append([value - middle for value in column])
    found = coefficients([value - mean for value in blocks.values()], columns)
    return Cycle(turns=turns, waves=tuple(zip(found[::2], found[1::2], strict=True)))
