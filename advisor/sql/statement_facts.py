"""What a statement reads and how much it may return: tables, limits, and whether the answer depends on the moment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from advisor.sql.parse import READ, UnreadableStatementError, hashed, normalized, parsed, reading
from advisor.sql.shape import OP_ANY, TableUse, table_uses

# Quoted text (to the end, where it was cut), dollar-quoted text, and numbers that are no part of a name.
_CONSTANT = re.compile(r"'(?:[^']|'')*(?:'|$)|\$(\w*)\$.*?(?:\$\1\$|$)|(?<![\w$])\d[\d.]*", re.DOTALL)
_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
_MOMENTARY = frozenset(
    [
        "now",
        "clock_timestamp",
        "statement_timestamp",
        "transaction_timestamp",
        "timeofday",
        "random",
        "gen_random_uuid",
        "nextval",
        "currval",
        "lastval",
        "setval",
        "txid_current",
        "pg_backend_pid",
        "pg_sleep",
        "pg_advisory_lock",
        "pg_advisory_xact_lock",
        "pg_try_advisory_lock",
        "pg_notify",
    ]
)
_AGGREGATES = frozenset(
    [
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "bool_and",
        "bool_or",
        "every",
        "array_agg",
        "json_agg",
        "jsonb_agg",
        "string_agg",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFacts:
    """One SELECT, UPDATE or DELETE; `tables` and what follows speak of the whole of it.

    is_read: a SELECT that locks and writes nothing. returns_one: aggregates without a GROUP BY. is_momentary: calls a
    function whose answer depends on the moment. sorted_by: the outermost ORDER BY, as far as it names columns.
    operators: all it compares and computes by, such as "@>" and "= ANY".
    """

    is_read: bool
    tables: tuple[tuple[str, str], ...]
    uses: tuple[TableUse, ...]
    has_limit: bool
    has_offset: bool
    returns_one: bool
    is_momentary: bool
    has_parameters: bool
    sorted_by: tuple[str, ...]
    operators: frozenset[str] = frozenset()

    def reads(self, schema: str, table: str) -> bool:
        """Whether it names this table; a name without a schema may be any schema's."""
        return any(name == table and given in ("", schema) for given, name in self.tables)


@lru_cache(maxsize=5000)
def facts_of(text: str) -> StatementFacts | None:
    """What one statement reads and returns; None for a text that cannot be read as one."""
    try:
        uses, node = table_uses(text), parsed(text, READ)
        with reading():
            kinds, functions, operators = _survey(node)
    except UnreadableStatementError:
        return None
    is_select = node.DESCRIPTOR.name == "SelectStmt"
    names = [field for item in (node.sort_clause if is_select else ()) for field in _column(item.sort_by.node)]
    return StatementFacts(
        is_read=is_select and not kinds & _WRITES and "LockingClause" not in kinds,
        tables=tuple(dict.fromkeys((use.schema, use.table) for use in uses)),
        uses=uses,
        has_limit=is_select and node.HasField("limit_count"),
        has_offset=is_select and node.HasField("limit_offset"),
        returns_one=is_select and not node.group_clause and _is_aggregate(node),
        is_momentary=bool(functions & _MOMENTARY) or "SQLValueFunction" in kinds,
        has_parameters="ParamRef" in kinds,
        sorted_by=tuple(names),
        operators=frozenset(operators),
    )


def _survey(root: Any) -> tuple[set[str], set[str], set[str]]:
    """The kinds of nodes, the functions called, and the operators."""
    kinds, functions, operators = set(), set(), set()
    for node in _nodes(root):
        name = node.DESCRIPTOR.name
        kinds.add(name)
        if name == "FuncCall" and node.funcname:
            functions.add(node.funcname[-1].string.sval)
        if name == "A_Expr" and node.name:
            operators.add(node.name[-1].string.sval + " ANY" * (node.kind == OP_ANY))
    return kinds, functions, operators


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for descriptor, value in node.ListFields():
        if descriptor.message_type is not None:
            for child in value if descriptor.is_repeated else (value,):
                yield from _nodes(child)


def _is_aggregate(select: Any) -> bool:
    """Whether every column of the answer is an aggregate."""
    values = [target.res_target.val for target in select.target_list]
    calls = [value.func_call for value in values if value.WhichOneof("node") == "func_call"]
    named = [call for call in calls if call.funcname and call.funcname[-1].string.sval in _AGGREGATES]
    return bool(values) and len(named) == len(values) and not any(call.HasField("over") for call in named)


def _column(node: Any) -> Iterator[str]:
    if node.WhichOneof("node") == "column_ref" and node.column_ref.fields:
        yield node.column_ref.fields[-1].string.sval


def without_constants(text: str) -> str:
    """`text` with $n for every constant, as they may be anybody's data; with "?" where it does not parse."""
    try:
        return normalized(text)
    except UnreadableStatementError:
        return _CONSTANT.sub("?", text)


@lru_cache(maxsize=5000)
def fingerprint(text: str) -> str:
    """The same for texts that differ in constants or parameters only; the text's beginning when it does not parse."""
    try:
        return hashed(text)
    except UnreadableStatementError:
        return text[:200]
