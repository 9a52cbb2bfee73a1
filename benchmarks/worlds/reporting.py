"""The other half of the moving worlds: nothing is ever tuned on them, they are for reporting only."""

from dataclasses import replace

import numpy as np

from worlds.grid import HOUR
from worlds.latent import Latent, Rare
from worlds.noise import levels, rises, walk
from worlds.signals import DAY_SECONDS, USUAL_LOAD, Array


def deploy_before(latent: Latent, source: np.random.Generator) -> Latent:
    """A release 5 to 90 minutes before the change made the goal 15 to 40% better."""
    at, share = -source.uniform(300.0, 5400.0), source.uniform(0.5, 1.0)
    found = _earlier_releases(latent, at - 3 * HOUR, source)
    found = found.moved(np.log(source.uniform(0.6, 0.85)) * rises(latent.grid.seconds, at, 120.0), share)
    found = found.marked("release", at, "a new release")
    return replace(found, ages=_ages(found))


def drift_down(latent: Latent, source: np.random.Generator) -> Latent:
    """The goal falls by 10 to 40% a day, since half a day to three days, and goes on."""
    return _drift(latent, -1.0, source)


def drift_up(latent: Latent, source: np.random.Generator) -> Latent:
    """The goal rises by 10 to 40% a day, since half a day to three days, and goes on."""
    return _drift(latent, 1.0, source)


def deploy_during(latent: Latent, source: np.random.Generator) -> Latent:
    """A release within eight hours of the change makes the goal 15 to 40% better (seven times in ten) or worse. It is
    known: in half of the worlds the application's own, whose processes are young then, else a neighbour's."""
    at = source.uniform(0.2, 8.0) * HOUR
    found = _release(_earlier_releases(latent, -3 * HOUR, source), at, source).marked("release", at, "a new release")
    return replace(found, ages=_ages(found)) if source.random() < 0.5 else found


def unannounced(latent: Latent, source: np.random.Generator) -> Latent:
    """The same of which nobody is told: a flag that is flipped, a database that gets an index."""
    found = _earlier_releases(latent, -3 * HOUR, source, told=False)
    return _release(found, source.uniform(0.2, 8.0) * HOUR, source)


def random_walk(latent: Latent, source: np.random.Generator) -> Latent:
    """A walk that strays by 15 to 35% in a day; three times in four it is above the last day's mean when it begins."""
    path = walk(latent.grid.count, source)
    now = latent.grid.index(0.0)
    path = path - path[now]
    was = path[max(now - int(DAY_SECONDS / 15), 0) : now].mean()
    if was > 0 and source.random() < 0.75:
        path = -path
    return latent.moved(source.uniform(0.15, 0.35) * path, source.uniform(0.3, 1.0))


def weekend(latent: Latent, source: np.random.Generator) -> Latent:
    """A weekend begins or ends between twelve hours before the change and six after it: another load, and a goal that
    is 10 to 40% lower or higher than the load explains. The one before is on record."""
    edge, ramp = source.uniform(-12.0, 6.0) * HOUR, source.uniform(1.0, 6.0) * HOUR
    is_end = source.random() < 0.5
    begun = edge - 2 * DAY_SECONDS if is_end else edge
    weekend = np.zeros(latent.grid.count)
    for week in (0, 1, 2):
        since = latent.grid.seconds - begun + 7 * week * DAY_SECONDS
        weekend += rises(since, 0.0, ramp) - rises(since, 2 * DAY_SECONDS, ramp)
    fewer, own = np.log(source.uniform(0.3, 0.7)), source.uniform(np.log(1.1), np.log(1.4))
    sign = -1.0 if source.random() < 0.6 else 1.0
    found = latent.moved(latent.exponent * fewer * weekend, 1.0).moved(sign * own * weekend, source.uniform(0.3, 1.0))
    return replace(found, load=latent.load * np.exp(fewer * weekend))


def still(latent: Latent, _: np.random.Generator) -> Latent:
    """Nothing moves but what the change does, which has a course of its own."""
    return latent


