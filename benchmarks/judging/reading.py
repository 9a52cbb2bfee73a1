"""What the daemon would read of a moving world: its signals, the usual day, older days, known events, ages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np
from worlds.grid import Grid
from worlds.latent import Mark as Happened
from worlds.seen import BEGINS, Seen
from worlds.signals import BEGAN_AT, DAY_SECONDS, STEP_SECONDS, WARM_UP_SECONDS, Array, moments

from advisor.engine.judge.plan.trial_plan import bounds_around, guardrails
from advisor.engine.judge.trial import Windows
from advisor.model.change import TrialPlan
from advisor.model.course import Mark, MarkKind
from advisor.model.signal import Measured, Sample, Series, SignalKey
from advisor.model.snapshot import Snapshot
from judging.trials import BLOCK_SECONDS, KEYS, PLAN, REPLICAS, SETTINGS, Coming, thinned, within
from judging.trials import windows as windows_of

START = -PLAN.history_seconds - WARM_UP_SECONDS
"""Of the baseline's history, in seconds from the end of the warm-up."""
_SIZE = int(BLOCK_SECONDS / STEP_SECONDS)
_REACH = int(SETTINGS.trial_seconds / BLOCK_SECONDS)


def usual(seen: Seen) -> Windows:
    """The mean of the same hours on the days before that are on record in whole, smoothed, as the daemon makes it."""
    over = seen.grid
    shifts = [day for day in SETTINGS.earlier_days if day + PLAN.history_seconds / DAY_SECONDS <= over.days]
    if not shifts:
        return {}
    start, end = over.index(START), over.index(SETTINGS.longest_seconds)
    end -= (end - start) % _SIZE
    a_day = int(DAY_SECONDS / STEP_SECONDS)
    times = moments(float(over.seconds[start]) + BLOCK_SECONDS / 2, (end - start) // _SIZE, BLOCK_SECONDS)
    found = {}
    for key, points in list(zip(KEYS, seen.signals.each(), strict=True))[:3]:
        mean = np.mean([points[start - day * a_day : end - day * a_day] for day in shifts], axis=0)
        smoothed = _smooth(mean.reshape(-1, _SIZE).mean(axis=1))
        samples = (Sample(at=at, value=value) for at, value in zip(times, smoothed.tolist(), strict=True))
        found[key] = Series(samples=tuple(samples))
    return found


def _smooth(blocks: Array) -> Array:
    """Each as the mean of those within the first window before and after it."""
    total = np.cumsum(np.concatenate([[0.0], blocks]))
    low = np.maximum(np.arange(len(blocks)) - _REACH, 0)
    high = np.minimum(np.arange(len(blocks)) + _REACH + 1, len(blocks))
    return np.asarray((total[high] - total[low]) / (high - low))


def read_between(seen: Seen, start: float, end: float) -> Windows:
    """The four signals, how many instances serve, and where latency is a histogram, its buckets."""
    first, last = seen.grid.index(start), seen.grid.index(end)
    found = dict(windows_of(seen.signals.cut(first, last), start))
    found[REPLICAS] = thinned(seen.instances[first:last], start)
    for key, shares in _shares(seen).items():
        found[key] = thinned(shares[first:last], start)
    return found


def _shares(seen: Seen) -> Mapping[SignalKey, Array]:
    """What a histogram tells: the shares of requests within each finite bound."""
    total = seen.buckets.get(np.inf)
    if total is None:
        return {}
    served = np.where(total > 0, total, np.nan)
    return {within(bound): rates / served for bound, rates in seen.buckets.items() if np.isfinite(bound)}


def plan_of(seen: Seen) -> TrialPlan:
    """As it is made when the change is proposed: where there is a histogram, p95 is judged on its nearest bounds."""
    at = seen.grid.index(BEGINS) - 1
    shares = {key: Measured(value=float(values[at]), at=BEGAN_AT) for key, values in _shares(seen).items()}
    snapshot = Snapshot(taken_at=BEGAN_AT, window_seconds=60.0, signals=shares)
    return replace(PLAN, guardrails=guardrails("shop", SETTINGS, bounds_around(snapshot, "shop")))


def older_days(seen: Seen) -> Windows:
    """The days before the baseline, in blocks of the first window, as the daemon keeps them."""
    start, end = seen.grid.index(START - 7 * DAY_SECONDS), seen.grid.index(START)
    size = int(SETTINGS.trial_seconds / STEP_SECONDS)
    found: dict[SignalKey, Series] = {}
    for key, points in (*list(zip(KEYS, seen.signals.each(), strict=True))[:3], (REPLICAS, seen.instances)):
        whole = points[start + (end - start) % size : end].reshape(-1, size).mean(axis=1)
        times = moments(START - (len(whole) - 0.5) * SETTINGS.trial_seconds, len(whole), SETTINGS.trial_seconds)
        samples = (Sample(at=at, value=value) for at, value in zip(times, whole.tolist(), strict=True))
        found[key] = Series(samples=tuple(samples))
    return found


def coming_of(seen: Seen) -> Coming:
    return Coming(points=read_between(seen, 0.0, SETTINGS.longest_seconds), lost=np.zeros(0))


def mark_of(mark: Happened) -> Mark:
    return Mark(kind=MarkKind(mark.kind), at=BEGAN_AT + timedelta(seconds=mark.seconds), what=mark.what)


def ages_of(seen: Seen) -> Series | None:
    if seen.ages is None:
        return None
    start = seen.grid.index(0.0)
    return _every_minute(seen.grid, seen.ages, start)


def _every_minute(over: Grid, points: Array, start: int) -> Series:
    times = moments(float(over.seconds[start]), (over.count - start + 3) // 4, 60.0)
    return Series(
        samples=tuple(Sample(at=at, value=value) for at, value in zip(times, points[start::4].tolist(), strict=True))
    )
