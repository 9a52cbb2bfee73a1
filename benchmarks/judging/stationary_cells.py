"""Today's cells: scenarios whose noise is the same all the time, with a daily course at most."""

from dataclasses import dataclass

import numpy as np
from worlds.signals import WARM_UP_SECONDS, World
from worlds.stationary import GAIN, HARM, NULL, PHIS, TRADE, Arms, Effect, Scenario, arms, world

from advisor.engine.judge.history import smooth
from advisor.model.signal import Series, SignalKey
from judging.tally import METHODS, Tally, ask_peers
from judging.trials import KEYS, SETTINGS, Coming, Ended, beside, play, trial_of, windows


@dataclass(frozen=True, slots=True, kw_only=True)
class StationaryCell:
    scenario: Scenario
    effect: Effect
    trials: int
    seed: int
    every_cycle: bool
    canary: bool
    peers: bool

    @property
    def name(self) -> str:
        return f"{self.scenario.name}, phi {self.scenario.phi}"

    def measure(self) -> dict[str, Tally]:
        """All trials of the cell."""
        source = np.random.default_rng([self.seed, PHIS.index(self.scenario.phi)])
        tallies = {name: Tally() for name in METHODS}
        for _ in range(self.trials):
            drawn = world(self.scenario, self.effect, SETTINGS.longest_seconds, source)
            tallies["advisor"].add(self._alone(drawn))
            if self.canary:
                tallies["canary"].add(self._beside(arms(drawn, self.scenario, self.effect, source)))
            if self.peers:
                ask_peers(drawn, tallies)
        return tallies

    def missed(self, tallies: dict[str, Tally]) -> list[str]:
        """The bars, in words. Where no gain can be told, there is no time to compare either."""
        where = f"{self.name}, {self.effect.name}"
        found = []
        is_told = self.effect == GAIN and self.scenario.is_judgeable
        for name in ("advisor", "canary"):
            tally = tallies[name]
            if not tally.ended:
                continue
            most = {NULL.name: 0.02, HARM.name: 0.005, TRADE.name: 0.005}.get(self.effect.name, 1.0)
            if tally.kept_ratio > most:
                found.append(f"{where}: {name} keeps {tally.kept_ratio:.2%}")
            if is_told and self.scenario.phi <= 0.8 and tally.kept_ratio < 0.9:
                found.append(f"{where}: {name} keeps {tally.kept_ratio:.1%}")
        own, canary = tallies["advisor"], tallies["canary"]
        if canary.ended and is_told and canary.median_seconds > own.median_seconds / 2:
            found.append(f"{where}: the canary takes {canary.median_seconds / own.median_seconds:.2f} of the time")
        return found

    def _alone(self, drawn: World) -> Ended:
        usual: dict[SignalKey, Series] = {}
        if drawn.usual is not None:
            early, late = windows(drawn.usual[0], self._start), windows(drawn.usual[1], 0.0)
            usual = {
                key: smooth(Series(samples=early[key].samples + late[key].samples), SETTINGS.trial_seconds)
                for key in KEYS[:3]
            }
        coming = Coming(points=windows(drawn.after, 0.0), lost=np.isnan(drawn.after.goal))
        return play(trial_of(windows(drawn.before, self._start), usual), coming, every_cycle=self.every_cycle)

    def _beside(self, seen: Arms) -> Ended:
        """The same trial with a control beside it."""
        coming = Coming(
            points=windows(seen.canary[1], 0.0),
            lost=np.isnan(seen.canary[1].goal),
            control=windows(seen.control[1], 0.0),
        )
        trial = beside(trial_of(windows(seen.canary[0], self._start)), windows(seen.control[0], self._start))
        return play(trial, coming, every_cycle=self.every_cycle)

    @property
    def _start(self) -> float:
        return -self.scenario.history_seconds - WARM_UP_SECONDS
