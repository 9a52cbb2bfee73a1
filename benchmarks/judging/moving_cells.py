"""The cells of worlds that move by themselves, in parts that processes share."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from worlds.kinds import KINDS, Kind, Tells, kind_named
from worlds.latent import Latent
from worlds.response import RESPONSES, Response
from worlds.seen import BEGINS, Seen, arm, arms, whole
from worlds.signals import BEGAN_AT, COHORT, INSTANCES, WARM_UP_SECONDS, World

from advisor.engine.judge.trial import Trial
from advisor.model.signal import SignalKey
from judging.reading import START, ages_of, coming_of, mark_of, older_days, plan_of, read_between, usual
from judging.switching import drawn_moves, left_on
from judging.tally import METHODS, Tally, ask_peers
from judging.trials import GOAL, LATENCY, PLAN, SETTINGS, Coming, beside, lasts, play, trial_of

MOST_KEPT = {"null": 0.02, "fading": 0.02, "harm": 0.005, "trade": 0.005, "errors": 0.005, "leak": 0.005}
MOST_KEPT["late harm"] = 0.005
A_PART = 50
_WATCHED_GAINS = 10
"""Of gains that last one in so many is watched on: it costs more than the trial itself, and few are taken back."""


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
        trial = trial_of(read_between(seen, START, BEGINS), usual(seen), goal=self._goal, plan=plan_of(seen))
        trial = replace(trial, older=older_days(seen))
        marks = tuple(sorted(map(mark_of, seen.marks), key=lambda mark: mark.at))
        return trial, replace(coming_of(seen), marks=marks, ages=ages_of(seen))

    def _beside(
        self, latent: Latent, response: Response, source: np.random.Generator, tally: Tally, *, is_watched: bool
    ) -> None:
        """With a control. Once it is kept the other six take the value as well, and are held against their own past."""
        canary, control = arms(latent, response, source)
        past, other = (read_between(one, START, BEGINS) for one in (canary, control))
        trial = beside(trial_of(past, goal=self._goal, plan=plan_of(canary)), other)
        ended = play(trial, replace(coming_of(canary), control=coming_of(control).points))
        tally.add(ended)
        if not (ended.kept and is_watched):
            return
        at = ended.seconds
        rest = arm(latent, response, source, (at,), instances=INSTANCES - COHORT)
        begun = at + WARM_UP_SECONDS
        trial = trial_of(read_between(rest, at - PLAN.history_seconds, at), goal=self._goal, plan=plan_of(rest))
        trial = replace(trial, began_at=BEGAN_AT + timedelta(seconds=begun))
        coming = Coming(points=read_between(rest, begun, begun + PLAN.longest_seconds), lost=np.zeros(0))
        tally.watch(lasts=lasts(replace(ended, seconds=0.0, trial=trial), coming))

    @property
    def _goal(self) -> SignalKey:
        return LATENCY if self.kind.is_goal_latency else GOAL

    def _for_peers(self, seen: Seen) -> World:
        before = seen.between(START, BEGINS)
        after = seen.between(0.0, SETTINGS.longest_seconds)
        if self.kind.is_goal_latency:
            before, after = replace(before, goal=before.latency), replace(after, goal=after.latency)
        return World(before=before, after=after, usual=None)
