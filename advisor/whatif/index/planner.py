"""The index planner of one database. Implements IndexPlanner by a search over the whole workload of a look."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

import psycopg

from advisor.model.database.index_advice import (
    HelpedStatement,
    IndexAdvice,
    IndexSuggestion,
    UnpricedIndex,
)
from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.forecast import IndexForecast
from advisor.whatif.index.advice import IndexAdviser, Limits
from advisor.whatif.index.clone.keeper import CloneKeeper
from advisor.whatif.index.from_look import workload_of
from advisor.whatif.index.planners import PlannerChoice

_MOST_STATEMENTS = 50
_PLANNING_SECONDS = 10.0


@dataclass(slots=True)
class PostgresIndexPlanner:
    """Captured text is planned, never run, and no more than 10 seconds a look. Which constants matter that are not on
    record takes several searches more, which nobody wants at every look: `advisor indexes` tells."""

    connect: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
    clones: CloneKeeper | None = None
    limits: Limits = field(default_factory=lambda: Limits(seconds=_PLANNING_SECONDS, tries_other_constants=False))
    _known: tuple[DatabaseState, IndexAdvice] | None = None

    def forecasts(self, database: DatabaseState, statement: Statement) -> Sequence[IndexForecast]:
        """What the advice for the whole look holds for `statement`: first the indexes that help it more than any other
        statement, then those that it shares with one that they help more."""
        loads = {known.queryid: known.total_seconds for known in database.statements}
        found: list[tuple[bool, float, IndexForecast]] = []
        for suggestion in self.advice(database).indexes:
            own = next((helped for helped in suggestion.queries if helped.id == statement.queryid), None)
            if own is not None and len(suggestion.ddl) == 1:
                best = max(suggestion.queries, key=lambda helped: (_saved(helped) * loads[helped.id], helped.id))
                found.append((best is not own, -_saved(own), _forecast(suggestion, own)))
        return [forecast for *_, forecast in sorted(found, key=lambda one: (*one[:2], one[2].size_bytes))]

    def unpriced(self, database: DatabaseState, statement: Statement) -> Sequence[UnpricedIndex]:
        """Of the advice for the whole look, those for this statement."""
        return [one for one in self.advice(database).unpriced if one.statement == statement.queryid]

    def why_none(self, database: DatabaseState, statement: Statement) -> str:
        """What became of the statement in the advice for the whole look."""
        advice = self.advice(database)
        skipped = next((one.reason for one in advice.skipped if one.id == statement.queryid), "")
        if skipped:
            return f"no index can be priced for it: {skipped}"
        if not any(one.id == statement.queryid for one in advice.statements):
            return f"only the {_MOST_STATEMENTS} heaviest statements are planned, and it is none of them"
        if any(one.id == statement.queryid for suggestion in advice.indexes for one in suggestion.queries):
            return "its index is built in several steps, by a person: advisor indexes shows them"
        if advice.ended_by == "time":
            return f"no index for it was found in {self.limits.seconds:g} s: advisor indexes searches for longer"
        return "no index that was tried lowers the planner's cost of the whole workload by enough"

    def advice(self, database: DatabaseState) -> IndexAdvice:
        """For the heaviest statements of the look; asked once for each look."""
        if self._known is not None and self._known[0] is database:
            return self._known[1]
        heaviest = sorted(database.statements, key=lambda one: (-one.total_seconds, one.queryid))[:_MOST_STATEMENTS]
        with ExitStack() as stack:
            connection = stack.enter_context(self.connect())
            choice = PlannerChoice(connection, stack, clones=self.clones)
            advice = IndexAdviser(connection, time.monotonic, choice.pricing, self.limits).advise(
                workload_of(database, heaviest), database.write_rates
            )
        self._known = (database, advice)
        return advice


def _saved(helped: HelpedStatement) -> float:
    return 1 - helped.cost_after / helped.cost_before if helped.cost_before > 0 else 0.0


def _forecast(suggestion: IndexSuggestion, helped: HelpedStatement) -> IndexForecast:
    return IndexForecast(
        candidate=suggestion.design,
        cost_before=helped.cost_before,
        cost_after=helped.cost_after,
        size_bytes=suggestion.size_bytes,
        method=suggestion.method,
        ddl=suggestion.ddl[0],
        undo_ddl=suggestion.undo_ddl[0],
        drawn=helped.drawn,
    )
