"""What Prometheus shows of a world, of all instances or of some, while the knob goes its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from worlds.buckets import counted, quantile
from worlds.grid import Grid
from worlds.latent import GOAL_SECONDS, LATENCY_SECONDS, Latent, Leak, Mark, Rare
from worlds.noise import noise
from worlds.response import Response, followed
from worlds.signals import COHORT, INSTANCES, STEP_SECONDS, WARM_UP_SECONDS, Array, Signals

OWN_NOISE = 0.1
"""Of one instance, beside the noise that all share."""
BEGINS = -WARM_UP_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Over the whole grid. buckets: requests per second at or below each bound, cumulative, where a histogram is read.

    instances: that serve; load and instances are those of the group. ages: median age of the processes in seconds.
    """

    grid: Grid
    signals: Signals
    instances: Array
    marks: tuple[Mark, ...]
    ages: Array | None = None
    buckets: Mapping[float, Array] = field(default_factory=dict)

    def between(self, start: float, end: float) -> Signals:
        """The points in [start, end), in seconds from the end of the warm-up."""
        return self.signals.cut(self.grid.index(start), self.grid.index(end))


def whole(latent: Latent, response: Response, source: np.random.Generator, moves: Sequence[float] = (BEGINS,)) -> Seen:
    """All instances. The knob is moved at each of `moves`, to the new value and back: one is a plain trial, more are a
    switch back."""
    return _seen(latent, response, source, moves, instances=None, takes=True)


def arms(
    latent: Latent, response: Response, source: np.random.Generator, moves: Sequence[float] = (BEGINS,)
) -> tuple[Seen, Seen]:
    """Two of eight instances that take the value, and six that keep the old one and are restarted when they are."""
    canary = arm(latent, response, source, moves, instances=COHORT)
    return canary, _seen(latent, response, source, moves, instances=INSTANCES - COHORT, takes=False)


def arm(
    latent: Latent, response: Response, source: np.random.Generator, moves: Sequence[float], *, instances: int
) -> Seen:
    """So many of the eight instances, that take the value at the first of `moves`."""
    return _seen(latent, response, source, moves, instances=instances, takes=True)


def _seen(
    latent: Latent,
    response: Response,
    source: np.random.Generator,
    moves: Sequence[float],
    *,
    instances: int | None,
    takes: bool,
) -> Seen:
    over = latent.grid
    knob = over.path(moves) if takes else np.zeros(over.count)
    goal_change, latency_change = (followed(course, knob, over) for course in (response.goal, response.latency))
    goal, latency = latent.goal, latent.latency + latency_change
    if latent.leak is not None:
        age = _age(over, latent.leak, moves)
        goal, latency = goal + latent.leak.goal * age, latency + latent.leak.latency * age
    if instances is not None:
        goal, latency = (one + _own(latent, instances, source) for one in (goal, latency))
    load = latent.load if instances is None else latent.load / latent.instances * instances
    requests = np.maximum(np.rint(_poisson(load * STEP_SECONDS, source)), 0.0)
    failed = np.minimum(source.poisson(requests * (latent.errors + response.errors * knob)), requests)
    buckets: Mapping[float, Array] = {}
    told = LATENCY_SECONDS * np.exp(latency)
    if latent.histogram is not None:
        buckets = counted(latent.histogram, latency, load, source)
        told = quantile(0.95, buckets)
    return Seen(
        grid=over,
        signals=Signals(
            goal=(
                GOAL_SECONDS * np.exp(goal + goal_change)
                if latent.rare is None
                else _waits(latent.rare, goal_change, instances, source)
            ),
            latency=told,
            load=requests / STEP_SECONDS,
            errors=failed / np.maximum(requests, 1.0),
        ),
        instances=latent.instances if instances is None else np.full(over.count, float(instances)),
        marks=latent.marks,
        ages=latent.ages,
        buckets=buckets,
    )


def _waits(rare: Rare, change: Array, instances: int | None, source: np.random.Generator) -> Array:
    """Mean wait at each point. Of some instances, half of the waits are their own, and half befall all at once."""
    chance = rare.chance * np.exp(change) if rare.by_count else np.full(len(change), rare.chance)
    sizes = rare.sizes if rare.by_count else rare.sizes * np.exp(change)
    if instances is None:
        return np.where(rare.draws < chance, sizes, 0.0)
    own = source.binomial(instances, chance / 2) / instances
    return np.asarray(np.where(rare.draws < chance / 2, sizes, 0.0) + own * source.permutation(sizes))


def _own(latent: Latent, instances: int, source: np.random.Generator) -> Array:
    scale = OWN_NOISE / np.sqrt(instances)
    own = np.maximum(1 + scale * noise(latent.phi, latent.grid.count, source), 0.02)
    return np.asarray(np.log(own) + scale * source.standard_normal())


def _age(over: Grid, leak: Leak, moves: Sequence[float]) -> Array:
    """Seconds since the last restart; those of the change's own are when the knob is moved."""
    begun = np.sort(np.array([over.seconds[0], *leak.restarts, *moves]))
    return np.asarray(over.seconds - begun[np.searchsorted(begun, over.seconds, side="right") - 1])


def _poisson(mean: Array, source: np.random.Generator) -> Array:
    """As a normal, which hundreds of requests are; ten times as fast."""
    return np.asarray(mean + np.sqrt(mean) * source.standard_normal(len(mean)))
