"""No-change trials over real series: how often the judge would see a gain that is not there, by source.

    .venv/bin/python benchmarks/trial_check.py FOLDER                # FOLDER/SOURCE/NAME.csv: lines of time, value
    .venv/bin/python benchmarks/trial_check.py FOLDER --trials 200   # of each series, at most

What is played is what `advisor trial-check` plays, by the settings' defaults, on the goal alone: no load and no
guardrails are known of such series. Where a series has fewer points than one in 150 s, all windows are as much longer.
Not told are trials without a change that ended without an answer. Exit code 1 when more than 2% of all are kept.
"""

import argparse
import csv
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median

from advisor.engine.judge.history import thinned
from advisor.engine.judge.plan.trial_plan import plan_for
from advisor.engine.replay.aa_test import Recording, play
from advisor.engine.replay.faults import Outcome, faults
from advisor.engine.replay.moments import moments, side_by_side
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Series, series_of, signal
from advisor.model.trial_check import MOST_FALSE, WANTED_GAIN, Fault, FaultKind
from advisor.settings.trial import TrialSettings
from advisor.stats.proportion import highest_share

SETTINGS = TrialSettings()
GOAL = Goal(signal=signal("series"), better=Better.LOWER, minimum_gain_ratio=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of one series. problem: why none could be played."""

    source: str
    name: str
    step_seconds: float
    trials: int = 0
    apart: int = 0
    null_kept: int = 0
    gain_kept: int = 0
    untold: int = 0
    faults: tuple[Fault, ...] = ()
    problem: str = ""


def read(path: Path) -> Series:
    """Its points; lines that are no time and number are left out."""
    points = []
    with path.open(newline="") as lines:
        for line in csv.reader(lines):
            try:
                at, value = datetime.fromisoformat(line[0]), float(line[1])
            except (ValueError, IndexError):
                continue
            points.append((at if at.tzinfo else at.replace(tzinfo=UTC), value))
    return series_of(points)


def check(path: Path, trials: int) -> Found:
    series = read(path)
    times = [sample.at for sample in series.samples]
    if len(times) < 2:
        return Found(source=path.parent.name, name=path.stem, step_seconds=0.0, problem="no points")
    step = median((late - early).total_seconds() for early, late in pairwise(times))
    found = Found(source=path.parent.name, name=path.stem, step_seconds=step)
    plan = plan_for("", SETTINGS)
    stretch = max(step / plan.block_seconds, 1.0)
    plan = replace(
        plan,
        baseline_seconds=plan.baseline_seconds * stretch,
        trial_seconds=plan.trial_seconds * stretch,
        longest_seconds=plan.longest_seconds * stretch,
        history_seconds=plan.history_seconds * stretch,
    )
    recording = Recording(
        series={GOAL.signal: thinned(series, plan, times[-1])},
        start=times[0],
        end=times[-1],
        block_seconds=plan.block_seconds,
    )
    begun = moments(plan, recording, trials)
    if not begun:
        return replace(found, problem="too short for a trial")
    null, gain = ([play(recording, GOAL, plan, SETTINGS, at, by) for at in begun] for by in (0.0, WANTED_GAIN))
    outcomes = [
        Outcome(at=at, is_kept_without=without.kept, is_kept_with=with_it.kept)
        for at, without, with_it in zip(begun, null, gain, strict=True)
    ]
    return replace(
        found,
        trials=len(begun),
        apart=side_by_side(begun, plan),
        null_kept=sum(one.kept for one in null),
        gain_kept=sum(one.kept for one in gain),
        untold=sum(not one.is_told for one in null),
        faults=faults(recording, GOAL, plan, outcomes),
    )


def check_one(task: tuple[Path, int]) -> Found:
    return check(*task)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of a folder for each source, with CSV files")
    parser.add_argument("--trials", type=int, default=100, help="of each series, at most")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    paths = sorted(options.folder.glob("*/*.csv"))
    if not paths:
        parser.error(f"{options.folder} has no folder with a CSV file")
    with ProcessPoolExecutor(options.processes) as pool:
        share = show(pool.map(check_one, [(path, options.trials) for path in paths]))
    return 1 if share > MOST_FALSE else 0


def show(found: Iterator[Found]) -> float:
    """A line for each series and one for each source; returns the share kept of all without a change."""
    print(
        f"{'source / series':50}{'step':>7}{'trials':>8}{'apart':>7}{'null kept':>11}{'not told':>10}{'20% kept':>10}"
    )
    everything: list[Found] = []
    for source, group in groupby(found, key=lambda one: one.source):
        series = []
        for one in group:
            print(_line(f"  {one.name}", [one]), flush=True)
            series.append(one)
        print(_line(source, series), flush=True)
        everything += series
    print(_line("all", everything))
    print("\nby what the series do by themselves; a trial may be touched by several")
    for kind in FaultKind:
        print(_of_kind(kind, everything))
    return _share(everything)


def _of_kind(kind: FaultKind, found: Sequence[Found]) -> str:
    touched = [fault for one in found for fault in one.faults if fault.kind is kind and fault.trials]
    trials = sum(fault.trials for fault in touched)
    if not trials:
        return f"{kind:50}{'':7}{0:>8}"
    null, gain = (
        sum(share * fault.trials for fault, share in zip(touched, shares, strict=True)) / trials
        for shares in ([fault.false_keep_ratio for fault in touched], [fault.kept_ratio for fault in touched])
    )
    return f"{kind:50}{'':7}{trials:>8}{'':7}{null:>11.1%}{'':10}{gain:>10.1%}   of {len(touched)} series"


def _line(name: str, found: Sequence[Found]) -> str:
    trials, apart = sum(one.trials for one in found), sum(one.apart for one in found)
    steps = sorted({f"{one.step_seconds:g}" for one in found})
    start = f"{name[:49]:50}{steps[0] if len(steps) == 1 else '':>7}{trials:>8}{apart:>7}"
    if not trials:
        return f"{start}   {found[0].problem}"
    null, gain = _share(found), sum(one.gain_kept for one in found) / trials
    untold = sum(one.untold for one in found) / trials
    most = highest_share(round(null * apart), apart)
    return f"{start}{null:>11.1%}{untold:>10.1%}{gain:>10.1%}   null at most {most:.1%} by those apart"


def _share(found: Sequence[Found]) -> float:
    trials = sum(one.trials for one in found)
    return sum(one.null_kept for one in found) / trials if trials else 0.0


if __name__ == "__main__":
    sys.exit(main())
