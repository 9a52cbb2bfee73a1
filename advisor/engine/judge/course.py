"""The course that a metric takes by itself, as far as the past tells it: by load, by hour, by its own cycle. Pure.

What is known of it is taken out before a change is judged. Each part counts only where it lowers what the past leaves
unexplained: earlier days, or a cycle, that do not fit today would only add their own noise.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from statistics import fmean

from advisor.engine.judge.load_curve import LoadCurve, load_curve
from advisor.engine.judge.trial import Trial, Windows, read
from advisor.model.signal import SignalKey
from advisor.stats.blocks import Blocks, floor_of, gathered, is_sparse, log_blocks, shares_of
from advisor.stats.cycle import Cycle, cycle

_SMALL = 6
"""Small blocks in a large one, of which the middle half counts: see `gathered`."""
_FEWEST = 24
_DAYS_OF_CYCLE = 3
_LOWERS = 0.9
"""Of the variance that is left without it; less is chance."""
_LOWERS_BY_HOURS = 0.8


class Hours(Enum):
    """What tells the metric's level at an hour."""

    NOTHING = "nothing"
    EARLIER_DAYS = "earlier days"
    CYCLE = "a cycle of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """past: what the course leaves of each block of the first window's length, as logarithms, over all that is on
    record. block_seconds: of these. curve: how it follows the load, where that bends. cycle: where `hours` says so.
    """

    past: Blocks = field(default_factory=dict)
    block_seconds: float
    hours: Hours = Hours.NOTHING
    cycle: Cycle | None = None
    curve: LoadCurve | None = None

    def expected(self, blocks: Blocks, seconds: float) -> Blocks:
        """What the cycle says of blocks of another length."""
        if self.cycle is None:
            return {}
        return {block: self.cycle.at((block + 0.5) * seconds / self.block_seconds - 0.5) for block in blocks}


def course(trial: Trial, signal: SignalKey, slack: float = 0.0) -> Course:
    """Of `signal`; with a control, of its distance from that, which has no course that all share.

    Worked out once for a past: the looks of a trial, one after another, ask for the same.
    """
    control = trial.control.baseline if trial.control is not None else {}
    load = trial.load_of(signal)
    windows = (trial.older, trial.baseline, trial.usual, control)
    past = [read(one, key) for one in windows for key in (signal, load) if key is not None]
    key = (signal, slack, *map(id, past))
    if key not in trial.known:
        trial.known[key] = (_course(trial, signal, slack), past)
    found: Course = trial.known[key][0]
    return found


def _course(trial: Trial, signal: SignalKey, slack: float) -> Course:
    sparse = _is_sparse(trial, signal)
    own = _record(trial, (trial.older, trial.baseline), signal, slack, sparse=sparse)
    seconds = trial.plan.trial_seconds
    if trial.control is not None:
        beside = _record(trial, ({}, trial.control.baseline), signal, slack, sparse=sparse)
        return Course(past={b: v - beside[b] for b, v in own.items() if b in beside}, block_seconds=seconds)
    if len(own) < _FEWEST:  # too little to tell whether earlier days fit; where they are on record, they are believed
        is_usual = bool(read(trial.usual, signal).samples)
        return Course(past=own, block_seconds=seconds, hours=Hours.EARLIER_DAYS if is_usual else Hours.NOTHING)
    load = _load(trial, signal, own)
    line, bent = (load_curve(own, load, bends=one) if load else None for one in (False, True))
    bends = _variance(_without(own, load, bent)) <= _LOWERS * _variance(_without(own, load, line))
    plain = _without(own, load, bent if bends else line)
    days = {} if bends else _beyond_days(trial, signal, own, load, slack)
    found = _cycle(plain)
    turned = {block: value - found.at(block) for block, value in plain.items()} if found is not None else {}
    left = {Hours.EARLIER_DAYS: days, Hours.CYCLE: turned}
    curve = bent if bends else None
    today = {block for block in plain if not days or block in days}
    bound = _LOWERS_BY_HOURS * _among(plain, today)
    best = min((hours for hours in left if left[hours]), key=lambda one: _among(left[one], today), default=None)
    if best is None or _among(left[best], today) > bound:
        return Course(past=plain, block_seconds=seconds, curve=curve)
    kept = found if best is Hours.CYCLE else None
    past = turned if kept is not None else {**_by_hour(plain, days, seconds), **days}
    return Course(past=past, block_seconds=seconds, hours=best, cycle=kept, curve=curve)


def _is_sparse(trial: Trial, signal: SignalKey) -> bool:
    """Whether the whole past of `signal` is told by shares: then what it is held against is told by them as well."""
    return is_sparse([value for _, value in _past_points(trial, (trial.older, trial.baseline), signal)])


def _past_points(trial: Trial, windows: Sequence[Windows], signal: SignalKey) -> Sequence[tuple[float, float]]:
    series = [read(one, signal).since(trial.began_at) for one in windows]
    return [(at, value) for one in series for at, value in one if at < 0]


def _record(trial: Trial, windows: Sequence[Windows], signal: SignalKey, slack: float = 0.0, *, sparse: bool) -> Blocks:
    """Blocks of all that is on record before the trial, bursts left out where they can be told."""
    points = _past_points(trial, windows, signal)
    known = [value for _, value in points]
    if sparse:
        return shares_of(points, trial.plan.trial_seconds, level) if known and (level := fmean(known)) > 0 else {}
    floor = floor_of(known, slack)
    if floor <= 0:
        return {}
    small = log_blocks(points, trial.plan.trial_seconds / _SMALL, floor)
    return gathered(small, _SMALL, robust=True)


def _load(trial: Trial, signal: SignalKey, own: Blocks) -> Blocks:
    key = trial.load_of(signal)
    if key is None:
        return {}
    found = _record(trial, (trial.older, trial.baseline), key, sparse=_is_sparse(trial, key))
    known = own.keys() & found.keys()
    return found if len(known) >= max(_FEWEST, 0.9 * len(own)) else {}


def _without(own: Blocks, load: Blocks, curve: LoadCurve | None) -> Blocks:
    """`own` at equal load."""
    if curve is None:
        return own
    return {block: value - curve.at(load[block]) for block, value in own.items() if block in load}


def _beyond_days(trial: Trial, signal: SignalKey, own: Blocks, load: Blocks, slack: float) -> Blocks:
    """What lies beyond the same hours of earlier days, at a load that lies beyond theirs."""
    usual = _record(trial, (trial.usual,), signal, slack, sparse=_is_sparse(trial, signal))
    known = {block: value - usual[block] for block, value in own.items() if block in usual}
    if len(known) < _FEWEST:
        return {}
    key = trial.load_of(signal)
    usual_load: Blocks = {}
    if key is not None and load:
        usual_load = _record(trial, (trial.usual,), key, sparse=_is_sparse(trial, key))
    more = {block: value - usual_load[block] for block, value in load.items() if block in usual_load}
    if not more or not known.keys() <= more.keys():
        return known
    return _without(known, more, load_curve(known, more, bends=False))


def _by_hour(plain: Blocks, days: Blocks, seconds: float) -> Blocks:
    """The blocks before those of `days`, each less the mean of the others at its hour."""
    a_day = round(86_400 / seconds)
    older = {block: value for block, value in plain.items() if block < min(days)}
    hours: dict[int, list[float]] = {}
    for block, value in older.items():
        hours.setdefault(block % a_day, []).append(value)
    found = {}
    for block, value in older.items():
        alike = hours[block % a_day]
        if len(alike) > 1:
            found[block] = (value - fmean(alike)) * len(alike) / (len(alike) - 1)
    level = fmean(days.values())
    return {block: value + level for block, value in found.items()}


def _cycle(plain: Blocks) -> Cycle | None:
    first = max(plain, default=0) - round(_DAYS_OF_CYCLE * 96)
    return cycle({block: value for block, value in plain.items() if block > first})


def _among(blocks: Blocks, chosen: set[int]) -> float:
    return _variance({block: value for block, value in blocks.items() if block in chosen})


def _variance(blocks: Mapping[int, float]) -> float:
    if len(blocks) < _FEWEST:
        return math.inf
    mean = fmean(blocks.values())
    return sum((value - mean) ** 2 for value in blocks.values()) / len(blocks)
