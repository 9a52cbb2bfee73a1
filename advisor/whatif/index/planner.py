"""The index planner of one database. Implements IndexPlanner."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from psycopg import sql

from advisor.model.forecast import IndexCandidate, IndexForecast
from advisor.model.workload import DatabaseLook, Statement
from advisor.sql.shape import TableUse, table_uses
from advisor.whatif.index.candidates import candidates, create_statement, drop_statement
from advisor.whatif.index.heuristic import ColumnStatistics, estimate

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\$(\d+)")
_GENERIC_PLAN_SINCE = 160000


class Session(Protocol):
    """A read-only session on one connection."""

    def run(self, statement: sql.SQL | sql.Composed, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a statement."""


class PostgresIndexPlanner:
    """Asks HypoPG where the database has it, else the table's statistics. Captured text is planned, never run."""

    def __init__(self, open_session: Callable[[], AbstractContextManager[Session]]) -> None:
        self._open_session = open_session

    def forecasts(self, database: DatabaseLook, statement: Statement) -> Sequence[IndexForecast]:
        uses = table_uses(statement.text)
        wanted = candidates(uses, database)
        if not wanted:
            return ()
        with self._open_session() as session:
            session.run(sql.SQL('SET search_path = "$user", public'))
            found: list[IndexForecast | None]
            if database.has_hypopg:
                found = [_hypothetical(session, c, statement, database.server_version) for c in wanted]
            else:
                found = [_heuristic(session, c, uses) for c in wanted]
        useful = [forecast for forecast in found if forecast is not None and forecast.cost_ratio < 1]
        # Where two cost the same, the smaller one.
        return sorted(useful, key=lambda f: (round(f.cost_ratio, 3), len(f.candidate.columns), f.size_bytes))


def _hypothetical(session: Session, candidate: IndexCandidate, statement: Statement, version: int) -> IndexForecast:
    ddl = create_statement(candidate)
    before, plan = _planned_cost(session, statement.text, version)
    made = session.run(_query("hypothetical"), {"ddl": ddl.replace(" CONCURRENTLY", "")})
    after, _ = _planned_cost(session, statement.text, version)
    session.run(_query("forget"))
    return IndexForecast(
        candidate=candidate,
        cost_before=before,
        cost_after=after,
        size_bytes=int(made[0]["size_bytes"]),
        method="hypothetical",
        ddl=ddl,
        undo_ddl=drop_statement(candidate),
        plan_before=plan,
    )


def _planned_cost(session: Session, text: str, version: int) -> tuple[float, str]:
    """Total cost of the generic plan, and the type of its costliest scan. `text` is one plannable statement."""
    if version >= _GENERIC_PLAN_SINCE:
        rows = session.run(sql.SQL("EXPLAIN (GENERIC_PLAN, FORMAT JSON) ") + _verbatim(text))
    else:
        rows = _plan_prepared(session, text)
    document = next(iter(rows[0].values()))
    plan = (json.loads(document) if isinstance(document, str) else document)[0]["Plan"]
    return float(plan["Total Cost"]), str(plan["Node Type"])


def _plan_prepared(session: Session, text: str) -> list[dict[str, Any]]:
    """Before version 16 a generic plan is had by preparing the statement and explaining its execution."""
    count = max((int(number) for number in _PLACEHOLDER.findall(text)), default=0)
    nulls = sql.SQL("({})").format(sql.SQL(", ").join([sql.SQL("NULL")] * count)) if count else sql.SQL("")
    session.run(sql.SQL("SET plan_cache_mode = force_generic_plan"))
    session.run(sql.SQL("PREPARE advisor_plan AS ") + _verbatim(text))
    try:
        return session.run(sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE advisor_plan") + nulls)
    finally:
        session.run(sql.SQL("DEALLOCATE advisor_plan"))


def _verbatim(text: str) -> sql.SQL:
    return sql.SQL(text)


def _heuristic(session: Session, candidate: IndexCandidate, uses: Sequence[TableUse]) -> IndexForecast | None:
    where = {"schema": candidate.schema, "table": candidate.table}
    rows = session.run(_query("columns"), where)
    known = {
        row["name"]: ColumnStatistics(
            n_distinct=row["n_distinct"],
            null_ratio=row["null_frac"],
            width_bytes=row["avg_width"],
            correlation=row["correlation"] or 0.0,
        )
        for row in rows
        if row["n_distinct"] is not None
    }
    size = session.run(_query("pages"), where)
    use = next((use for use in uses if use.table == candidate.table and _fits(candidate, use)), None)
    if use is None or not size or size[0]["rows"] < 0 or not set(candidate.columns) <= set(known):
        return None
    found = estimate(candidate, use, known, size[0]["rows"], size[0]["pages"])
    return IndexForecast(
        candidate=candidate,
        cost_before=found.cost_before,
        cost_after=found.cost_after,
        size_bytes=found.size_bytes,
        method="heuristic",
        ddl=create_statement(candidate),
        undo_ddl=drop_statement(candidate),
        plan_before="Seq Scan",
    )


def _fits(candidate: IndexCandidate, use: TableUse) -> bool:
    return set(candidate.columns) <= {*use.equal, *use.ranges, *use.sorted_by}


@cache
def _queries() -> Mapping[str, str]:
    text = files("advisor.whatif.index").joinpath("queries.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _query(name: str) -> sql.SQL:
    return _verbatim(_queries()[name])
