"""Generated workloads of known fault: what three pods need in CPU and memory, every five minutes, for some days.

What is needed is what the following days are judged on; what is seen is cut off by limits: CPU is throttled, and a pod
that needs more memory than its limit is killed and starts anew. Noise is AR(1); there is a day's cycle, releases on the
way, pods that move from a drained node, and scrapes that are missed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

STEP = 300
A_DAY = 288
PODS = 3
MIB = 1024.0**2
BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
Array = NDArray[np.float64]
_CACHE = 0.3
"""Share of the memory that a cache has once it is full."""
_RESTLESS_LEAK = (4.0, 15.0)
"""Levels a day: at limits of 1.5 to 3 levels it is killed after 1 to 12 hours."""


class Kind(StrEnum):
    RIGHT = "right-sized"
    OVER = "over"
    UNDER = "under"
    THROTTLED = "throttled"
    OOM = "oom"
    LEAK = "leak"
    CRASH = "crash loop"
    BEST_EFFORT = "best-effort"


class Manner(StrEnum):
    """How memory behaves beside its fault. RESTLESS: a leak fills its limit within hours, and is killed again and
    again; elsewhere a cache fills for hours after every start, as a leak begins. Not where it is killed before it is
    full: nobody could tell that from a leak.
    """

    PLAIN = "plain"
    FOLLOWS = "follows the load"
    RESTLESS = "restless"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """noise: of a point, as a share. cycle: the day's swing. near: how near to right a wrong size is, 0 to 1."""

    name: str
    noise: float
    cycle: float
    near: float
    releases: int
    missed: float
    leak_a_day: tuple[float, float]


GRADES = (
    Grade(name="easy", noise=0.05, cycle=0.2, near=0.0, releases=0, missed=0.0, leak_a_day=(0.6, 1.5)),
    Grade(name="middling", noise=0.12, cycle=0.4, near=0.5, releases=1, missed=0.02, leak_a_day=(0.35, 0.7)),
    Grade(name="hard", noise=0.2, cycle=0.6, near=1.0, releases=2, missed=0.08, leak_a_day=(0.2, 0.4)),
)


@dataclass(slots=True)
class World:
    """needs: (PODS, steps) in cores and bytes. seen: the same, NaN where nothing was scraped.

    leak_a_day: share of the level at a pod's start. fill_days: of what a cache adds after every start; 0 for none.
    lives: the steps at which each pod was made anew. ooms: (pod, step) of each kill. throttled: (PODS, hours) share
    of the periods. restarts: in the last day.
    """

    kind: Kind
    grade: Grade
    manner: Manner
    name: str
    cpu_need: Array
    memory_need: Array
    cpu_request: float
    memory_request: float
    cpu_limit: float | None
    memory_limit: float | None
    leak_a_day: float = 0.0
    fill_days: float = 0.0
    cpu_seen: Array = field(default_factory=lambda: np.zeros((0, 0)))
    memory_seen: Array = field(default_factory=lambda: np.zeros((0, 0)))
    throttled: Array = field(default_factory=lambda: np.zeros((0, 0)))
    lives: list[list[int]] = field(default_factory=list)
    ooms: list[tuple[int, int]] = field(default_factory=list)
    restarts: int = 0


def worlds(seed: int, days: int, following: int) -> Iterator[World]:
    """One of each kind and grade in each manner."""
    for grade in GRADES:
        for kind in Kind:
            for manner in Manner:
                yield _world(kind, grade, manner, seed * 97 + list(Manner).index(manner), (days, following))


def _world(kind: Kind, grade: Grade, manner: Manner, seed: int, days: tuple[int, int]) -> World:
    rng = np.random.default_rng([list(Kind).index(kind), GRADES.index(grade), seed])
    steps = sum(days) * A_DAY
    seen_steps = days[0] * A_DAY
    load = _load(rng, grade, steps)
    cores = float(rng.uniform(0.1, 1.5))
    level = float(rng.uniform(120, 1500)) * MIB
    cpu = cores * load * _noise(rng, grade.noise, steps)
    follows = rng.uniform(0.1, 0.4) if manner is Manner.FOLLOWS else 0.05
    shape = 1 + follows * (load - 1)
    if kind is Kind.RIGHT and manner is Manner.FOLLOWS:  # a cache that fills and is then full, which is no leak
        shape = shape * (1 - _CACHE * np.exp(-np.arange(steps) / (A_DAY * rng.uniform(0.1, 0.3))))
    memory = level * shape * _noise(rng, grade.noise / 4, steps)
    leak, fill = 0.0, 0.0
    if kind is Kind.LEAK:
        leak = float(rng.uniform(*(_RESTLESS_LEAK if manner is Manner.RESTLESS else grade.leak_a_day)))
    elif manner is Manner.RESTLESS and kind is not Kind.OOM:
        fill = float(rng.uniform(0.1, 0.3))
    name = f"{kind.value.replace(' ', '-')}-{grade.name}-{seed}"
    cpu_p95 = float(np.quantile(cpu[:, :seen_steps], 0.95))
    peak = float(memory[:, :seen_steps].max())
    if kind is Kind.LEAK:  # of the limits that its kind has, a restless one has reached its own within hours
        peak *= float(rng.uniform(1.5, 3)) if manner is Manner.RESTLESS else 1 + leak * days[0]
    made = World(
        kind=kind,
        grade=grade,
        manner=manner,
        name=name,
        cpu_need=cpu,
        memory_need=memory,
        cpu_request=cpu_p95 * float(rng.uniform(1.1, 1.35)),
        memory_request=peak * float(rng.uniform(1.1, 1.35)),
        cpu_limit=None,
        memory_limit=peak * 1.6,
        leak_a_day=leak,
        fill_days=fill,
    )
    _misfit(made, rng, cpu_p95, peak)
    _see(made, rng, seen_steps)
    return made


