"""Simulated trials: what Prometheus would show of an application before and after a change of known effect.

Every 15 s one point of four signals: the goal's metric, p95 latency, requests per second and the error ratio. Noise of
the two latencies is 20% of the mean and an AR(1) of coefficient phi; both rise with the load. A day of history lies
before the change, in the blocks that the advisor keeps of it.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from worlds.noise import bursts, noise
from worlds.signals import COHORT, DAY_SECONDS, INSTANCES, STEP_SECONDS, WARM_UP_SECONDS, Array, Signals, World

NOISE = 0.2
LOAD_NOISE = 0.1
LOAD_EXPONENT = 0.5
ERROR_RATIO = 0.002
OWN_NOISE = 0.1
"""Of one instance, beside the noise that all share: two instances then correlate by 0.8 in their latency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What the change does: factors of the goal's metric and of p95 latency."""

    name: str
    goal: float
    latency: float


NULL = Effect(name="null", goal=1.0, latency=1.0)
HARM = Effect(name="harm", goal=1.1, latency=1.1)
TRADE = Effect(name="trade", goal=0.8, latency=1.1)
GAIN = Effect(name="gain", goal=0.8, latency=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One cell's world. cycle: amplitude of the load's day; own_cycle: of the metric's, which no load explains.

    earlier_days: how many the advisor has on record. history_seconds: of the time before the change.
    """

    name: str
    phi: float
    history_seconds: float = DAY_SECONDS
    cycle: float = 0.0
    own_cycle: float = 0.0
    earlier_days: int = 0
    bursts_per_hour: float = 0.0
    tails: float = 0.0
    missing: float = 0.0
    resets_per_hour: float = 0.0
    load_shift: float = 0.0
    shift_seconds: float = math.inf

    @property
    def is_judgeable(self) -> bool:
        """Whether a gain can be told at all: not at a load never seen before, nor in an hour against an hour."""
        return self.history_seconds >= DAY_SECONDS and not (self.load_shift and math.isinf(self.shift_seconds))


STEADY = Scenario(name="steady", phi=0.0)
SCENARIOS = (
    STEADY,
    replace(STEADY, name="one hour of history", history_seconds=3600.0),
    replace(STEADY, name="daily cycle of the load", cycle=0.5),
    replace(STEADY, name="daily cycle of its own", cycle=0.3, own_cycle=0.3, earlier_days=7),
    replace(STEADY, name="bursts", bursts_per_hour=1.0),
    replace(STEADY, name="heavy tails", tails=3.0),
    replace(STEADY, name="missing scrapes", missing=0.1),
    replace(STEADY, name="counter resets", resets_per_hour=2.0),
    replace(STEADY, name="load shift for an hour", load_shift=0.4, shift_seconds=3600.0),
    replace(STEADY, name="load shift for good", load_shift=0.4),
)
PHIS = (0.0, 0.5, 0.8, 0.95)


def world(scenario: Scenario, effect: Effect, longest_seconds: float, source: np.random.Generator) -> World:
    """Draw one. The change takes force at `BEGAN_AT` less the warm-up."""
    before = np.arange(-scenario.history_seconds - WARM_UP_SECONDS, -WARM_UP_SECONDS, STEP_SECONDS)
    after = np.arange(0.0, longest_seconds, STEP_SECONDS)
    times = np.concatenate([before, np.arange(-WARM_UP_SECONDS, 0.0, STEP_SECONDS), after])
    phase = source.uniform(0, 2 * np.pi)
    days = [
        _day(scenario, NULL, times - DAY_SECONDS * (day + 1), phase, source) for day in range(scenario.earlier_days)
    ]
    today = _day(scenario, effect, times, phase, source)
    usual = None
    if days:
        mean = _of([np.mean([list(day.each())[i] for day in days], axis=0) for i in range(4)])
        usual = _cut(mean, len(before), len(after))
    return World(
        before=_cut(today, len(before), len(after))[0], after=_cut(today, len(before), len(after))[1], usual=usual
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """The same trial as a canary: two of eight instances take the value, six are the control, over both windows."""

    canary: tuple[Signals, Signals]
    control: tuple[Signals, Signals]


def arms(drawn: World, scenario: Scenario, effect: Effect, source: np.random.Generator) -> Arms:
    """`drawn` seen by instance: what all share stays, each instance adds its noise and lies a little off the others."""
    without = Effect(name="undone", goal=1 / effect.goal, latency=1 / effect.latency)
    return Arms(
        canary=_arm(drawn, scenario, NULL, COHORT, source),
        control=_arm(drawn, scenario, without, INSTANCES - COHORT, source),
    )


def _arm(
    drawn: World, scenario: Scenario, late: Effect, instances: int, source: np.random.Generator
) -> tuple[Signals, Signals]:
    count, split = len(drawn.before.goal) + len(drawn.after.goal), len(drawn.before.goal)
    scale = OWN_NOISE / math.sqrt(instances)
    offset = math.exp(0.1 * source.standard_normal() / math.sqrt(instances))
    goal, latency = (
        offset * np.maximum(1 + scale * noise(scenario.phi, count, source, scenario.tails), 0.02) for _ in range(2)
    )
    share = instances / INSTANCES
    found = []
    for window, part, effect in ((drawn.before, slice(0, split), NULL), (drawn.after, slice(split, None), late)):
        lost = np.isnan(window.load)
        requests = source.poisson(np.where(lost, 0.0, window.load) * share * STEP_SECONDS)
        ratio = source.binomial(requests, ERROR_RATIO) / np.maximum(requests, 1)
        found.append(
            Signals(
                goal=window.goal * goal[part] * effect.goal,
                latency=window.latency * latency[part] * effect.latency,
                load=np.where(lost, np.nan, requests / STEP_SECONDS),
                errors=np.where(lost, np.nan, ratio),
            )
        )
    return found[0], found[1]


def _cut(signals: Signals, before: int, after: int) -> tuple[Signals, Signals]:
    early = [series[:before] for series in signals.each()]
    late = [series[-after:] for series in signals.each()]
    return _of(early), _of(late)


def _of(series: list[Array]) -> Signals:
    return Signals(goal=series[0], latency=series[1], load=series[2], errors=series[3])


def _day(scenario: Scenario, effect: Effect, times: Array, phase: float, source: np.random.Generator) -> Signals:
    count = len(times)
    clock = 2 * np.pi * times / DAY_SECONDS + phase
    load = 50.0 * (1 + scenario.cycle * np.sin(clock)) * (1 + LOAD_NOISE * noise(scenario.phi, count, source))
    late = times >= -WARM_UP_SECONDS
    if scenario.load_shift:
        begins = source.uniform(0, 3 * 3600) if math.isfinite(scenario.shift_seconds) else 0.0
        shifted = (times >= begins) & (times < begins + scenario.shift_seconds)
        load = np.where(shifted, load * (1 + scenario.load_shift * source.choice([-1.0, 1.0])), load)
    load = np.maximum(load, 1.0)
    driven = (load / 50.0) ** LOAD_EXPONENT * (1 + scenario.own_cycle * np.sin(clock + 1.0))
    burst = bursts(scenario.bursts_per_hour, count, source)
    goal = 0.1 * driven * burst * _factor(scenario, count, source) * np.where(late, effect.goal, 1.0)
    latency = 0.2 * driven * burst * _factor(scenario, count, source) * np.where(late, effect.latency, 1.0)
    requests = source.poisson(load * STEP_SECONDS).astype(float)
    errors = source.binomial(requests.astype(int), ERROR_RATIO).astype(float)
    if scenario.resets_per_hour:
        return _scraped(scenario, requests, errors, goal, latency, source)
    ratio = np.divide(errors, requests, out=np.zeros(count), where=requests > 0)
    signals = [goal, latency, requests / STEP_SECONDS, ratio]
    if scenario.missing:
        lost = source.uniform(size=count) < scenario.missing
        outage = source.integers(0, count)
        lost[outage : outage + 20] = True
        signals = [np.where(lost, np.nan, series) for series in signals]
    return _of(signals)


def _factor(scenario: Scenario, count: int, source: np.random.Generator) -> Array:
    return np.maximum(1 + NOISE * noise(scenario.phi, count, source, scenario.tails), 0.02)


def _scraped(
    scenario: Scenario, requests: Array, errors: Array, goal: Array, latency: Array, source: np.random.Generator
) -> Signals:
    """As rate() over four scrapes shows counters of which every reset swallows a part of one scrape's growth."""
    left = np.ones(len(requests))
    for at in source.integers(0, len(left), source.poisson(scenario.resets_per_hour * len(left) * STEP_SECONDS / 3600)):
        left[at] = source.uniform()
    counted = _last_four(requests * left)
    safe = np.maximum(counted, 1e-9)
    return _of(
        [
            _last_four(requests * left * goal) / safe,
            _last_four(requests * left * latency) / safe,
            counted / (4 * STEP_SECONDS),
            _last_four(errors * left) / safe,
        ]
    )


def _last_four(series: Array) -> Array:
    total = np.cumsum(np.concatenate([np.zeros(4), series]))
    return np.asarray(total[4:] - total[:-4])
