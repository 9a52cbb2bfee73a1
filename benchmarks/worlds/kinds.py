"""The kinds of worlds that move by themselves: which half each is of, and what can be told of it before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from worlds import reporting, tuning
from worlds.grid import grid
from worlds.latent import Calm, Latent, calm


class Half(Enum):
    TUNING = "tuning"
    REPORTING = "reporting"


class Tells(Enum):
    """What the time before and after tells, alone. A control beside, or a switch back, tells everything everywhere.

    GAIN: a gain of a fifth is to be found. NO_GAIN: that nothing was gained is to be seen, while a gain may go
    unseen. NOTHING: whatever is said may be wrong, as nothing that is on record shows what moves.
    """

    GAIN = "a gain can be told"
    NO_GAIN = "nothing may be kept wrongly"
    NOTHING = "needs a control"


_CALM = Calm()
STANDARD = ("null", "harm", "trade", "gain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """days: on record before the change. least_kept: of gains, where they can be told. is_goal_latency: p95 is what is
    to be improved, and not the wait for the pool."""

    name: str
    half: Half
    move: Callable[[Latent, np.random.Generator], Latent]
    tells: Tells
    effects: tuple[str, ...] = STANDARD
    days: float = 8.0
    calm: Calm = _CALM
    least_kept: float = 0.9
    is_goal_latency: bool = False

    def draw(self, source: np.random.Generator) -> Latent:
        """One world of this kind."""
        return self.move(calm(self.calm, grid(self.days), source), source)


_TUNING = (
    Kind(name="incident before", half=Half.TUNING, move=tuning.incident, tells=Tells.NO_GAIN),
    Kind(name="leak that a restart resets", half=Half.TUNING, move=tuning.restart_leak, tells=Tells.NOTHING),
    Kind(name="instances are added", half=Half.TUNING, move=tuning.more_instances, tells=Tells.NO_GAIN),
    Kind(name="another traffic mix", half=Half.TUNING, move=tuning.traffic_mix, tells=Tells.NOTHING),
    Kind(name="levels for hours", half=Half.TUNING, move=tuning.regimes, tells=Tells.NO_GAIN),
    Kind(name="saturation", half=Half.TUNING, move=tuning.saturation, tells=Tells.GAIN),
    Kind(name="fading gain", half=Half.TUNING, move=tuning.still, tells=Tells.GAIN, effects=("fading",), days=2.0),
    Kind(name="harm leaks on", half=Half.TUNING, move=tuning.still, tells=Tells.GAIN, effects=("leak",), days=2.0),
    Kind(name="cycle of hours", half=Half.TUNING, move=tuning.own_cycle, tells=Tells.GAIN, least_kept=0.8),
    Kind(name="p95 between buckets", half=Half.TUNING, move=tuning.buckets, tells=Tells.GAIN, days=2.0, least_kept=0.8),
    Kind(
        name="p95 in buckets, the goal",
        half=Half.TUNING,
        move=tuning.buckets,
        tells=Tells.GAIN,
        effects=("null", "harm", "p95 gain"),
        days=2.0,
        least_kept=0.8,
        is_goal_latency=True,
    ),
    Kind(
        name="gain that begins late",
        half=Half.TUNING,
        move=tuning.still,
        tells=Tells.GAIN,
        effects=("null", "late gain"),
        days=2.0,
        calm=Calm(noise=(0.03, 0.08), phi=(0.0, 0.5)),
    ),
)
_REPORTING = (
    Kind(name="deploy before", half=Half.REPORTING, move=reporting.deploy_before, tells=Tells.NO_GAIN),
    Kind(name="drift downwards", half=Half.REPORTING, move=reporting.drift_down, tells=Tells.NO_GAIN),
    Kind(name="deploy during", half=Half.REPORTING, move=reporting.deploy_during, tells=Tells.NO_GAIN),
    Kind(name="unannounced change during", half=Half.REPORTING, move=reporting.unannounced, tells=Tells.NOTHING),
    Kind(name="random walk", half=Half.REPORTING, move=reporting.random_walk, tells=Tells.NO_GAIN),
    Kind(name="weekend", half=Half.REPORTING, move=reporting.weekend, tells=Tells.NO_GAIN),
    Kind(
        name="harm comes late",
        half=Half.REPORTING,
        move=reporting.still,
        tells=Tells.GAIN,
        effects=("late harm",),
        days=2.0,
    ),
    Kind(name="drift upwards", half=Half.REPORTING, move=reporting.drift_up, tells=Tells.GAIN),
    Kind(
        name="errors in bursts",
        half=Half.REPORTING,
        move=reporting.error_bursts,
        tells=Tells.GAIN,
        effects=(*STANDARD, "errors"),
    ),
    Kind(name="goal mostly zero", half=Half.REPORTING, move=reporting.mostly_zero, tells=Tells.GAIN, least_kept=0.8),
    Kind(
        name="goal nearly always zero",
        half=Half.REPORTING,
        move=reporting.nearly_always_zero,
        tells=Tells.NO_GAIN,
        effects=("null", "harm", "trade"),
    ),
    Kind(name="load effect that bends", half=Half.REPORTING, move=reporting.bending_load, tells=Tells.GAIN),
)
KINDS = (*_TUNING, *_REPORTING)


def kind_named(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.name == name)


def table() -> str:
    """The kinds as a table in Markdown; each with what its function says of it."""
    rows = ["| world | half | before and after | what moves |", "|---|---|---|---|"]
    for kind in KINDS:
        what = " ".join((kind.move.__doc__ or "").split())
        rows.append(f"| {kind.name} | {kind.half.value} | {kind.tells.value} | {what} |")
    return "\n".join(rows)
