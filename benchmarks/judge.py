"""How far the judge can be trusted: simulated trials of known effect, beside Kayenta's rule and a fixed threshold.

    .venv/bin/python benchmarks/judge.py                # 2,000 trials a cell; about 90 minutes on two processors
    .venv/bin/python benchmarks/judge.py --trials 50    # a glance
    .venv/bin/python benchmarks/judge.py --canary       # the same trials with a concurrent control as well

What is simulated is `advisor.engine.judge.judge.judge` itself, with the default settings, asked at every look as the
daemon asks it in every cycle (between two looks its answer stays; --every-cycle asks it all the same). Exit code 1 when
a bar is missed.
"""

import argparse
import math
import os
import sys
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median

import numpy as np
from judge_peers import Said, flagger, kayenta
from judge_world import (
    BEGAN_AT,
    GAIN,
    HARM,
    NULL,
    PHIS,
    SCENARIOS,
    STEADY,
    STEP_SECONDS,
    TRADE,
    WARM_UP_SECONDS,
    Arms,
    Array,
    Effect,
    Scenario,
    Signals,
    World,
    arms,
    moments,
    world,
)

from advisor.engine.judge.history import smooth
from advisor.engine.judge.judge import judge
from advisor.engine.judge.trial import Control, Trial, Windows
from advisor.engine.judge.trial_plan import guardrails
from advisor.model.change import TrialPlan
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Sample, Series, SignalKey, signal
from advisor.model.verdict import Outcome
from advisor.settings.trial import TrialSettings
from advisor.stats.looks import looks

SETTINGS = TrialSettings()
GOAL = signal("pool.wait_mean_seconds", app="shop")
LATENCY = signal("http.p95_seconds", app="shop")
LOAD = signal("http.requests_per_second", app="shop")
ERRORS = signal("http.error_ratio", app="shop")
KEYS = (GOAL, LATENCY, LOAD, ERRORS)
PEERS = {"kayenta": kayenta, "flagger": flagger}
METHODS = ("advisor", "canary", *PEERS)
EFFECTS = (NULL, HARM, TRADE, GAIN)
MOST_MISSING = 0.2

PLAN = TrialPlan(
    apply_seconds=60,
    warm_up_seconds=WARM_UP_SECONDS,
    baseline_seconds=SETTINGS.baseline_seconds,
    trial_seconds=SETTINGS.trial_seconds,
    longest_seconds=SETTINGS.longest_seconds,
    history_seconds=SETTINGS.history_seconds,
    guardrails=guardrails("shop", SETTINGS),
)
BLOCK_SECONDS = PLAN.block_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    scenario: Scenario
    effect: Effect
    trials: int
    seed: int
    every_cycle: bool
    canary: bool
    peers: bool


@dataclass(slots=True, kw_only=True)
class Tally:
    """How one method ended the trials of one cell."""

    kept: int = 0
    ended: int = 0
    seconds: list[float] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, kept: bool, seconds: float, reason: str = "") -> None:
        self.kept += kept
        self.ended += 1
        self.seconds.append(seconds)
        self.reasons[reason] = self.reasons.get(reason, 0) + 1

    @property
    def kept_ratio(self) -> float:
        return self.kept / self.ended


def thinned(points: Array, start_seconds: float) -> Series:
    """Block means, as the advisor stores the history; the judge would gather the trial's points into the same."""
    size = int(BLOCK_SECONDS / STEP_SECONDS)
    whole = points[len(points) % size :].reshape(-1, size)
    filled = np.asarray(~np.isnan(whole).all(axis=1))
    means = np.nanmean(whole[filled], axis=1)
    first = start_seconds + (len(points) % size) * STEP_SECONDS + BLOCK_SECONDS / 2
    times = moments(first, len(whole), BLOCK_SECONDS)
    values = iter(means.tolist())
    return Series(
        samples=tuple(Sample(at=at, value=next(values)) for at, ok in zip(times, filled.tolist(), strict=True) if ok)
    )


