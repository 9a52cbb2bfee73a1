"""Reads a statement that builds an index, strictly: only what `create_statement` writes, letter by letter. Pure."""

from dataclasses import replace
from typing import Any

from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.sql.identifier import quoted
from advisor.sql.index_ddl import create_statement
from advisor.sql.parse import UnreadableStatementError, expression_text, nodes, tree

_DESCENDING, _NULLS_FIRST, _NULLS_LAST = 3, 2, 3  # SortByDir and SortByNulls of libpg_query
_METHODS = ("btree", "gin", "brin")
_REFUSED = ("SubLink", "ParamRef", "SQLValueFunction")


def read_create_index(text: str) -> tuple[str, IndexDesign]:
    """The index's name and its design. Raises UnreadableStatementError for anything but one such statement."""
    statements = tree(text).stmts
    if len(statements) != 1 or statements[0].stmt.WhichOneof("node") != "index_stmt":
        raise UnreadableStatementError("it is not one CREATE INDEX", where="index statement")
    statement = statements[0].stmt.index_stmt
    if any(nodes(statement, name) for name in _REFUSED) or statement.access_method not in _METHODS:
        raise UnreadableStatementError("it holds what an index of ours never has", where="index statement")
    design = IndexDesign(
        schema=statement.relation.schemaname,
        table=statement.relation.relname,
        keys=tuple(_key(item.index_elem) for item in statement.index_params),
        include=tuple(item.index_elem.name for item in statement.index_including_params),
        access_method=statement.access_method,
    )
    head = create_statement(design, name=statement.idxname)
    predicate = text.removeprefix(head)
    if not text.startswith(head) or bool(predicate) != statement.HasField("where_clause"):
        raise UnreadableStatementError("it is not written as ours are", where="index statement")
    if predicate and (not predicate.startswith(" WHERE ") or predicate.rstrip().endswith(";")):
        raise UnreadableStatementError("it is not written as ours are", where="index statement")
    where = expression_text(statement.where_clause) if predicate else ""
    return statement.idxname, replace(design, predicate=where)


def _key(element: Any) -> IndexKey:
    descending = element.ordering == _DESCENDING
    nulls_first = {_NULLS_FIRST: True, _NULLS_LAST: False}.get(element.nulls_ordering, descending)
    words = [part.string.sval for part in element.opclass]
    operators = ".".join([*(quoted(word) for word in words[:-1]), *words[-1:]])
    return IndexKey(
        text=element.name or expression_text(element.expr),
        is_expression=not element.name,
        descending=descending,
        nulls_first=nulls_first,
        operator_class=operators,
    )
