"""Every statement on the table of a change: one that got worse is seen under nine that got better. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace

from advisor.model.database.workload import Statement, StatementWindow
from advisor.settings.trial import TrialSettings
from advisor.stats.counts import is_below
from advisor.stats.welch import Moments, excess

_FEWEST_CALLS = 5
_VANISHED = 0.1
_HANGS_LONGER = 20.0
_LONG_SECONDS = 10.0
_TEXT_LENGTH = 120


def on_table(window: StatementWindow, table: str) -> StatementWindow:
    """The statements, reads and writes, whose text names `table` (or all, when it is ""); their texts shortened."""
    word = re.compile(rf"(?<![\w$]){re.escape(table)}(?![\w$])", re.IGNORECASE)
    kept = (one for one in window.statements if not table or word.search(one.text))
    return replace(window, statements=tuple(replace(one, text=one.text[:_TEXT_LENGTH]) for one in kept))


def regressions(
    before: StatementWindow, after: StatementWindow, settings: TrialSettings, alpha: float
) -> tuple[str, ...]:
    """The statements whose mean time certainly rose by more than is allowed; all share the chance of error `alpha`.

    The variance is that of the window's own calls, so a statement needs five in each.
    """
    earlier = by_id(before)
    pairs = [(earlier[one.queryid], one) for one in after.statements if one.queryid in earlier]
    factor = 1 + settings.statement_harm
    found = []
    for was, now in pairs:
        one, other = _moments(was), _moments(now)
        if one is None or other is None:
            continue
        if excess(one, other, factor=factor, alpha=alpha / len(pairs)) > settings.statement_slack_seconds:
            found.append(f"a statement went from {was.mean_seconds:.4g} s to {now.mean_seconds:.4g} s: {now.text}")
    return tuple(found)


def hanging(before: StatementWindow, after: StatementWindow, alpha: float) -> tuple[str, ...]:
    """The statements that are called and no longer come to an end. May be asked at any time, as often as one likes.

    That calls have all but ceased is not enough, as callers come and go: something must also run far longer than
    the statement ever took. The others' calls say how many were to be expected.
    """
    if before.seconds <= 0 or after.seconds <= 0:
        return ()
    later = by_id(after)
    found = []
    for was in before.statements:
        now = later.get(was.queryid)
        others = _others(before, was), _others(after, was)
        traffic = min(others[1] / others[0], 1.0) if others[0] > 0 else 1.0
        ceased = is_below(
            _VANISHED * was.calls / before.seconds,
            events=now.calls if now else 0,
            exposure=after.seconds * traffic,
            alpha=alpha / len(before.statements),
        )
        runs = max(_LONG_SECONDS, _HANGS_LONGER * was.mean_seconds, 2 * before.longest_running_seconds)
        if ceased and after.longest_running_seconds >= runs:
            found.append(f"a statement no longer comes to an end: {was.text}")
    return tuple(found)


def _others(window: StatementWindow, one: Statement) -> float:
    """Calls per second of all other statements."""
    return sum(each.calls for each in window.statements if each.queryid != one.queryid) / window.seconds


def _moments(statement: Statement) -> Moments | None:
    if statement.squared_seconds is None or statement.calls < _FEWEST_CALLS:
        return None
    return Moments(count=statement.calls, total=statement.total_seconds, squares=statement.squared_seconds)


def by_id(window: StatementWindow) -> Mapping[str, Statement]:
    """The statements of a window by their queryid."""
    return {one.queryid: one for one in window.statements}
