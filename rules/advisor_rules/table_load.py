"""How much of the server's time goes to statements on one table. Pure."""

from collections.abc import Iterator

from advisor.model.database.workload import DatabaseState, Statement
from advisor.sql.statement_facts import facts_of


def statements_on(look: DatabaseState, schema: str, table: str) -> Iterator[Statement]:
    """The statements that read or write the table, the heaviest first."""
    for statement in look.statements:
        facts = facts_of(statement.text)
        if facts is not None and facts.reads(schema, table):
            yield statement


def load_on(look: DatabaseState, schema: str, table: str) -> float:
    """Seconds per second that statements on the table take."""
    if look.window_seconds <= 0:
        return 0.0
    return sum(statement.total_seconds for statement in statements_on(look, schema, table)) / look.window_seconds


def load_of(statement: Statement, look: DatabaseState) -> float:
    """Seconds per second that one statement takes."""
    return statement.total_seconds / look.window_seconds if look.window_seconds > 0 else 0.0
