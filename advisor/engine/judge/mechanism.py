"""What a change works through, counted: an index is at work when its statement reads fewer blocks a call. Pure.

Time a call follows the machine, the cache and whoever else runs; blocks a call follow the plan and hardly vary. So a
minute's counts tell what an hour's seconds tell, and a gain in time that the counts do not show is somebody else's.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from advisor.engine.judge.statements import by_id
from advisor.engine.judge.trial import Trial
from advisor.model.database.workload import Statement
from advisor.model.proposal import Better
from advisor.model.verdict import MechanismCheck
from advisor.stats.welch import Moments, excess

_FEWEST_CALLS = 30
_AT_MOST = 0.5
"""Of the blocks a call before: another plan reads a part of them, and what data and parameters do is less."""
_AS_BEFORE = 0.9
_USED = 0.5
"""Of the calls: an index that is at work is read in each, once or more often; counters are told a little late."""
_SAME_WORK = 2.0
"""As a factor, of the rows a call: with more, or fewer, something else is asked for."""
_AS_MUCH = 0.5
"""Of the logarithm of the gain: what the change cannot touch has not moved so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """check: the counts, for the record. least_gain: the share of a call's time that is saved, but for a chance of
    error. is_confirmed: the counts fell, the index was read, the same was asked for, and nothing else moved as much.
    is_refuted: they did not fall, or nobody has read the index.
    """

    check: MechanismCheck
    least_gain: float
    is_confirmed: bool
    is_refuted: bool


def mechanism(trial: Trial, alpha: float) -> Mechanism | None:
    """Of a goal that is a statement's time a call; None where its calls or blocks are not known on both sides."""
    queryid = trial.goal.signal.label("queryid")
    if trial.statements is None or not queryid or trial.goal.better is not Better.LOWER:
        return None
    before, after = (by_id(window) for window in trial.statements)
    was, now = before.get(queryid), after.get(queryid)
    if was is None or now is None or min(was.calls, now.calls) < _FEWEST_CALLS or not _blocks(was):
        return None
    others = list(_untouched(before, after, queryid))
    check = MechanismCheck(
        blocks_before=_blocks(was),
        blocks_after=_blocks(now),
        calls_before=was.calls,
        calls_after=now.calls,
        others=len(others),
        others_ratio=_time_ratio(others),
        scans=next(iter(trial.statements[1].index_scans.values()), None),
    )
    is_same_work = _is_same_work(was, now)
    is_used = check.scans is None or check.scans >= _USED * now.calls
    return Mechanism(
        check=check,
        least_gain=_least_gain(was, now, alpha),
        is_confirmed=check.ratio <= _AT_MOST and is_used and is_same_work and not _moved_as_much(check, was, now),
        is_refuted=(check.ratio >= _AS_BEFORE and is_same_work) or check.scans == 0,
    )


def _blocks(statement: Statement) -> float:
    """Of tables and indexes, found in memory or read, and of what was put aside to sort it; a call."""
    blocks = statement.shared_blocks_hit + statement.shared_blocks_read + statement.temp_blocks
    return blocks / statement.calls


def _is_same_work(was: Statement, now: Statement) -> bool:
    """Fewer than one row a call count as one: of those it only matters that there are few."""
    rows = [max(one.rows_per_call, 1.0) for one in (was, now)]
    return max(rows) <= _SAME_WORK * min(rows)


def _least_gain(was: Statement, now: Statement, alpha: float) -> float:
    """Minus infinity where the spread of the calls is not known."""
    if was.squared_seconds is None or now.squared_seconds is None or was.mean_seconds <= 0:
        return -math.inf
    old, new = (
        Moments(count=one.calls, total=one.total_seconds, squares=one.squared_seconds or 0.0) for one in (was, now)
    )
    return excess(new, old, factor=1.0, alpha=alpha) / old.mean


def _untouched(
    before: Mapping[str, Statement], after: Mapping[str, Statement], queryid: str
) -> Iterator[tuple[Statement, Statement]]:
    """Other statements that read as many blocks a call as before: their time is not the change's doing."""
    for name, was in before.items():
        now = after.get(name)
        if name == queryid or now is None or min(was.calls, now.calls) < _FEWEST_CALLS or not _blocks(was):
            continue
        if _AS_BEFORE <= _blocks(now) / _blocks(was) <= 1 / _AS_BEFORE:
            yield was, now


def _time_ratio(pairs: list[tuple[Statement, Statement]]) -> float:
    """After / before, of all their calls since; NaN without any."""
    earlier = sum(now.calls * was.mean_seconds for was, now in pairs)
    return sum(now.total_seconds for _, now in pairs) / earlier if earlier > 0 else math.nan


def _moved_as_much(check: MechanismCheck, was: Statement, now: Statement) -> bool:
    """Whether what the change cannot touch got faster, too, by half as much or more."""
    if not check.others or not now.mean_seconds < was.mean_seconds or check.others_ratio >= 1:
        return False
    gain = math.log(max(now.mean_seconds, 1e-9) / was.mean_seconds)
    return math.log(max(check.others_ratio, 1e-9)) <= _AS_MUCH * gain
