"""Our choice of an autoscaler's settings beside the guide's static table and beside the settings of today.

    .venv/bin/python benchmarks/hpa.py [--seeds 3] [--real DIR]

Of every series of ten days the first seven are replayed to choose; the last three are played with it, and printed.
The table is given the true kind of each load, which nobody knows beforehand; "today" is a target of 80% and the
controller's defaults. Overload: seconds in which the demand was more than all ready pods' requests. A choice dominates
the table with no more of it and no more pod-hours, without any tolerance. DIR holds recorded demand of ten days or
more, one file a series: `KIND-anything.csv`, a value a minute in each line; it is played instead of generated ones.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from demand import STEP_SECONDS, Series, many, recorded

from advisor.model.kubernetes.autoscaler import (
    DEFAULT_DOWN,
    DEFAULT_UP,
    MetricKind,
    PolicyKind,
    ScalingPolicy,
    ScalingRules,
    SelectPolicy,
    TargetKind,
)
from advisor.model.kubernetes.playing import (
    ControllerTimes,
    HpaPlan,
    HpaQuestion,
    Load,
    Played,
    PlayedPod,
    PlayedTarget,
)
from advisor.whatif.autoscaler.choice import ReplayedAutoscaler
from advisor.whatif.autoscaler.play import play

REQUEST = 0.5
POD = PlayedPod(start_seconds=45, capacity={"cpu": REQUEST})
TARGETS = {"steady": 70, "daily": 70, "growing": 70, "bursty": 60, "flash": 60}
LEARNED_DAYS, PLAYED_DAYS = 7, 3
_AT_ONCE = 5


def _rules(percent: int, period: int, window: int) -> ScalingRules:
    policy = ScalingPolicy(kind=PolicyKind.PERCENT, value=percent, period_seconds=period)
    return ScalingRules(window_seconds=window, select=SelectPolicy.MAX, policies=(policy,))


MODERATE_UP, AGGRESSIVE_UP = _rules(50, 30, 0), _rules(100, 15, 0)
MODERATE_DOWN, SLOW_DOWN = _rules(10, 60, 300), _rules(5, 120, 600)


def _plan(target: float, up: ScalingRules, down: ScalingRules) -> HpaPlan:
    cpu = PlayedTarget(
        name="cpu", kind=MetricKind.RESOURCE, target=TargetKind.UTILIZATION, value=target, request=REQUEST
    )
    return HpaPlan(targets=(cpu,), min_replicas=2, max_replicas=200, up=up, down=down)


TODAY = _plan(80, DEFAULT_UP, DEFAULT_DOWN)
CANDIDATES = tuple(
    _plan(target, up, down)
    for target in range(40, 95, 5)
    for up in (MODERATE_UP, AGGRESSIVE_UP, DEFAULT_UP)
    for down in (MODERATE_DOWN, SLOW_DOWN, DEFAULT_DOWN)
)


def table(kind: str) -> HpaPlan:
    """The guide's: its target for the pattern, and aggressive speed for crowds."""
    return _plan(TARGETS[kind], AGGRESSIVE_UP if kind == "flash" else MODERATE_UP, MODERATE_DOWN)


def _loads(one: Series) -> list[Load]:
    return [Load(step_seconds=STEP_SECONDS, demands={"cpu": day.tolist()}) for day in one.days]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seeds", type=int, default=3, help="each makes 15 series")
    arguments.add_argument("--first-seed", type=int, default=100)
    arguments.add_argument("--real", type=Path)
    chosen = arguments.parse_args()
    if chosen.real is None:
        seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
        wanted = list(many(seeds, LEARNED_DAYS + PLAYED_DAYS))
    else:
        wanted = [one for one in recorded(chosen.real) if len(one.days) >= LEARNED_DAYS + PLAYED_DAYS]
    print(f"{'series':<40}{'our choice':<34}{'overload s a day':>27}{'pod-hours a day':>27}")
    print(f"{'':<40}{'':<34}{'ours':>9}{'table':>9}{'today':>9}{'ours':>9}{'table':>9}{'today':>9}")
    verdicts: Counter[str] = Counter()
    began = perf_counter()
    for first in range(0, len(wanted), _AT_ONCE):
        for one, best, later in _played(wanted[first : first + _AT_ONCE]):
            overload = [sum(day.overload_seconds for day in plan) / len(plan) for plan in later]
            hours = [sum(day.pod_hours for day in plan) / len(plan) for plan in later]
            verdict = _verdict((overload[0], hours[0]), (overload[1], hours[1]))
            verdicts[verdict] += 1
            told = f"{best.targets[0].value:g}% {_speed(best)}"
            numbers = "".join(f"{value:9.0f}" for value in overload) + "".join(f"{value:9.1f}" for value in hours)
            print(f"{one.name:<40}{told:<34}{numbers}  {verdict}", flush=True)
    total = verdicts.total()
    good = verdicts["dominates"] + verdicts["equals"]
    print(f"\nof {total}: " + ", ".join(f"{count} {name}" for name, count in verdicts.most_common()))
    print(f"dominates or equals the table: {good / total:.0%} (bar 90%); {perf_counter() - began:.0f} s")
    return 0 if good >= 0.9 * total else 1


def _played(some: Sequence[Series]) -> Iterator[tuple[Series, HpaPlan, list[list[Played]]]]:
    """A series, our choice for it, and its later days under our choice, the table's and today's plan.

    The later days of them all are played in one go, which costs little more than those of one.
    """
    bests = [_best(one) for one in some]
    plans = list(dict.fromkeys([*bests, *(table(one.kind) for one in some), TODAY]))
    days = [_loads(one)[LEARNED_DAYS : LEARNED_DAYS + PLAYED_DAYS] for one in some]
    played = play([day for each in days for day in each], plans, POD, ControllerTimes())
    for at, (one, best) in enumerate(zip(some, bests, strict=True)):
        own = played[at * PLAYED_DAYS : (at + 1) * PLAYED_DAYS]
        yield one, best, [[day[plans.index(plan)] for day in own] for plan in (best, table(one.kind), TODAY)]


def _best(one: Series) -> HpaPlan:
    question = HpaQuestion(
        days=tuple(_loads(one)[:LEARNED_DAYS]), pod=POD, today=TODAY, guide=table(one.kind), candidates=CANDIDATES
    )
    return ReplayedAutoscaler().choose(question).best.plan


def _verdict(ours: tuple[float, float], its: tuple[float, float]) -> str:
    if ours == its:
        return "equals"
    if all(mine <= other for mine, other in zip(ours, its, strict=True)):
        return "dominates"
    return "worse" if all(mine >= other for mine, other in zip(ours, its, strict=True)) else "trades"


def _speed(plan: HpaPlan) -> str:
    names = {
        MODERATE_UP: "moderate up",
        AGGRESSIVE_UP: "aggressive up",
        DEFAULT_UP: "default up",
        MODERATE_DOWN: "moderate down",
        SLOW_DOWN: "slow down",
        DEFAULT_DOWN: "default down",
    }
    return ", ".join(names[half] for half in (plan.up, plan.down) if half is not None)


if __name__ == "__main__":
    sys.exit(main())
