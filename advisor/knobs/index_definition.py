"""The index that an order asks for. Its text is read by a strict grammar and built anew: it is never run as it came."""

import re
from dataclasses import dataclass

from psycopg import sql

from advisor.model.errors import KnobError
from advisor.model.knob import Order

_IDENTIFIER = r'"((?:[^"]|"")+)"'
_STATEMENT = re.compile(
    rf"CREATE INDEX CONCURRENTLY {_IDENTIFIER} ON {_IDENTIFIER}\.{_IDENTIFIER} USING btree "
    rf"\(({_IDENTIFIER}(?:, {_IDENTIFIER})*)\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDefinition:
    """A plain B-tree index."""

    schema: str
    table: str
    name: str
    columns: tuple[str, ...]

    @property
    def qualified(self) -> sql.Composed:
        return sql.SQL("{}.{}").format(sql.Identifier(self.schema), sql.Identifier(self.name))

    def create(self) -> sql.Composed:
        return sql.SQL("CREATE INDEX CONCURRENTLY {} ON {}.{} USING btree ({})").format(
            sql.Identifier(self.name),
            sql.Identifier(self.schema),
            sql.Identifier(self.table),
            sql.SQL(", ").join(sql.Identifier(column) for column in self.columns),
        )

    def drop(self) -> sql.Composed:
        return sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(self.qualified)

    def comment(self, change_id: str) -> sql.Composed:
        return sql.SQL("COMMENT ON INDEX {} IS {}").format(self.qualified, sql.Literal(mark(change_id)))


def mark(change_id: str) -> str:
    """What is written on an index of ours."""
    return f"advisor {change_id}"


def definition_of(order: Order) -> IndexDefinition:
    """The index of `order`. Raises KnobError when its text is not exactly one such statement for its target."""
    found = _STATEMENT.fullmatch(order.new) if isinstance(order.new, str) and order.old is None else None
    if found is None:
        raise KnobError(
            "the order is not one plain CREATE INDEX CONCURRENTLY", where=str(order.target), fix="see docs/knobs.md"
        )
    name, schema, table = (_unquoted(found[group]) for group in (1, 2, 3))
    target = order.target
    if (name, schema, table) != (target.get("index"), target.get("schema"), target.get("table")):
        raise KnobError("the order's text is about another index than its target", where=str(target))
    columns = tuple(_unquoted(column) for column in re.findall(_IDENTIFIER, found[4]))
    return IndexDefinition(schema=schema, table=table, name=name, columns=columns)


def _unquoted(name: str) -> str:
    return name.replace('""', '"')
