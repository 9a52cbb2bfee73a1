"""What the search over the whole workload says of one statement: the evidence that `advisor indexes` goes by."""

from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.ports.rule import RuleContext
from advisor.sql.conditions import BY_CONTENT
from advisor.sql.statement_facts import facts_of
from advisor_rules.indexes.lack import Lack, reads_much, reads_widely


def lack_by_search(statement: Statement, look: DatabaseState, context: RuleContext) -> Lack | None:
    """The table of the index that helps the statement most, where it helps by enough; None also where nobody can tell.

    A planner is asked for those alone that read much for few rows, for the others gain nothing; and for what asks by
    the content of documents and arrays, where no other rule would say a word.
    """
    planner, enough = context.index_planners.get(look.name), context.guide.query.smallest_gain_ratio
    widely = reads_widely(statement)
    if planner is None or not (widely or (reads_much(statement) and _asks_by_content(statement))):
        return None
    try:
        found, unpriced = planner.forecasts(look, statement), planner.unpriced(look, statement)
    except (BadDataError, SourceUnavailableError):
        return None
    for forecast in found if widely else ():
        table = look.table(forecast.candidate.schema, forecast.candidate.table)
        if table is not None and 1 - forecast.cost_ratio >= enough:
            columns = ", ".join(forecast.candidate.columns)
            less = f"{1 - forecast.cost_ratio:.0%} off the planner's cost ({forecast.method})"
            return Lack(
                table=table,
                summary=f"reads much of {table.schema}.{table.name} for few rows",
                cause=f"an index on {columns} would take {less}",
            )
    for index in unpriced:
        table = look.table(index.schema, index.table)
        if table is not None:
            return Lack(table=table, summary=f"reads {table.schema}.{table.name} whole", cause=index.reason)
    return None


def _asks_by_content(statement: Statement) -> bool:
    facts = facts_of(statement.text)
    return facts is not None and bool(facts.operators & BY_CONTENT)
