"""What the search over the whole workload says of one statement: the evidence that `advisor indexes` goes by."""

from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.ports.rule import RuleContext
from advisor_rules.indexes.lack import Lack, reads_widely


def lack_by_search(statement: Statement, look: DatabaseState, context: RuleContext) -> Lack | None:
    """The table of the index that helps the statement most, where it helps by enough; None also where nobody can tell.

    A planner is asked for those alone that read much for few rows: the others gain nothing.
    """
    planner, enough = context.index_planners.get(look.name), context.guide.query.smallest_gain_ratio
    if planner is None or not reads_widely(statement):
        return None
    try:
        found = planner.forecasts(look, statement)
    except (BadDataError, SourceUnavailableError):
        return None
    for forecast in found:
        table = look.table(forecast.candidate.schema, forecast.candidate.table)
        if table is not None and 1 - forecast.cost_ratio >= enough:
            columns = ", ".join(forecast.candidate.columns)
            less = f"{1 - forecast.cost_ratio:.0%} off the planner's cost ({forecast.method})"
            return Lack(
                table=table,
                summary=f"reads much of {table.schema}.{table.name} for few rows",
                cause=f"an index on {columns} would take {less}",
            )
    return None
