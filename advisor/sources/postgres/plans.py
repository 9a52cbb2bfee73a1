"""Plans of captured statements, within a bound: planned, never run, and only so many seconds of it in one cycle."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

import psycopg
from psycopg import sql

from advisor.clients.planning_block import GENERIC_VERBOSE
from advisor.clients.postgres import PostgresSession
from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.model.query_plan import PlanNode, plan_of
from advisor.ports.clock import Clock
from advisor.sql.generic import generic, readable, told_by_columns
from advisor.sql.relations import Relations, TableName
from advisor.sql.shape import is_plannable, table_uses
from advisor.sql.statement import read_statement, with_schemas

_GRANT = "EXPLAIN needs SELECT on the tables: GRANT pg_read_all_data TO the reading role, or do without plans"
_REMEMBERED_SECONDS = 600.0
_MOST_REMEMBERED = 500


class PlanningBudget:
    """Seconds of planning that one cycle may cost the server; a cycle is known by the look it works on."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._cycle: datetime | None = None
        self._spent = 0.0

    def begin(self, cycle: datetime) -> float:
        """A moment to hand back to `end`. Raises SourceUnavailableError when the cycle's seconds are used up."""
        if cycle != self._cycle:
            self._cycle, self._spent = cycle, 0.0
        if self._spent >= self._seconds:
            raise SourceUnavailableError(
                f"the {self._seconds:g} s of planning that a cycle may cost are used up",
                where="postgres.planning_seconds",
                fix="it goes on in the next cycle",
            )
        return self._clock.monotonic()

    def end(self, began: float) -> None:
        self._spent += self._clock.monotonic() - began


class PostgresStatementPlanner:
    """Implements StatementPlanner for one database. A plan is remembered for ten minutes."""

    def __init__(
        self, open_session: Callable[[], AbstractContextManager[PostgresSession]], budget: PlanningBudget, clock: Clock
    ) -> None:
        self._open_session = open_session
        self._budget = budget
        self._clock = clock
        self._known: dict[str, tuple[float, PlanNode]] = {}

    def plan(self, database: DatabaseState, statement: Statement) -> PlanNode:
        """The generic plan, whatever the parameters. Raises BadDataError, SourceUnavailableError."""
        known = self._known.get(statement.queryid)
        if known is not None and self._clock.monotonic() - known[0] < _REMEMBERED_SECONDS:
            return known[1]
        if not is_plannable(statement.text):
            raise BadDataError("is not one statement that can be planned", where=f"statement {statement.queryid}")
        began = self._budget.begin(database.taken_at)
        try:
            with self._open_session() as session:
                found = _planned(session, statement)
        except BadDataError as error:
            if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
                raise BadDataError(error.what, where=error.where, fix=_GRANT) from error
            raise
        finally:
            self._budget.end(began)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[statement.queryid] = (self._clock.monotonic(), found)
        return found


def _planned(session: PostgresSession, statement: Statement) -> PlanNode:
    """Its text has been read by Postgres' own grammar as exactly one statement that EXPLAIN plans and does not run.

    The tables are those that the statement's session meant; types and functions are looked up in every schema.
    """
    text = readable(statement.text)
    path = session.row("search_path")["path"]
    session.run(sql.SQL("SELECT set_config('search_path', %(path)s, false) /* advisor */"), {"path": path})
    columns = _columns(session, text)
    known = {table: tuple(types) for table, types in columns.items()}
    shape = read_statement(text, Relations(columns=known), statement.search_paths)
    for name, tables in shape.unclear:
        what = f"which {name} it means is not known: {', '.join(map(str, tables))}"
        raise BadDataError(what, where=f"statement {statement.queryid}")
    planned, parameters = generic(with_schemas(text, shape.bare), told_by_columns(shape, columns))
    explain = GENERIC_VERBOSE if parameters else "EXPLAIN (VERBOSE, FORMAT JSON) "
    return plan_of(session.planning().run(explain + planned).plan)


def _columns(session: PostgresSession, text: str) -> Mapping[TableName, Mapping[str, str]]:
    """The types of the columns of all tables and views with the statement's names, in whatever schema."""
    columns: dict[TableName, dict[str, str]] = defaultdict(dict)
    names = [use.table for use in table_uses(text)]
    for row in session.rows("column_types", {"names": names}):
        columns[TableName(row["schema"], row["table"])][row["name"]] = row["type"]
    return columns
