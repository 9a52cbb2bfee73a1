"""The index that an order asks for. Its text is read by a strict grammar and built anew: it is never run as it came."""

import re
from dataclasses import dataclass

from psycopg import sql

from advisor.model.errors import KnobError
from advisor.model.knob import Order

_LONGEST_NAME_BYTES = 63
_MARK = re.compile(r"advisor (\S+) term (\d{1,18})", re.ASCII)
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

    def comment(self, mark: "Mark") -> sql.Composed:
        return sql.SQL("COMMENT ON INDEX {} IS {}").format(self.qualified, sql.Literal(str(mark)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is written on an index of ours, as its comment. epoch: the term of the last writer."""

    change: str
    epoch: int

    def __str__(self) -> str:
        return f"advisor {self.change} term {self.epoch}"


def read_mark(comment: str | None) -> Mark | None:
    """The mark in an index's comment; None when there is none."""
    found = _MARK.fullmatch(comment or "")
    return Mark(change=found[1], epoch=int(found[2])) if found else None


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
    for identifier in (schema, table, name, *columns):
        _check_name(identifier, str(target))
    return IndexDefinition(schema=schema, table=table, name=name, columns=columns)


def _check_name(name: str, where: str) -> None:
    """The server would cut a longer name short, and the index could not be found again by the name that was asked."""
    size = len(name.encode("utf-8", "surrogatepass"))
    if size > _LONGEST_NAME_BYTES:
        what = f"the name {name[:20]!r}... has {size} bytes, {_LONGEST_NAME_BYTES} are allowed"
        raise KnobError(what, where=where, fix="give it a shorter name")
    if "\0" in name:
        raise KnobError("a name holds a null character", where=where, fix="give it another name")


def _unquoted(name: str) -> str:
    return name.replace('""', '"')
