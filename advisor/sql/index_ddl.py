"""The statements that build an index and take it away again. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.sql.identifier import quoted
from advisor.sql.relations import TableName


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


def build_statements(design: IndexDesign, leaves: Sequence[TableName] = ()) -> tuple[str, ...]:
    """All that builds it. A partitioned table takes none concurrently: its own is made empty and invalid, then each
    partition's is built and attached, and with the last one it becomes valid."""
    if not leaves:
        return (create_statement(design),)
    whole = create_statement(design, concurrently=False).replace(" ON ", " ON ONLY ", 1)
    steps = [whole]
    for leaf in leaves:
        part = replace(design, schema=leaf.schema, table=leaf.name)
        steps.append(create_statement(part))
        of_whole, of_part = _place(design), _place(part)
        steps.append(f"ALTER INDEX {of_whole} ATTACH PARTITION {of_part}")
    return tuple(steps)


def drop_statements(design: IndexDesign, leaves: Sequence[TableName] = ()) -> tuple[str, ...]:
    """The exact inverse of build_statements: a partitioned index takes its parts with it, and not concurrently."""
    return (f"DROP INDEX IF EXISTS {_place(design)}",) if leaves else (drop_statement(design),)


def _place(design: IndexDesign) -> str:
    return f"{quoted(design.schema)}.{quoted(design.name)}"


def _key(key: IndexKey) -> str:
    words = [f"({key.text})" if key.is_expression else quoted(key.text)]
    if key.operator_class:
        words.append(key.operator_class)
    if key.descending:
        words.append("DESC")
    if key.nulls_first != key.descending:
        words.append("NULLS FIRST" if key.nulls_first else "NULLS LAST")
    return " ".join(words)