def until(series: Series, lost: Array, seconds: float) -> Series:
    """What is read of the trial after so many seconds; `lost` says which of its scrapes are missing."""
    end = BEGAN_AT + timedelta(seconds=seconds)
    due = lost[: math.ceil(seconds / STEP_SECONDS)]
    missing = int(due.sum())
    problem = f"{missing} of {len(due)} points are missing" if missing > MOST_MISSING * len(due) else ""
    count = bisect_left(series.samples, end, key=lambda sample: sample.at)
    return Series(samples=series.samples[:count], problem=problem)


def windows(signals: Signals, start_seconds: float) -> Windows:
    return {key: thinned(points, start_seconds) for key, points in zip(KEYS, signals.each(), strict=True)}


def run_canary(seen: Arms, history_seconds: float, *, every_cycle: bool) -> tuple[bool, float, str]:
    """The real judge on the same trial with a control beside it."""
    start = -history_seconds - WARM_UP_SECONDS
    control = Control(baseline=windows(seen.control[0], start), trial=windows(seen.control[1], 0.0))
    world = World(before=seen.canary[0], after=seen.canary[1], usual=None)
    return run(world, history_seconds, every_cycle=every_cycle, control=control)


def run(
    drawn: World, history_seconds: float, *, every_cycle: bool, control: Control | None = None
) -> tuple[bool, float, str]:
    """The real judge on one trial: whether it kept the change, after how many seconds, and why."""
    start = -history_seconds - WARM_UP_SECONDS
    usual: dict[SignalKey, Series] = {}
    if drawn.usual is not None:
        early, late = windows(drawn.usual[0], start), windows(drawn.usual[1], 0.0)
        usual = {
            key: smooth(Series(samples=early[key].samples + late[key].samples), SETTINGS.trial_seconds)
            for key in KEYS[:3]
        }
    trial = Trial(
        goal=Goal(signal=GOAL, better=Better.LOWER, minimum_gain_ratio=0.1),
        plan=PLAN,
        settings=SETTINGS,
        baseline=windows(drawn.before, start),
        trial={},
        usual=usual,
        began_at=BEGAN_AT,
        elapsed_seconds=0.0,
    )
    points, lost = windows(drawn.after, 0.0), np.isnan(drawn.after.goal)
    for seconds in times(every_cycle=every_cycle):
        seen: dict[SignalKey, Series] = {key: until(series, lost, seconds) for key, series in points.items()}
        beside = control and replace(control, trial={k: until(one, lost, seconds) for k, one in control.trial.items()})
        verdict = judge(replace(trial, trial=seen, control=beside, elapsed_seconds=seconds))
        if verdict.outcome is not Outcome.EXTEND:
            return verdict.outcome is Outcome.KEEP, seconds, str(verdict.reason)
    raise AssertionError("the judge did not end the trial at its longest window")


def times(*, every_cycle: bool) -> Sequence[float]:
    if every_cycle:
        return np.arange(STEP_SECONDS, SETTINGS.longest_seconds + 1, STEP_SECONDS).tolist()
    return [look.seconds for look in looks(SETTINGS.trial_seconds, SETTINGS.longest_seconds)]


def measure(cell: Cell) -> tuple[Cell, dict[str, Tally]]:
    """All trials of one cell."""
    source = np.random.default_rng([cell.seed, PHIS.index(cell.scenario.phi)])
    tallies = {name: Tally() for name in METHODS}
    for _ in range(cell.trials):
        drawn = world(cell.scenario, cell.effect, SETTINGS.longest_seconds, source)
        tallies["advisor"].add(*run(drawn, cell.scenario.history_seconds, every_cycle=cell.every_cycle))
        if cell.canary:
            beside = arms(drawn, cell.scenario, cell.effect, source)
            found_beside = run_canary(beside, cell.scenario.history_seconds, every_cycle=cell.every_cycle)
            tallies["canary"].add(*found_beside)
        for name, peer in PEERS.items() if cell.peers else ():
            found = peer(drawn)
            tallies[name].add(found.said is Said.KEEP, found.seconds)
    return cell, tallies


