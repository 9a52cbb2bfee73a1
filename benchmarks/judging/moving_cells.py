"""The cells of worlds that move by themselves, in parts that processes share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from worlds.grid import Grid
from worlds.kinds import KINDS, Kind, Tells, kind_named
from worlds.latent import Mark as Happened
from worlds.response import RESPONSES
from worlds.seen import Seen, arms, whole
from worlds.signals import BEGAN_AT, DAY_SECONDS, STEP_SECONDS, WARM_UP_SECONDS, Array, World, moments

from advisor.engine.judge.trial import Trial, Windows
from advisor.engine.judge.trial_plan import bounds_around, guardrails
from advisor.model.course import Mark, MarkKind
from advisor.model.signal import WITHIN_SIGNAL, Measured, Reading, Sample, Series, SignalKey
from advisor.model.snapshot import Snapshot
from judging.tally import METHODS, Tally, ask_peers
from judging.trials import (
    BLOCK_SECONDS,
    GOAL,
    KEYS,
    LATENCY,
    PLAN,
    REPLICAS,
    SETTINGS,
    Coming,
    Ended,
    beside,
    play,
    thinned,
    trial_of,
    within,
)
from judging.trials import windows as windows_of

MOST_KEPT = {"null": 0.02, "fading": 0.02, "harm": 0.005, "trade": 0.005, "errors": 0.005, "leak": 0.005}
MOST_KEPT["late harm"] = 0.005
A_PART = 50
_START = -PLAN.history_seconds - WARM_UP_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingCell:
    """`trials` of them from number `first` on; the same numbers are the same worlds for every effect."""

    kind_name: str
    effect: str
    first: int
    trials: int
    seed: int
    canary: bool
    peers: bool

    @property
    def name(self) -> str:
        return self.kind_name

    @property
    def kind(self) -> Kind:
        return kind_named(self.kind_name)

    def measure(self) -> dict[str, Tally]:
        """All trials of this part."""
        tallies = {name: Tally() for name in METHODS}
        number = [kind.name for kind in KINDS].index(self.kind_name)
        for one in range(self.first, self.first + self.trials):
            source = np.random.default_rng([self.seed, number, one])
            latent = self.kind.draw(source)
            response = RESPONSES[self.effect](source)
            seen = whole(latent, response, source)
            tallies["advisor"].add(self._alone(seen))
            if self.canary:
                tallies["canary"].add(self._beside(*arms(latent.recent(1.0), response, source)))
            if self.peers:
                ask_peers(self._for_peers(seen), tallies)
        return tallies

    def missed(self, tallies: dict[str, Tally]) -> list[str]:
        """The bars, in words: of before and after where it can tell, of the others everywhere."""
        where, found = f"{self.name}, {self.effect}", []
        tells = {"advisor": self.kind.tells, "canary": Tells.GAIN, "switch": Tells.GAIN}
        for name, told in tells.items():
            tally = tallies[name]
            if not tally.ended or told is Tells.NOTHING:
                continue
            if tally.lasting_ratio > MOST_KEPT.get(self.effect, 1.0):
                found.append(f"{where}: {name} keeps {tally.lasting_ratio:.2%}")
            least = self.kind.least_kept if name == "advisor" else 0.9
            if self.effect not in MOST_KEPT and told is Tells.GAIN and tally.lasting_ratio < least:
                found.append(f"{where}: {name} keeps {tally.lasting_ratio:.1%}")
        return found

    def _alone(self, seen: Seen) -> Ended:
        trial = trial_of(_windows(seen, _START, -WARM_UP_SECONDS), usual(seen), goal=self._goal)
        marks = tuple(sorted(map(_told, seen.marks), key=lambda mark: mark.at))
        coming = replace(_coming(seen), marks=marks, ages=_ages(seen))
        return play(_planned(replace(trial, older=_older(seen))), coming)

    def _beside(self, canary: Seen, control: Seen) -> Ended:
        trial, other = (_windows(one, _START, -WARM_UP_SECONDS) for one in (canary, control))
        coming = replace(_coming(canary), control=_coming(control).points)
        return play(_planned(beside(trial_of(trial, goal=self._goal), other)), coming)

    @property
    def _goal(self) -> SignalKey:
        return LATENCY if self.kind.is_goal_latency else GOAL

    def _for_peers(self, seen: Seen) -> World:
        before = seen.between(_START, -WARM_UP_SECONDS)
        after = seen.between(0.0, SETTINGS.longest_seconds)
        if self.kind.is_goal_latency:
            before, after = replace(before, goal=before.latency), replace(after, goal=after.latency)
        return World(before=before, after=after, usual=None)


def usual(seen: Seen) -> Windows:
    """The mean of the same hours on the days before that are on record in whole, smoothed, as the daemon makes it."""
    over = seen.grid
    shifts = [day for day in SETTINGS.earlier_days if day + PLAN.history_seconds / DAY_SECONDS <= over.days]
    if not shifts:
        return {}
    start, end = over.index(_START), over.index(SETTINGS.longest_seconds)
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


_SIZE = int(BLOCK_SECONDS / STEP_SECONDS)
_REACH = int(SETTINGS.trial_seconds / BLOCK_SECONDS)


def _smooth(blocks: Array) -> Array:
    """Each as the mean of those within the first window before and after it."""
    total = np.cumsum(np.concatenate([[0.0], blocks]))
    low = np.maximum(np.arange(len(blocks)) - _REACH, 0)
    high = np.minimum(np.arange(len(blocks)) + _REACH + 1, len(blocks))
    return np.asarray((total[high] - total[low]) / (high - low))


def _windows(seen: Seen, start: float, end: float) -> Windows:
    """The four signals, how many instances serve, and where latency is a histogram, its buckets."""
    first, last = seen.grid.index(start), seen.grid.index(end)
    found = dict(windows_of(seen.signals.cut(first, last), start))
    found[REPLICAS] = thinned(seen.instances[first:last], start)
    for bound in _bounds(seen):
        share = seen.buckets[bound] / np.maximum(seen.buckets[math.inf], 1e-9)
        found[within(bound)] = thinned(share[first:last], start)
    return found


def _bounds(seen: Seen) -> Sequence[float]:
    """Those next to p95 before the change, as the plan of a trial has them; none where there is no histogram."""
    if not seen.buckets:
        return ()
    at = seen.grid.index(-WARM_UP_SECONDS)
    recent = slice(at - int(SETTINGS.trial_seconds / STEP_SECONDS), at)
    totals = {bound: float(rates[recent].sum()) for bound, rates in seen.buckets.items()}
    now = Measured(value=1.0, at=BEGAN_AT)
    readings: dict[SignalKey, Reading] = {
        within(bound): replace(now, value=total / totals[math.inf])
        for bound, total in totals.items()
        if math.isfinite(bound)
    }
    snapshot = Snapshot(taken_at=BEGAN_AT, window_seconds=SETTINGS.trial_seconds, signals=readings)
    return [float(key.label("le")) for key in bounds_around(snapshot, "shop")]


def _planned(trial: Trial) -> Trial:
    """With its latency counted, where a histogram is read."""
    shares = sorted(
        (key for key in trial.baseline if key.name == WITHIN_SIGNAL), key=lambda key: float(key.label("le"))
    )
    return replace(trial, plan=replace(trial.plan, guardrails=guardrails("shop", SETTINGS, shares)))


def _older(seen: Seen) -> Windows:
    """The days before the baseline, in blocks of the first window, as the daemon keeps them."""
    start, end = seen.grid.index(_START - 7 * DAY_SECONDS), seen.grid.index(_START)
    size = int(SETTINGS.trial_seconds / STEP_SECONDS)
    found: dict[SignalKey, Series] = {}
    for key, points in (*list(zip(KEYS, seen.signals.each(), strict=True))[:3], (REPLICAS, seen.instances)):
        whole = points[start + (end - start) % size : end].reshape(-1, size).mean(axis=1)
        times = moments(_START - (len(whole) - 0.5) * SETTINGS.trial_seconds, len(whole), SETTINGS.trial_seconds)
        samples = (Sample(at=at, value=value) for at, value in zip(times, whole.tolist(), strict=True))
        found[key] = Series(samples=tuple(samples))
    return found


def _coming(seen: Seen) -> Coming:
    return Coming(points=_windows(seen, 0.0, SETTINGS.longest_seconds), lost=np.zeros(0))


def _told(mark: Happened) -> Mark:
    return Mark(kind=MarkKind(mark.kind), at=BEGAN_AT + timedelta(seconds=mark.seconds), what=mark.what)


def _ages(seen: Seen) -> Series | None:
    if seen.ages is None:
        return None
    start = seen.grid.index(0.0)
    return _every_minute(seen.grid, seen.ages, start)


def _every_minute(over: Grid, points: Array, start: int) -> Series:
    times = moments(float(over.seconds[start]), (over.count - start + 3) // 4, 60.0)
    return Series(
        samples=tuple(Sample(at=at, value=value) for at, value in zip(times, points[start::4].tolist(), strict=True))
    )
