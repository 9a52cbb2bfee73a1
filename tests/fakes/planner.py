"""An IndexPlanner with its answers written down."""

from collections.abc import Sequence

from advisor.whatif.index.candidates import create_statement, drop_statement

from advisor.model.forecast import IndexCandidate, IndexForecast
from advisor.model.workload import DatabaseLook, Statement


class FakePlanner:
    """Gives the same forecasts for every statement, and remembers the statements it was asked about."""

    def __init__(self, *forecasts: IndexForecast) -> None:
        self.asked: list[str] = []
        self._forecasts = forecasts

    def forecasts(self, database: DatabaseLook, statement: Statement) -> Sequence[IndexForecast]:
        self.asked.append(statement.text)
        return self._forecasts


def a_forecast(
    *columns: str, table: str = "messages", before: float = 10_000, after: float = 100, size_bytes: int = 9_000_000
) -> IndexForecast:
    """An index that cuts the planner's cost from `before` to `after`."""
    candidate = IndexCandidate(schema="public", table=table, columns=columns)
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
