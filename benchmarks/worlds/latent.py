"""What a world does by itself, before anybody asks what is seen of it: noise, load, instances and what befalls them."""

from dataclasses import dataclass, replace

import numpy as np

from worlds.grid import Grid, grid
from worlds.noise import noise
from worlds.signals import DAY_SECONDS, INSTANCES, USUAL_LOAD, Array

GOAL_SECONDS, LATENCY_SECONDS = 0.1, 0.2
LOAD_NOISE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that is known to have happened. kind: release, restart, scaling or alert."""

    kind: str
    seconds: float
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Goal and latency grow with the time since the processes began, which any restart sets back; logs per second.

    restarts: times of those before the change, which restarts them itself whenever the knob is moved.
    """

    goal: float
    latency: float
    restarts: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """A goal that is zero but for now and then: `draws` below `chance` make a wait of `sizes` seconds.

    by_count: whether a change makes them rarer, and not shorter.
    """

    draws: Array
    sizes: Array
    chance: float
    by_count: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Latency as a histogram tells it. Two log-normal modes; slow: how many times the fast one's median, and its share.

    fast, spread: median in seconds and deviation of the logarithm, of each mode.
    """

    fast: float
    spread: float
    slow: float
    slow_share: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """One draw. load: requests per second of all instances. goal, latency: logarithms of factors of their usual size.

    exponent: of the load per instance in both. ages: median seconds since the processes began, where that is seen.
    """

    grid: Grid
    phi: float
    exponent: float
    load: Array
    instances: Array
    goal: Array
    latency: Array
    errors: Array
    marks: tuple[Mark, ...] = ()
    ages: Array | None = None
    leak: Leak | None = None
    rare: Rare | None = None
    histogram: Histogram | None = None

    def moved(self, goal: Array, latency_share: float) -> "Latent":
        """With `goal` added to the goal's logarithm, and a share of it to that of latency."""
        return replace(self, goal=self.goal + goal, latency=self.latency + latency_share * goal)

    def recent(self, days: float) -> "Latent":
        """The same world with no more than so many days before the change."""
        over = grid(min(days, self.grid.days))
        cut = self.grid.count - over.count
        rare, histogram = self.rare, self.histogram
        return replace(
            self,
            grid=over,
            load=self.load[cut:],
            instances=self.instances[cut:],
            goal=self.goal[cut:],
            latency=self.latency[cut:],
            errors=self.errors[cut:],
            ages=self.ages[cut:] if self.ages is not None else None,
            rare=replace(rare, draws=rare.draws[cut:], sizes=rare.sizes[cut:]) if rare else None,
            histogram=replace(histogram, slow_share=histogram.slow_share[cut:]) if histogram else None,
        )

    def marked(self, kind: str, seconds: float, what: str) -> "Latent":
        return replace(self, marks=(*self.marks, Mark(kind=kind, seconds=seconds, what=what)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """The ranges that the calm part of a world is drawn from. noise: deviation over mean; cycle: the load's day."""

    noise: tuple[float, float] = (0.1, 0.3)
    phi: tuple[float, float] = (0.0, 0.8)
    cycle: tuple[float, float] = (0.0, 0.3)
    exponent: tuple[float, float] = (0.3, 0.8)


def calm(ranges: Calm, over: Grid, source: np.random.Generator) -> Latent:
    """Noise, a day in the load, and nothing else."""
    phi, deviation = source.uniform(*ranges.phi), source.uniform(*ranges.noise)
    exponent = source.uniform(*ranges.exponent)
    cycle, phase = source.uniform(*ranges.cycle), source.uniform(0, 2 * np.pi)
    day = np.sin(2 * np.pi * over.seconds / DAY_SECONDS + phase)
    load = USUAL_LOAD * (1 + cycle * day) * (1 + LOAD_NOISE * noise(phi, over.count, source))
    load = np.maximum(load, 1.0)
    driven = exponent * np.log(load / USUAL_LOAD)
    goal, latency = (
        driven + np.log(np.maximum(1 + deviation * noise(phi, over.count, source), 0.02)) for _ in range(2)
    )
    return Latent(
        grid=over,
        phi=phi,
        exponent=exponent,
        load=load,
        instances=np.full(over.count, float(INSTANCES)),
        goal=goal,
        latency=latency,
        errors=np.full(over.count, source.uniform(0.0005, 0.004)),
    )