def error_bursts(latent: Latent, source: np.random.Generator) -> Latent:
    """Two to eight times a day 3 to 15% of the requests fail for two to six minutes: 0.1% over the day."""
    ratio = latent.errors.copy()
    a_day, days = source.uniform(2.0, 8.0), latent.grid.count * 15 / DAY_SECONDS
    for start in source.integers(0, latent.grid.count, source.poisson(a_day * days)):
        ratio[start : start + source.integers(8, 25)] = source.uniform(0.03, 0.15)
    return replace(latent, errors=ratio)


def mostly_zero(latent: Latent, source: np.random.Generator) -> Latent:
    """Somebody waits 20 to 60 times an hour: in 8 to 25% of the points, and in 57 to 92% of what lasts 150 s."""
    return _rare(latent, source.uniform(20.0, 60.0), source)


def nearly_always_zero(latent: Latent, source: np.random.Generator) -> Latent:
    """Somebody waits 2 to 12 times an hour: too seldom to tell a fifth within half a day."""
    return _rare(latent, source.uniform(2.0, 12.0), source)


def bending_load(latent: Latent, source: np.random.Generator) -> Latent:
    """The load's effect grows with the load, and is not the same on every day."""
    seconds = latent.grid.seconds
    cycle, phase = source.uniform(0.3, 0.6), source.uniform(0, 2 * np.pi)
    load = latent.load * (1 + cycle * np.sin(2 * np.pi * seconds / DAY_SECONDS + phase))
    height = np.log(load / USUAL_LOAD)
    of_day = 0.15 * levels(seconds, DAY_SECONDS, source)
    exponent = source.uniform(0.3, 0.8) + source.uniform(0.4, 1.2) * height / 2 + of_day
    driven = exponent * height - latent.exponent * np.log(latent.load / USUAL_LOAD)
    return replace(latent, load=load).moved(driven, 1.0)


def _drift(latent: Latent, sign: float, source: np.random.Generator) -> Latent:
    a_day = sign * source.uniform(np.log(1.1), np.log(1.4))
    since = np.maximum(latent.grid.seconds + source.uniform(0.5, 3.0) * DAY_SECONDS, 0.0)
    return latent.moved(a_day * since / DAY_SECONDS, source.uniform(0.3, 1.0))


def _release(latent: Latent, at: float, source: np.random.Generator) -> Latent:
    factor = source.uniform(0.6, 0.85) if source.random() < 0.7 else source.uniform(1.15, 1.5)
    return latent.moved(np.log(factor) * rises(latent.grid.seconds, at, 120.0), source.uniform(0.5, 1.0))


def _earlier_releases(latent: Latent, latest: float, source: np.random.Generator, *, told: bool = True) -> Latent:
    """One on every second day, after each of which the goal lies about 8% off."""
    begins = float(latent.grid.seconds[0])
    found = latent
    for at in source.uniform(begins, latest, source.poisson((latest - begins) / DAY_SECONDS / 2)):
        found = found.moved(source.normal(0.0, 0.08) * rises(latent.grid.seconds, at, 120.0), 1.0)
        found = found.marked("release", float(at), "a new release") if told else found
    return found


def _ages(latent: Latent) -> Array:
    """Median seconds since the processes began, where each release begins them anew."""
    first = float(latent.grid.seconds[0]) - DAY_SECONDS
    begun = np.sort(np.array([first, *(mark.seconds for mark in latent.marks if mark.kind == "release")]))
    return np.asarray(latent.grid.seconds - begun[np.searchsorted(begun, latent.grid.seconds, side="right") - 1])


def _rare(latent: Latent, an_hour: float, source: np.random.Generator) -> Latent:
    sizes = 0.05 * np.exp(source.uniform(0.2, 0.4) * source.standard_normal(latent.grid.count))
    return replace(
        latent,
        rare=Rare(
            draws=source.random(latent.grid.count),
            sizes=sizes,
            chance=an_hour * 15 / 3600,
            by_count=bool(source.random() < 0.5),
        ),
    )
