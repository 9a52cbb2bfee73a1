"""The ranked list of statements: two looks, and the plans of those that cost most."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from advisor.clock import SystemClock
from advisor.model.database.workload import DatabaseState
from advisor.model.errors import AdvisorError
from advisor.model.report import RankedStatement, StatementRanking
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.schema import Settings
from advisor.wiring.looks import Looks, observe_twice
from advisor.wiring.rule_context import context_of
from advisor.wiring.sources import connect
from advisor_rules.statements.plan_reading import trouble

_MOST = 50
_MOST_PLANNED = 20
_NOT_AMONG = f"only the {_MOST_PLANNED} that cost most are planned"
_SMALLEST_SHARE = 0.01
"""Of the time before, from which a statement that did not run between the looks is worth a line."""


def rank_statements(settings: Settings, looks: Looks) -> StatementRanking:
    """Reads only; statements are planned, never run."""
    clock = SystemClock()
    with connect(settings, clock) as sources:
        totals, now = observe_twice(settings, sources, clock, looks)
        ranked = [*_present(now, totals), *_absent(now, totals)][:_MOST]
        context = context_of(settings, sources)
        planned = [_with_plan(one, now, context) for one in ranked[:_MOST_PLANNED]]
    looked = max((look.window_seconds for look in now.databases.values()), default=0.0) if totals is not None else 0.0
    return StatementRanking(
        taken_at=now.taken_at,
        sources=now.sources,
        statements=(*planned, *(replace(one, no_plan=_NOT_AMONG) for one in ranked[_MOST_PLANNED:])),
        looked_seconds=looked,
    )


def _present(now: Snapshot, totals: Snapshot | None) -> Sequence[RankedStatement]:
    earlier = totals.databases if totals is not None else {}
    found = []
    for name, look in now.databases.items():
        before = earlier.get(name)
        known = {one.queryid: one for one in before.statements} if before is not None else {}
        for one in _ranked(look):
            since = before.window_seconds if before is not None else 0.0
            found.append(replace(one, before=known.get(one.statement.queryid), before_seconds=since))
    return sorted(found, key=lambda one: -one.statement.total_seconds)


def _absent(now: Snapshot, totals: Snapshot | None) -> Sequence[RankedStatement]:
    """What cost much before, and did not run between the looks."""
    found = []
    for name, before in (totals.databases if totals is not None else {}).items():
        look = now.databases.get(name)
        ran = {one.queryid for one in look.statements} if look is not None else set()
        for one in _ranked(before):
            if one.statement.queryid not in ran and one.statement.total_seconds >= _SMALLEST_SHARE * one.whole_seconds:
                found.append(replace(one, is_present=False))
    return sorted(found, key=lambda one: -one.statement.total_seconds)


def _ranked(look: DatabaseState) -> Iterator[RankedStatement]:
    whole = sum(one.total_seconds for one in look.statements)
    for one in look.statements:
        yield RankedStatement(database=look.name, statement=one, seconds=look.window_seconds, whole_seconds=whole)


def _with_plan(one: RankedStatement, now: Snapshot, context: RuleContext) -> RankedStatement:
    planner, look = context.statement_planners.get(one.database), now.databases.get(one.database)
    if planner is None or look is None:
        return replace(one, no_plan="no planner is at hand")
    try:
        return replace(one, trouble=trouble(planner.plan(look, one.statement)))
    except AdvisorError as error:
        return replace(one, no_plan=error.what)
