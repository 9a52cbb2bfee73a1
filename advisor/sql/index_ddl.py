"""The statements that build an index and take it away again. Pure."""

from advisor.model.index_design import IndexDesign, IndexKey
from advisor.sql.identifier import quoted


def create_statement(design: IndexDesign, *, concurrently: bool = True, name: str = "") -> str:
    """Builds the index, by default without blocking writes. name: the design's own if not given."""
    how = "CREATE INDEX CONCURRENTLY" if concurrently else "CREATE INDEX"
    table = f"{quoted(design.schema)}.{quoted(design.table)}"
    keys = ", ".join(_key(key) for key in design.keys)
    include = f" INCLUDE ({', '.join(quoted(column) for column in design.include)})" if design.include else ""
    where = f" WHERE {design.predicate}" if design.predicate else ""
    return f"{how} {quoted(name or design.name)} ON {table} USING {design.access_method} ({keys}){include}{where}"


def drop_statement(design: IndexDesign) -> str:
    """The exact inverse."""
    return f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(design.schema)}.{quoted(design.name)}"


def _key(key: IndexKey) -> str:
    words = [f"({key.text})" if key.is_expression else quoted(key.text)]
    if key.operator_class:
        words.append(key.operator_class)
    if key.descending:
        words.append("DESC")
    if key.nulls_first != key.descending:
        words.append("NULLS FIRST" if key.nulls_first else "NULLS LAST")
    return " ".join(words)