def _misfit(made: World, rng: np.random.Generator, cpu_p95: float, peak: float) -> None:
    """Gives it the size that its kind has; the harder, the nearer to what would be right."""
    near = made.grade.near
    match made.kind:
        case Kind.OVER:
            factor = float(rng.uniform(3.0, 5.0)) * (1 - near) + float(rng.uniform(1.8, 2.4)) * near
            made.cpu_request, made.memory_request = cpu_p95 * factor, peak * factor
            made.memory_limit = made.memory_request * 1.2
        case Kind.UNDER:
            factor = float(rng.uniform(0.4, 0.6)) * (1 - near) + float(rng.uniform(0.75, 0.9)) * near
            made.cpu_request, made.memory_request = cpu_p95 * factor, peak * factor
        case Kind.THROTTLED:
            made.cpu_limit = cpu_p95 * (
                float(rng.uniform(0.6, 0.75)) * (1 - near) + float(rng.uniform(0.78, 0.88)) * near
            )
            made.cpu_request = min(made.cpu_request, made.cpu_limit)
        case Kind.OOM:
            made.memory_limit = peak * (
                float(rng.uniform(0.8, 0.9)) * (1 - near) + float(rng.uniform(0.93, 0.97)) * near
            )
            made.memory_request = min(made.memory_request, made.memory_limit)
        case Kind.LEAK:
            made.memory_limit = peak * (1.0 if made.manner is Manner.RESTLESS else float(rng.uniform(0.6, 1.3)))
            made.memory_request = min(made.memory_request, made.memory_limit)
        case Kind.BEST_EFFORT:
            made.cpu_request = made.memory_request = 0.0
            made.cpu_limit = made.memory_limit = None
        case _:
            pass


def _see(made: World, rng: np.random.Generator, steps: int) -> None:
    """What a scrape shows within limits."""
    cpu, memory = made.cpu_need[:, :steps].copy(), made.memory_need[:, :steps].copy()
    made.lives = [[0] for _ in range(PODS)]
    for release in range(made.grade.releases):
        at = int(steps * (release + 1) / (made.grade.releases + 1)) + int(rng.integers(0, 40))
        for pod in range(PODS):
            _begin(made, cpu, pod, at + 2 * pod)
    if made.grade.near:  # a node is drained
        _begin(made, cpu, int(rng.integers(PODS)), int(rng.integers(steps // 4, steps - 40)))
    if made.kind is Kind.CRASH:
        for pod in range(PODS):
            alive = (np.arange(steps) % int(rng.integers(3, 6))) > 0
            memory[pod] *= np.where(alive, 0.5, np.nan)
            cpu[pod] *= np.where(alive, 0.3, np.nan)
        made.restarts = int(rng.integers(20, 120))
    for pod in range(PODS):
        _live(made, memory, pod)
    if made.cpu_limit is not None:
        excess = np.clip(cpu / made.cpu_limit - 0.8, 0, 0.6) / 0.6  # bursts within a step reach it before the mean does
        made.throttled = np.nan_to_num(excess).reshape(PODS, -1, 12).mean(axis=2)
        cpu = np.minimum(cpu, made.cpu_limit)
    missed = rng.random(steps) < made.grade.missed
    cpu[:, missed], memory[:, missed] = np.nan, np.nan
    made.cpu_seen, made.memory_seen = cpu, memory


def _begin(made: World, cpu: Array, pod: int, at: int) -> None:
    """A new pod in place of an old one, with a start-up peak of CPU."""
    if at < cpu.shape[1]:
        made.lives[pod] = sorted({*made.lives[pod], at})
        cpu[pod, at : at + 2] *= 2.0


def _live(made: World, memory: Array, pod: int) -> None:
    """Memory from start to start: it warms up for half an hour, fills or leaks, and over its limit it is killed."""
    limit, steps = made.memory_limit or math.inf, memory.shape[1]
    born = 0
    for step in range(steps):
        if step in made.lives[pod]:
            born = step
        if math.isnan(memory[pod, step]):
            continue
        age = (step - born) / A_DAY
        if born:
            memory[pod, step] *= min(1.0, 0.4 + 0.1 * (step - born))
        if made.fill_days:
            memory[pod, step] *= 1 - _CACHE * math.exp(-age / made.fill_days)
        memory[pod, step] *= 1 + made.leak_a_day * age
        if memory[pod, step] > limit:
            made.ooms.append((pod, step))
            made.restarts += step >= steps - A_DAY
            memory[pod, step] = limit * 0.98
            born = step + 1


def _load(rng: np.random.Generator, grade: Grade, steps: int) -> Array:
    """Around 1, all pods alike: a day's cycle with its peak in the afternoon."""
    time = np.arange(steps) / A_DAY
    cycle: Array = 1 + grade.cycle * np.sin(2 * np.pi * (time - 0.4))
    return cycle * _ar(rng, grade.noise / 2, steps)


def _noise(rng: np.random.Generator, size: float, steps: int) -> Array:
    return np.stack([_ar(rng, size, steps) for _ in range(PODS)])


def _ar(rng: np.random.Generator, size: float, steps: int, phi: float = 0.8) -> Array:
    """A factor around 1."""
    shocks = rng.normal(0, size * math.sqrt(1 - phi * phi), steps)
    values = np.empty(steps)
    value = 0.0
    for step in range(steps):
        value = phi * value + shocks[step]
        values[step] = value
    return np.clip(np.exp(values), 0.3, 3.0)
