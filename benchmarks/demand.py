"""Demand for autoscalers, in cores, a value a minute: what services of five kinds ask for on many days.

A recorded one is read from a file. Each generated one is made of a base, a day's course, noise with a memory (AR(1)),
and what its kind adds. Three grades: at grade 0 the kind is plain to see, at grade 2 noise and a day's course nearly
hide it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STEP_SECONDS = 60.0
STEPS_A_DAY = 1440
_MEAN_CORES = 6.0
KINDS = ("steady", "daily", "bursty", "growing", "flash")
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """days: one row a day, cores, at least 0."""

    kind: str
    name: str
    days: Array


def series(kind: str, grade: int, seed: int, days: int) -> Series:
    """One service's demand. grade: 0 to 2."""
    random = np.random.default_rng([KINDS.index(kind), grade, seed])
    steps = days * STEPS_A_DAY
    base = float(np.exp(random.uniform(np.log(1.0), np.log(12.0))))
    hour = np.arange(steps) / STEPS_A_DAY * 2 * np.pi + random.uniform(0, 2 * np.pi)
    swing = {"daily": random.uniform(0.45, 0.75) - 0.1 * grade}.get(kind, 0.04 + 0.05 * grade)
    course = 1 + swing * (0.8 * np.sin(hour) + 0.2 * np.sin(2 * hour))
    noise = 1 + (0.02 + 0.03 * grade) * _ar1(random, steps, 0.9)
    demand = base * course * noise
    if kind == "bursty":
        demand += base * _bursts(random, steps, per_day=random.uniform(10, 30), low=0.6, high=1.8 - 0.3 * grade)
    if kind == "growing":
        demand *= 1 + np.arange(steps) / STEPS_A_DAY * random.uniform(0.05, 0.1) * (1 - 0.25 * grade)
    if kind == "flash":
        demand += base * _crowds(random, days, STEPS_A_DAY, height=random.uniform(3.0, 5.0) - 0.6 * grade)
    return Series(
        kind=kind, name=f"{kind} {grade} #{seed}", days=np.maximum(demand, 0.01 * base).reshape(days, STEPS_A_DAY)
    )


def many(seeds: range, days: int) -> Iterator[Series]:
    """One of every kind and grade for every seed."""
    for seed in seeds:
        for kind in KINDS:
            for grade in range(3):
                yield series(kind, grade, seed, days)


def recorded(folder: Path) -> Iterator[Series]:
    """Of every `KIND-anything.csv` of a folder: a value a minute, one a line, 0 or more; whole days are taken.

    Its unit tells nothing of the number of pods: it is scaled to a mean of 6 cores, the middle of the generated ones.
    Raises ValueError for a file of another kind.
    """
    for file in sorted(folder.glob("*.csv")):
        kind = file.stem.split("-")[0]
        if kind not in KINDS:
            raise ValueError(f"{file.name}: a name begins with one of {', '.join(KINDS)}, then a hyphen")
        values = np.array([float(line) for line in file.read_text().split()])
        days = values[: len(values) // STEPS_A_DAY * STEPS_A_DAY].reshape(-1, STEPS_A_DAY)
        yield Series(kind=kind, name=file.stem, days=days * (_MEAN_CORES / days.mean()))


def _ar1(random: np.random.Generator, steps: int, phi: float) -> Array:
    shocks = random.normal(0, np.sqrt(1 - phi * phi), steps)
    values = np.empty(steps)
    last = random.normal()
    for at in range(steps):
        last = phi * last + shocks[at]
        values[at] = last
    return values


def _bursts(random: np.random.Generator, steps: int, *, per_day: float, low: float, high: float) -> Array:
    """Short rises at any time: over in 3 to 15 minutes."""
    found = np.zeros(steps)
    for start in np.flatnonzero(random.random(steps) < per_day / STEPS_A_DAY):
        length = int(random.integers(3, 16))
        found[start : start + length] += random.uniform(low, high)
    return found


def _crowds(random: np.random.Generator, days: int, steps_a_day: int, *, height: float) -> Array:
    """A crowd a day or two: there within 3 minutes, gone within an hour."""
    found = np.zeros(days * steps_a_day)
    for day in range(days):
        for _ in range(int(random.integers(1, 3))):
            start = day * steps_a_day + int(random.integers(0, steps_a_day - 90))
            rise, stay = np.linspace(0, 1, 3), int(random.integers(10, 40))
            fall = np.exp(-np.arange(40) / 12)
            shape = np.concatenate([rise, np.ones(stay), fall]) * height * random.uniform(0.8, 1.2)
            found[start : start + len(shape)] += shape[: len(found) - start]
    return found
