"""What a change does over time: factors of the goal and of latency that follow the knob, with a course of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from worlds.grid import HOUR, Grid
from worlds.signals import Array

CARRY_OVER_SECONDS = 45.0
"""Time constant with which pools fill and drain: four of them fit into the warm-up."""

Course = Callable[[Array], Array]
"""Seconds since the value came into force -> logarithm of the factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """goal, latency: logarithms of factors by time since the new value; errors: added to the ratio, 0 to 1."""

    goal: Course
    latency: Course
    errors: float = 0.0


def followed(course: Course, knob: Array, grid: Grid) -> Array:
    """The logarithm of the factor at each point. What the value did is gone soon after it went, as it comes soon."""
    found, last = np.zeros(grid.count), 0.0
    edges = [0, *(np.flatnonzero(np.diff(knob)) + 1).tolist(), grid.count]
    for start, end in pairwise(edges):
        seconds = grid.seconds[start:end] - grid.seconds[start]
        fading = np.exp(-seconds / CARRY_OVER_SECONDS)
        target = course(seconds) if knob[start] else np.zeros(end - start)
        found[start:end] = target + (last - float(target[0])) * fading if end > start else 0.0
        last = float(found[end - 1])
    return found


def _steady(factor: float) -> Course:
    log = float(np.log(factor))
    return lambda seconds: np.full(len(seconds), log)


def _late(factor: float, begins: float, ramp: float) -> Course:
    log = float(np.log(factor))
    return lambda seconds: log * np.clip((seconds - begins) / ramp, 0.0, 1.0)


def _fading(factor: float, holds: float, constant: float) -> Course:
    log = float(np.log(factor))
    return lambda seconds: log * np.exp(-np.maximum(seconds - holds, 0.0) / constant)


def _growing(per_hour: float, most: float) -> Course:
    return lambda seconds: np.minimum(per_hour * seconds / HOUR, most)


def _plain(goal: float, latency: float, errors: float = 0.0) -> Callable[[np.random.Generator], Response]:
    return lambda _: Response(goal=_steady(goal), latency=_steady(latency), errors=errors)


def _fading_gain(source: np.random.Generator) -> Response:
    """A fifth to two fifths at once; gone within hours, such as by a cache that fragments or a plan that ages."""
    holds, constant = source.uniform(0.0, 0.5) * HOUR, source.uniform(0.5, 3.0) * HOUR
    gain = source.uniform(0.6, 0.8)
    return Response(goal=_fading(gain, holds, constant), latency=_steady(1.0))


def _leak(source: np.random.Generator) -> Response:
    """A fifth at once; latency grows by 2 to 10% an hour, from the beginning on, up to 20 to 60%."""
    per_hour = float(np.log1p(source.uniform(0.02, 0.1)))
    most = float(np.log1p(source.uniform(0.2, 0.6)))
    return Response(goal=_steady(0.8), latency=_growing(per_hour, most))


def _late_harm(source: np.random.Generator) -> Response:
    """A fifth at once; 2 to 10 hours later latency rises by 15 to 50% within minutes, and stays there."""
    begins, ramp = source.uniform(2.0, 10.0) * HOUR, source.uniform(300.0, 1800.0)
    return Response(goal=_steady(0.8), latency=_late(source.uniform(1.15, 1.5), begins, ramp))


def _late_gain(source: np.random.Generator) -> Response:
    """A fifth, which begins after 30 to 60 minutes and takes 5 to 20 to be whole."""
    begins, ramp = source.uniform(1800.0, 3600.0), source.uniform(300.0, 1200.0)
    return Response(goal=_late(0.8, begins, ramp), latency=_steady(1.0))


RESPONSES: Mapping[str, Callable[[np.random.Generator], Response]] = {
    "null": _plain(1.0, 1.0),
    "harm": _plain(1.1, 1.1),
    "trade": _plain(0.8, 1.1),
    "gain": _plain(0.8, 1.0),
    "p95 gain": _plain(0.8, 0.8),
    "errors": _plain(0.8, 1.0, errors=0.02),
    "fading": _fading_gain,
    "leak": _leak,
    "late harm": _late_harm,
    "late gain": _late_gain,
}
