"""Which indexes might help a statement. Pure."""

from collections.abc import Iterable, Iterator

from advisor.model.forecast import IndexCandidate
from advisor.model.workload import DatabaseLook, Table
from advisor.sql.identifier import quoted
from advisor.sql.shape import TableUse

_MOST_COLUMNS = 3


def candidates(uses: Iterable[TableUse], database: DatabaseLook) -> list[IndexCandidate]:
    """Equality columns first, then one range or the sort columns; nothing that exists or is a prefix of what does."""
    found: dict[IndexCandidate, None] = {}
    for use in uses:
        table = _table_of(use, database)
        if table is None:
            continue
        for columns in _column_lists(use):
            candidate = IndexCandidate(schema=table.schema, table=table.name, columns=columns)
            if not is_covered(candidate, database):
                found[candidate] = None
    return list(found)


def is_covered(candidate: IndexCandidate, database: DatabaseLook) -> bool:
    """Whether a valid, complete index begins with exactly these columns already."""
    wanted = [quoted(column) for column in candidate.columns]
    for index in database.indexes_of(candidate.schema, candidate.table):
        leading = [column if column.startswith('"') else quoted(column) for column in index.columns[: len(wanted)]]
        if index.is_valid and leading == wanted and " WHERE " not in index.definition:
            return True
    return False


def _table_of(use: TableUse, database: DatabaseLook) -> Table | None:
    """The one table that `use` means; None when there is none, or several and the statement does not say."""
    named = [t for t in database.tables if t.name == use.table and use.schema in ("", t.schema)]
    public = [t for t in named if t.schema == "public"]
    chosen = public if len(named) > 1 else named
    return chosen[0] if len(chosen) == 1 else None


def _column_lists(use: TableUse) -> Iterator[tuple[str, ...]]:
    equal = use.equal[:_MOST_COLUMNS]
    if use.sorted_by:
        yield _cut((*equal, *use.sorted_by))
    for column in use.ranges:
        yield _cut((*equal, column))
    if equal:
        yield equal


def _cut(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(columns))[:_MOST_COLUMNS]


def create_statement(candidate: IndexCandidate) -> str:
    """The DDL that builds the index without blocking writes."""
    columns = ", ".join(quoted(column) for column in candidate.columns)
    table = f"{quoted(candidate.schema)}.{quoted(candidate.table)}"
    return f"CREATE INDEX CONCURRENTLY {quoted(candidate.name)} ON {table} USING btree ({columns})"


def drop_statement(candidate: IndexCandidate) -> str:
    """The exact inverse."""
    return f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(candidate.schema)}.{quoted(candidate.name)}"
