"""The index that an order asks for. Its text is read by a strict grammar and built anew: it is never run as it came."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from advisor.model.database.index_design import LONGEST_NAME_BYTES, IndexDesign
from advisor.model.errors import KnobError
from advisor.model.knob import Order
from advisor.sql.index_ddl import create_statement
from advisor.sql.index_statement import read_create_index
from advisor.sql.parse import UnreadableStatementError

_MARK = re.compile(r"advisor (\S+) term (\d{1,18})", re.ASCII)
_IDENTIFIER = re.compile(r"""'(?:[^']|'')*'|"((?:[^"]|"")+)\"""")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDefinition:
    """The index that is wanted; its name is the order's, not the design's own."""

    name: str
    design: IndexDesign

    @property
    def schema(self) -> str:
        return self.design.schema

    @property
    def table(self) -> str:
        return self.design.table

    @property
    def columns(self) -> tuple[str, ...]:
        """Of its keys; "" stands for an expression."""
        return tuple("" if key.is_expression else key.text for key in self.design.keys)

    @property
    def qualified(self) -> sql.Composed:
        return sql.SQL("{}.{}").format(sql.Identifier(self.schema), sql.Identifier(self.name))

    def create(self) -> sql.Composed:
        # Written from its parts; nothing of the order's own text is in it.
        return sql.Composed([sql.SQL(create_statement(self.design, name=self.name))])

    def is_as(self, row: Mapping[str, Any]) -> bool:
        """Whether the catalogue's index has the same shape. Expressions and predicates are compared by their being
        there: the server writes them in words of its own."""
        return (
            not row["is_unique"]
            and row["table"] == self.table
            and row["access_method"] == self.design.access_method
            and tuple(row["columns"]) == self.columns
            and tuple(row["include"]) == self.design.include
            and row["has_predicate"] == bool(self.design.predicate)
            and tuple(row["options"]) == tuple(key.descending + 2 * key.nulls_first for key in self.design.keys)
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
    refused = KnobError(
        "the order is not one plain CREATE INDEX CONCURRENTLY", where=str(order.target), fix="see docs/knobs.md"
    )
    if not isinstance(order.new, str) or order.old is not None:
        raise refused
    for identifier in _IDENTIFIER.findall(order.new):
        _check_name(identifier.replace('""', '"'), str(order.target))
    try:
        name, design = read_create_index(order.new)
    except UnreadableStatementError as error:
        raise refused from error
    target = order.target
    if (name, design.schema, design.table) != (target.get("index"), target.get("schema"), target.get("table")):
        raise KnobError("the order's text is about another index than its target", where=str(target))
    return IndexDefinition(name=name, design=design)


def _check_name(name: str, where: str) -> None:
    """The server would cut a longer name short, and the index could not be found again by the name that was asked."""
    size = len(name.encode("utf-8", "surrogatepass"))
    if size > LONGEST_NAME_BYTES:
        what = f"the name {name[:20]!r}... has {size} bytes, {LONGEST_NAME_BYTES} are allowed"
        raise KnobError(what, where=where, fix="give it a shorter name")
    if "\0" in name:
        raise KnobError("a name holds a null character", where=where, fix="give it another name")
