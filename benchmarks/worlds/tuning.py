"""The half of the moving worlds that a judge may be tuned on: each function adds to a calm world what moves.

Sizes, times and durations are drawn anew for each trial. `latency_share` of a movement shows in p95 as well.
"""

from dataclasses import replace

import numpy as np

from worlds.grid import HOUR, Grid
from worlds.latent import Histogram, Latent, Leak
from worlds.noise import levels, noise, passes, rises
from worlds.signals import DAY_SECONDS, INSTANCES, USUAL_LOAD, Array

_FIRING = np.log(1.5)
"""An incident as large as that has an alert firing when the proposal is made."""


def incident(latent: Latent, source: np.random.Generator) -> Latent:
    """Goal 1.3 to 3 times as high for the last one to twelve hours. Ends by itself: in half of the worlds about when
    the change is made, which somebody else was not idle for either, else within three hours of it."""
    begins = -source.uniform(1.0, 12.0) * HOUR
    ends = (source.uniform(-0.2, 0.5) if source.random() < 0.5 else source.uniform(0.5, 3.0)) * HOUR
    size = source.uniform(np.log(1.3), np.log(3.0))
    share = source.uniform(0.5, 1.0)
    found = latent
    for at in _earlier(latent.grid, begins - 6 * HOUR, source.uniform(0.0, 1.0), source):
        lasts = np.exp(source.uniform(np.log(0.5), np.log(8.0))) * HOUR
        found = found.moved(source.uniform(0.5, 1.2) * size * _shape(found, at, at + lasts, source), share)
    found = found.moved(size * _shape(found, begins, ends, source), share)
    return found.marked("alert", begins + 300.0, "latency is high") if size > _FIRING else found


def restart_leak(latent: Latent, source: np.random.Generator) -> Latent:
    """Since the last restart, 6 to 96 hours ago, the goal grew to 1.2 to 2.5 times; the change restarts all."""
    age = source.uniform(6.0, 96.0) * HOUR
    rate = source.uniform(np.log(1.2), np.log(2.5)) / age
    begun = [-age]
    while begun[-1] > latent.grid.seconds[0]:
        begun.append(begun[-1] - source.uniform(12.0, 96.0) * HOUR)
    share = source.uniform(0.5, 1.0)
    found = replace(latent, leak=Leak(goal=rate, latency=share * rate, restarts=tuple(sorted(begun))))
    for at in begun[:-1]:
        found = found.marked("restart", at, "all instances were restarted")
    return found


def more_instances(latent: Latent, source: np.random.Generator) -> Latent:
    """One to six are added to the eight within six hours of the change; in half of the worlds they came and went
    before, too. What counts is the load of each."""
    exponent = source.uniform(0.5, 1.2)
    found = _by_exponent(latent, exponent)
    at, added = source.uniform(0.1, 6.0) * HOUR, source.integers(1, 7)
    counts = np.where(latent.grid.seconds >= at, float(INSTANCES + added), float(INSTANCES))
    if source.random() < 0.5:
        for begun in _earlier(latent.grid, -12 * HOUR, 0.7, source):
            held = (latent.grid.seconds >= begun) & (latent.grid.seconds < begun + source.uniform(1.0, 10.0) * HOUR)
            counts = np.where(held, float(INSTANCES + source.integers(1, 5)), counts)
    found = replace(found, instances=counts).moved(-exponent * np.log(counts / INSTANCES), 1.0)
    for place in np.flatnonzero(np.diff(counts)) + 1:
        seconds = float(latent.grid.seconds[place])
        found = found.marked("scaling", seconds, f"{counts[place - 1]:.0f} to {counts[place]:.0f} instances")
    return found


def traffic_mix(latent: Latent, source: np.random.Generator) -> Latent:
    """Requests become cheaper (six times in ten) or dearer within eight hours of the change; no signal tells."""
    share = source.uniform(0.3, 1.0)
    found = latent
    for at in _earlier(latent.grid, -6 * HOUR, source.uniform(0.0, 0.5), source):
        lasts = source.uniform(1.0, 24.0) * HOUR
        found = found.moved(_mix(source) * passes(latent.grid.seconds, at, 1800.0, at + lasts, 900.0), share)
    begins, ramp = source.uniform(0.05, 8.0) * HOUR, source.uniform(0.0, 1.5) * HOUR
    return found.moved(_mix(source) * rises(latent.grid.seconds, begins, ramp), share)


