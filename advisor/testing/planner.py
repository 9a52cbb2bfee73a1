"""An IndexPlanner and a StatementPlanner with their answers written down."""

from collections.abc import Sequence

from advisor.model.database.index_advice import UnpricedIndex
from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.errors import BadDataError
from advisor.model.forecast import IndexForecast
from advisor.model.query_plan import PlanNode
from advisor.sql.index_ddl import create_statement, drop_statement


class FakeIndexPlanner:
    """Gives the same forecasts for every statement, and remembers the statements it was asked about."""

    def __init__(self, *forecasts: IndexForecast, unpriced: Sequence[UnpricedIndex] = ()) -> None:
        self.asked: list[str] = []
        self._forecasts = forecasts
        self._unpriced = unpriced

    def forecasts(self, database: DatabaseState, statement: Statement) -> Sequence[IndexForecast]:
        self.asked.append(statement.text)
        return self._forecasts

    def unpriced(self, database: DatabaseState, statement: Statement) -> Sequence[UnpricedIndex]:
        return self._unpriced

    def why_none(self, database: DatabaseState, statement: Statement) -> str:
        return "no index helps this statement"


class FakeStatementPlanner:
    """Knows one plan, or refuses."""

    def __init__(self, plan: PlanNode | None = None) -> None:
        self._plan = plan

    def plan(self, database: DatabaseState, statement: Statement) -> PlanNode:
        if self._plan is None:
            raise BadDataError("not allowed: permission denied for table orders", where="postgres")
        return self._plan


def a_forecast(
    *columns: str, table: str = "messages", before: float = 10_000, after: float = 100, size_bytes: int = 9_000_000
) -> IndexForecast:
    """An index that cuts the planner's cost from `before` to `after`."""
    candidate = IndexDesign(schema="public", table=table, keys=plain_keys(*columns))
    return IndexForecast(
        candidate=candidate,
        cost_before=before,
        cost_after=after,
        size_bytes=size_bytes,
        method="hypothetical",
        ddl=create_statement(candidate),
        undo_ddl=drop_statement(candidate),
        plan_before="Seq Scan",
    )