def cells(options: argparse.Namespace) -> list[Cell]:
    chosen = [scenario for scenario in SCENARIOS if options.only in scenario.name]
    return [
        Cell(
            scenario=replace(scenario, phi=phi),
            effect=effect,
            trials=options.trials,
            seed=options.seed,
            every_cycle=options.every_cycle,
            canary=options.canary,
            peers=not options.no_peers,
        )
        for scenario in chosen
        for phi in options.phi
        for effect in EFFECTS
        if effect.name in options.effect and (effect != TRADE or scenario.name == STEADY.name)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2000, help="a cell")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    parser.add_argument("--phi", type=float, nargs="+", default=PHIS, choices=PHIS, help="of the noise")
    names = [effect.name for effect in EFFECTS]
    parser.add_argument("--effect", nargs="+", default=names, choices=names, help="of the change")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--every-cycle", action="store_true", help="ask the judge every 15 s, not only at its looks")
    parser.add_argument("--canary", action="store_true", help="the same trials with a concurrent control as well")
    parser.add_argument("--no-peers", action="store_true", help="the judge alone; what peers say of a seed stays")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    with ProcessPoolExecutor(options.processes) as pool:
        found = pool.map(measure, cells(options))
        missed = show(found)
    print(f"{options.trials} trials a cell, {time.monotonic() - started:.0f} s")
    print("all bars are reached" if not missed else "missed: " + "; ".join(missed))
    return 1 if missed else 0


def show(found: Iterable[tuple[Cell, dict[str, Tally]]]) -> list[str]:
    """Percent kept by each method, and the minutes to the verdict; returns the bars that were missed."""
    print("percent kept (median minutes to the verdict), then the same over what the advisor keeps")
    print(f"{'scenario':28}{'phi':>5} {'change':7}" + "".join(f"{name:>15}" for name in METHODS))
    missed: list[str] = []
    for cell, tallies in found:
        texts = [
            f"{100 * one.kept_ratio:8.2f} ({median(one.seconds) / 60:3.0f})" if one.ended else f"{'-':>14}"
            for one in tallies.values()
        ]
        name = f"{cell.scenario.name:28}{cell.scenario.phi:>5} {cell.effect.name:7}"
        print(name + " ".join(["", *texts]) + f"   {ratios(tallies)}", flush=True)
        missed += misses(cell, tallies)
    return missed


def ratios(tallies: dict[str, Tally]) -> str:
    """What the peers keep for each one that the advisor keeps; at least so many when it keeps none."""
    own = tallies["advisor"]
    least = max(own.kept, 1)
    return " ".join(
        f"{name} {'>=' if own.kept == 0 and tallies[name].kept else ''}{tallies[name].kept / least:.3g}x"
        for name in PEERS
        if tallies[name].ended
    )


def misses(cell: Cell, tallies: dict[str, Tally]) -> list[str]:
    """The bars, in words, that this cell misses. Where no gain can be told, there is no time to compare either."""
    where = f"{cell.scenario.name}, phi {cell.scenario.phi}, {cell.effect.name}"
    found = []
    is_told = cell.effect == GAIN and cell.scenario.is_judgeable
    for name in ("advisor", "canary"):
        tally = tallies[name]
        if not tally.ended:
            continue
        most = {NULL.name: 0.02, HARM.name: 0.005, TRADE.name: 0.005}.get(cell.effect.name, 1.0)
        if tally.kept_ratio > most:
            found.append(f"{where}: {name} keeps {tally.kept_ratio:.2%}")
        if is_told and cell.scenario.phi <= 0.8 and tally.kept_ratio < 0.9:
            found.append(f"{where}: {name} keeps {tally.kept_ratio:.1%}")
    own, canary = tallies["advisor"], tallies["canary"]
    if canary.ended and is_told and median(canary.seconds) > median(own.seconds) / 2:
        found.append(f"{where}: the canary takes {median(canary.seconds) / median(own.seconds):.2f} of the time")
    return found


if __name__ == "__main__":
    sys.exit(main())
