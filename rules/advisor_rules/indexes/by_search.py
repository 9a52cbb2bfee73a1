"""What the search over the whole workload says of one statement: the evidence that `advisor indexes` goes by."""

from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.model.forecast import IndexForecast
from advisor.model.workload import DatabaseState, Statement
from advisor.ports.rule import RuleContext

_MANY_BLOCKS = 100
_BLOCKS_A_ROW = 10


def found_by_search(statement: Statement, look: DatabaseState, context: RuleContext) -> IndexForecast | None:
    """The index that helps the statement most, where it helps by enough; None also where nobody can tell.

    A planner is asked for those alone that read many blocks (8 kB) and many for each row: the others gain nothing.
    """
    blocks = (statement.shared_blocks_hit + statement.shared_blocks_read) / max(1, statement.calls)
    planner = context.index_planners.get(look.name)
    if planner is None or blocks < max(_MANY_BLOCKS, _BLOCKS_A_ROW * statement.rows_per_call):
        return None
    try:
        found = planner.forecasts(look, statement)
    except (BadDataError, SourceUnavailableError):
        return None
    enough = context.guide.query.smallest_gain_ratio
    return next((forecast for forecast in found if 1 - forecast.cost_ratio >= enough), None)