def regimes(latent: Latent, source: np.random.Generator) -> Latent:
    """Levels that hold for one to eight hours on average; in half of the worlds the change comes at a high one."""
    current = max(source.standard_normal(2)) if source.random() < 0.5 else source.standard_normal()
    held = levels(latent.grid.seconds, source.uniform(1.0, 8.0) * HOUR, source, current)
    return latent.moved(source.uniform(0.08, 0.25) * held, source.uniform(0.3, 1.0))


def saturation(latent: Latent, source: np.random.Generator) -> Latent:
    """Half of latency and wait is rho / (1 - rho), 1 at half the capacity, of a load with a day, and higher and lower
    days."""
    seconds = latent.grid.seconds
    days = np.arange(np.floor(seconds[0] / DAY_SECONDS) - 1, np.ceil(seconds[-1] / DAY_SECONDS) + 2)
    heights = np.exp(source.uniform(0.05, 0.15) * source.standard_normal(len(days)))
    cycle, phase = source.uniform(0.3, 0.6), source.uniform(0, 2 * np.pi)
    day = (1 + cycle * np.sin(2 * np.pi * seconds / DAY_SECONDS + phase)) * np.interp(
        seconds, (days + 0.5) * DAY_SECONDS, heights
    )
    found = _by_exponent(latent, 0.0)
    load = latent.load * day
    capacity = USUAL_LOAD * (1 + cycle) / source.uniform(0.7, 0.9)
    rho = np.minimum(load / capacity, 0.97)
    waits = 0.5 + 0.5 * rho / (1 - rho)
    return replace(found, load=load, exponent=0.0).moved(np.log(waits), 1.0)


def own_cycle(latent: Latent, source: np.random.Generator) -> Latent:
    """A cycle of two to eight hours, a sine, a saw or a job that runs; by the clock, or a little off it."""
    period = source.uniform(2.0, 8.0) * HOUR
    phase = source.normal(0.25, 0.1) if source.random() < 0.5 else source.random()
    turns = latent.grid.seconds / period + phase
    if source.random() < 0.5:
        turns = turns + 0.05 * levels(latent.grid.seconds, period, source)
    within = turns % 1.0
    shapes = (np.sin(2 * np.pi * turns) / 2, within - 0.5, (within < source.uniform(0.15, 0.4)) - 0.0)
    shape = shapes[source.integers(3)]
    return latent.moved(np.asarray(source.uniform(0.15, 0.5) * shape), source.uniform(0.3, 1.0))


def still(latent: Latent, _: np.random.Generator) -> Latent:
    """Nothing moves but what the change does, which has a course of its own."""
    return latent


def buckets(latent: Latent, source: np.random.Generator) -> Latent:
    """p95 interpolated in a histogram. In half of the worlds a slow twentieth comes and goes around its place, so that
    p95 leaps from one mode to the other."""
    fast, spread = np.exp(source.uniform(np.log(0.02), np.log(0.2))), source.uniform(0.2, 0.6)
    slow, share = 1.0, np.zeros(latent.grid.count)
    if source.random() < 0.5:
        slow = source.uniform(4.0, 12.0)
        wandering = noise(0.98, latent.grid.count, source)
        share = np.clip(source.uniform(0.035, 0.065) * np.exp(0.15 * wandering), 0.0, 0.3)
    return replace(latent, histogram=Histogram(fast=fast, spread=spread, slow=slow, slow_share=share))


def _earlier(over: Grid, latest: float, a_day: float, source: np.random.Generator) -> Array:
    """Times before `latest` of what happens so often a day."""
    span = latest - float(over.seconds[0])
    return np.asarray(over.seconds[0] + span * source.random(source.poisson(a_day * span / DAY_SECONDS)))


def _shape(latent: Latent, begins: float, ends: float, source: np.random.Generator) -> Array:
    ramp = min(source.uniform(60.0, 3600.0), (ends - begins) / 2)
    return passes(latent.grid.seconds, begins, ramp, ends, source.uniform(60.0, 1800.0))


def _mix(source: np.random.Generator) -> float:
    low, high = (0.6, 0.85) if source.random() < 0.6 else (1.15, 1.5)
    return float(np.log(source.uniform(low, high)))


def _by_exponent(latent: Latent, exponent: float) -> Latent:
    """The same world, with another effect of its load."""
    by = (exponent - latent.exponent) * np.log(latent.load / USUAL_LOAD)
    return replace(latent.moved(by, 1.0), exponent=exponent)
