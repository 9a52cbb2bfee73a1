"""The cells of worlds that move by themselves, in parts that processes share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from worlds.grid import Grid
from worlds.kinds import KINDS, Kind, Tells, kind_named
from worlds.latent import Latent
from worlds.latent import Mark as Happened
from worlds.response import RESPONSES, Response
from worlds.seen import BEGINS, Seen, arm, arms, whole
from worlds.signals import (
    BEGAN_AT,
    COHORT,
    DAY_SECONDS,
    INSTANCES,
    STEP_SECONDS,
    WARM_UP_SECONDS,
    Array,
    World,
    moments,
)

from advisor.engine.judge.trial import Trial, Windows
from advisor.engine.judge.trial_plan import bounds_around, guardrails
from advisor.model.change import TrialPlan
from advisor.model.course import Mark, MarkKind
from advisor.model.signal import Measured, Sample, Series, SignalKey
from advisor.model.snapshot import Snapshot
from judging.switching import drawn_moves, left_on
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
    beside,
    lasts,
    play,
    thinned,
    trial_of,
    within,
)
from judging.trials import windows as windows_of

MOST_KEPT = {"null": 0.02, "fading": 0.02, "harm": 0.005, "trade": 0.005, "errors": 0.005, "leak": 0.005}
MOST_KEPT["late harm"] = 0.005
A_PART = 50
_WATCHED_GAINS = 10
"""Of gains that last one in so many is watched on: it costs more than the trial itself, and few are taken back."""
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
    switch: bool
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
            is_watched = self.effect in MOST_KEPT or one % _WATCHED_GAINS == 0
            self._alone(seen, tallies["advisor"], is_watched=is_watched)
            if self.canary:
                self._beside(latent.recent(1.0), response, source, tallies["canary"], is_watched=is_watched)
            if self.switch:
                self._switched(latent, response, source, tallies["switch"], is_watched=is_watched)
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

    def _alone(self, seen: Seen, tally: Tally, *, is_watched: bool) -> None:
        """Before and after."""
        trial, coming = self._begun(seen)
        ended = play(trial, coming)
        tally.add(ended)
        if ended.kept and is_watched:
            tally.watch(lasts=lasts(ended, coming))

    def _switched(
        self, latent: Latent, response: Response, source: np.random.Generator, tally: Tally, *, is_watched: bool
    ) -> None:
        """The old value comes back at drawn times. Once it is kept the new one stays."""
        moves = drawn_moves(str(source.integers(2**32)), PLAN, SETTINGS)
        trial, coming = self._begun(whole(latent, response, source, moves))
        ended = play(trial, replace(coming, moves=moves))
        tally.add(ended)
        if ended.kept and is_watched:
            kept = left_on(moves, ended.seconds)
            trial, coming = self._begun(whole(latent, response, source, kept))
            tally.watch(lasts=lasts(replace(ended, trial=trial), replace(coming, moves=kept)))

    def _begun(self, seen: Seen) -> tuple[Trial, Coming]:
        trial = trial_of(_windows(seen, _START, BEGINS), usual(seen), goal=self._goal, plan=_plan(seen))
        trial = replace(trial, older=_older(seen))
        marks = tuple(sorted(map(_told, seen.marks), key=lambda mark: mark.at))
        return trial, replace(_coming(seen), marks=marks, ages=_ages(seen))

    def _beside(
        self, latent: Latent, response: Response, source: np.random.Generator, tally: Tally, *, is_watched: bool
    ) -> None:
        """With a control. Once it is kept the other six take the value as well, and are held against their own past."""
        canary, control = arms(latent, response, source)
        past, other = (_windows(one, _START, BEGINS) for one in (canary, control))
        trial = beside(trial_of(past, goal=self._goal, plan=_plan(canary)), other)
        ended = play(trial, replace(_coming(canary), control=_coming(control).points))
        tally.add(ended)
        if not (ended.kept and is_watched):
            return
        at = ended.seconds
        rest = arm(latent, response, source, (at,), instances=INSTANCES - COHORT)
        begun = at + WARM_UP_SECONDS
        trial = trial_of(_windows(rest, at - PLAN.history_seconds, at), goal=self._goal, plan=_plan(rest))
        trial = replace(trial, began_at=BEGAN_AT + timedelta(seconds=begun))
        coming = Coming(points=_windows(rest, begun, begun + PLAN.longest_seconds), lost=np.zeros(0))
        tally.watch(lasts=lasts(replace(ended, seconds=0.0, trial=trial), coming))

    @property
    def _goal(self) -> SignalKey:
        return LATENCY if self.kind.is_goal_latency else GOAL

    def _for_peers(self, seen: Seen) -> World:
        before = seen.between(_START, BEGINS)
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


def _plan(seen: Seen) -> TrialPlan:
    """As it is made when the change is proposed: where there is a histogram, p95 is judged on its nearest bounds."""
    at = seen.grid.index(BEGINS) - 1
    shares = {key: Measured(value=float(values[at]), at=BEGAN_AT) for key, values in _shares(seen).items()}
    snapshot = Snapshot(taken_at=BEGAN_AT, window_seconds=60.0, signals=shares)
    return replace(PLAN, guardrails=guardrails("shop", SETTINGS, bounds_around(snapshot, "shop")))


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
