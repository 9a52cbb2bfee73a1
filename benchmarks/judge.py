"""How far the judge can be trusted: simulated trials of known effect, beside Kayenta's rule and a fixed threshold.

    .venv/bin/python benchmarks/judge.py                      # 2,000 trials a cell; hours on two processors
    .venv/bin/python benchmarks/judge.py --trials 50          # a glance
    .venv/bin/python benchmarks/judge.py --kinds tuning       # worlds that move by themselves: the half for tuning
    .venv/bin/python benchmarks/judge.py --list               # what can be told where
    .venv/bin/python benchmarks/judge.py --canary --switch    # the same trials with a control, and with switches back

What is simulated is `advisor.engine.judge.judge.judge` itself, with the default settings, asked at every look as the
daemon asks it in every cycle (between two looks its answer stays; --every-cycle asks it all the same, of the worlds
that stand still). Exit code 1 when a bar is missed.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import groupby

from judging.moving_cells import A_PART, MovingCell
from judging.stationary_cells import StationaryCell
from judging.tally import METHODS, PEERS, Tally
from worlds.kinds import KINDS, table
from worlds.stationary import GAIN, HARM, NULL, PHIS, SCENARIOS, STEADY, TRADE

EFFECTS = (NULL, HARM, TRADE, GAIN)
Cell = StationaryCell | MovingCell


def stationary(options: argparse.Namespace) -> Iterator[StationaryCell]:
    for scenario in (scenario for scenario in SCENARIOS if options.only in scenario.name):
        for phi in options.phi:
            for effect in EFFECTS:
                if _asks(options, effect.name) and (effect != TRADE or scenario.name == STEADY.name):
                    yield StationaryCell(
                        scenario=replace(scenario, phi=phi),
                        effect=effect,
                        trials=options.trials,
                        seed=options.seed,
                        every_cycle=options.every_cycle,
                        canary=options.canary,
                        peers=not options.no_peers,
                    )


def moving(options: argparse.Namespace) -> Iterator[MovingCell]:
    halves = ("tuning", "reporting") if options.kinds == "all" else (options.kinds,)
    for kind in (kind for kind in KINDS if kind.half.value in halves and options.only in kind.name):
        for effect in (effect for effect in kind.effects if _asks(options, effect)):
            for first in range(0, options.trials, A_PART):
                yield MovingCell(
                    kind_name=kind.name,
                    effect=effect,
                    first=first,
                    trials=min(A_PART, options.trials - first),
                    seed=options.seed,
                    canary=options.canary,
                    switch=options.switch,
                    peers=not options.no_peers,
                )


def _asks(options: argparse.Namespace, effect: str) -> bool:
    return not options.effect or effect in options.effect


def measure(cell: Cell) -> tuple[Cell, dict[str, Tally]]:
    return cell, cell.measure()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2000, help="a cell")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--kinds", default="all", choices=("tuning", "reporting", "today", "all"))
    parser.add_argument("--list", action="store_true", help="print the moving worlds and what can be told of them")
    parser.add_argument("--only", default="", help="worlds whose name contains this")
    parser.add_argument("--phi", type=float, nargs="+", default=PHIS, choices=PHIS, help="of the noise, of today's")
    names = dict.fromkeys([*(effect.name for effect in EFFECTS), *(name for kind in KINDS for name in kind.effects)])
    parser.add_argument("--effect", nargs="+", choices=list(names), help="of the change; all when it is not given")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--every-cycle", action="store_true", help="ask the judge every 15 s, not only at its looks")
    parser.add_argument("--canary", action="store_true", help="the same trials with a concurrent control as well")
    parser.add_argument("--switch", action="store_true", help="the same moving worlds with the knob moved back as well")
    parser.add_argument("--no-peers", action="store_true", help="the judge alone; what peers say of a seed stays")
    options = parser.parse_args(arguments)
    if options.list:
        print(table())
        return 0
    started = time.monotonic()
    cells: list[Cell] = list(stationary(options)) if options.kinds in ("today", "all") else []
    if options.kinds != "today":
        cells += moving(options)
    with ProcessPoolExecutor(options.processes) as pool:
        missed = show(joined(pool.map(measure, cells)))
    print(f"{options.trials} trials a cell, {time.monotonic() - started:.0f} s")
    print("all bars are reached" if not missed else "missed: " + "; ".join(missed))
    return 1 if missed else 0


def joined(found: Iterator[tuple[Cell, dict[str, Tally]]]) -> Iterator[tuple[Cell, dict[str, Tally]]]:
    """The parts of a cell as one."""
    for _, parts in groupby(found, key=lambda one: (one[0].name, effect_of(one[0]))):
        (cell, tallies), *rest = parts
        for _, more in rest:
            for name, tally in more.items():
                tallies[name].join(tally)
        yield cell, tallies


def effect_of(cell: Cell) -> str:
    return cell.effect if isinstance(cell, MovingCell) else cell.effect.name


def show(found: Iterator[tuple[Cell, dict[str, Tally]]]) -> list[str]:
    """Percent kept by each method, and the minutes to the verdict; returns the bars that were missed."""
    print("percent kept, /percent not taken back later, (median minutes to the verdict); what the peers keep for each")
    print(f"{'world':36}{'change':10}" + "".join(f"{name:>20}" for name in METHODS))
    missed: list[str] = []
    for cell, tallies in found:
        name = f"{cell.name:36}{effect_of(cell):10}"
        print(name + "".join(map(_told, tallies.values())) + f"   {ratios(tallies)}", flush=True)
        missed += cell.missed(tallies)
    return missed


def _told(one: Tally) -> str:
    if not one.ended:
        return f"{'-':>20}"
    later = f"/{100 * one.lasting_ratio:.2f}" if one.taken_back else ""
    return f"{100 * one.kept_ratio:.2f}{later} ({one.median_seconds / 60:3.0f})".rjust(20)


def ratios(tallies: dict[str, Tally]) -> str:
    """What the peers keep for each one that the advisor keeps; at least so many when it keeps none."""
    own = tallies["advisor"]
    least = max(own.kept, 1)
    return " ".join(
        f"{name} {'>=' if own.kept == 0 and tallies[name].kept else ''}{tallies[name].kept / least:.3g}x"
        for name in PEERS
        if tallies[name].ended
    )


if __name__ == "__main__":
    sys.exit(main())
