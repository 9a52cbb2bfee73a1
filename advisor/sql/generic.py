"""A captured statement as it is planned whatever its parameters, by whoever plans one. Pure."""

from collections.abc import Mapping
from itertools import chain

from advisor.sql.normalised import Values, restored, with_values
from advisor.sql.relations import TableName
from advisor.sql.statement import StatementShape

_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double")


def readable(text: str) -> str:
    """`text` as Postgres' own grammar and semantics take it. Raises UnreadableStatementError."""
    return restored(text) if "$" in text else text.strip().rstrip(";")


def generic(text: str, types: Mapping[int, str]) -> tuple[str, int]:
    """A `readable` text with its parameters numbered anew, from 1, and how many there are: one that stood only where
    the grammar demands a constant is none any more. types: of those that no place tells the type of.

    Raises UnreadableStatementError.
    """
    return with_values(text, Values(types=types)) if "$" in text else (text, 0)


def told_by_columns(shape: StatementShape, columns: Mapping[TableName, Mapping[str, str]]) -> dict[int, str]:
    """Of the parameters whose type no place tells, by number: that of the column that they are compared with.

    columns: the types of each table's columns by name, as format_type writes them.
    """
    found: dict[int, str] = {}
    for access in shape.accesses:
        for condition in access.conditions:
            kind = columns.get(access.table, {}).get(condition.column, "")
            reckoned = chain.from_iterable(condition.values) if kind.startswith(_NUMBERS) else ()
            found.update({number: kind for number in (*condition.listed, *reckoned) if kind and number in shape.untold})
    return found
