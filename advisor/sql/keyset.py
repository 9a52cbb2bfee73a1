"""The next page of a statement by key: what follows the last row, where OFFSET reads all pages again. Pure."""

from collections.abc import Sequence
from typing import Any

from advisor.sql.identifier import quoted
from advisor.sql.normalised import Values, restored, with_values
from advisor.sql.parse import deparsed, numbers_in, parsed, tree

_DESCENDING = 3  # SortByDir of libpg_query
_GROUPED = ("group_clause", "distinct_clause", "window_clause", "values_lists", "larg")


def next_page(text: str, unique: Sequence[str], page: int) -> str:
    """`text` as a statement that turns a page by key; "" where it cannot be: it is grouped, made distinct or united,
    reads several tables, sorts both up and down, or nothing tells its rows apart.

    unique: columns of the table that do. page: rows, where the statement has no LIMIT. Raises UnreadableStatementError.
    """
    statement = tree(restored(text))
    select = statement.stmts[0].stmt.select_stmt
    sources = [item.WhichOneof("node") for item in select.from_clause]
    if any(_is_given(select, name) for name in _GROUPED) or sources != ["range_var"]:
        return ""
    keys = [_unaliased(item.sort_by.node, select) for item in select.sort_clause]
    directions = {item.sort_by.sortby_dir == _DESCENDING for item in select.sort_clause} or {False}
    named = {key.column_ref.fields[-1].string.sval for key in keys if key.WhichOneof("node") == "column_ref"}
    texts = [*map(_text, keys), *(quoted(name) for name in unique if name not in named)]
    if not unique or len(directions) > 1:
        return ""
    down = directions == {True}
    first = max(numbers_in(select), default=0) + 1
    places = ", ".join(f"${first + place}" for place in range(len(texts)))
    made = (
        tree(
            f"SELECT 1 WHERE ({', '.join(texts)}) {'<' if down else '>'} ({places})"
            f" ORDER BY {', '.join(text + ' DESC' * down for text in texts)} LIMIT {page}"
        )
        .stmts[0]
        .stmt.select_stmt
    )
    _put(select, made)
    return with_values(deparsed(statement), Values())[0]


def _is_given(select: Any, name: str) -> bool:
    value = getattr(select, name)
    return select.HasField(name) if name == "larg" else len(value) > 0


def _put(select: Any, made: Any) -> None:
    """The condition, the order and the bound of `made`."""
    if select.HasField("where_clause"):
        both = tree("SELECT 1 WHERE true AND true").stmts[0].stmt.select_stmt.where_clause
        both.bool_expr.args[0].CopyFrom(select.where_clause)
        both.bool_expr.args[1].CopyFrom(made.where_clause)
        select.where_clause.CopyFrom(both)
    else:
        select.where_clause.CopyFrom(made.where_clause)
    del select.sort_clause[:]
    select.sort_clause.extend(made.sort_clause)
    select.ClearField("limit_offset")
    if not select.HasField("limit_count"):
        select.limit_count.CopyFrom(made.limit_count)
        select.limit_option = made.limit_option


def _unaliased(node: Any, select: Any) -> Any:
    """What is sorted by: an output name and a position stand for an expression."""
    targets = [item.res_target for item in select.target_list]
    if node.WhichOneof("node") == "a_const" and 0 < node.a_const.ival.ival <= len(targets):
        return targets[node.a_const.ival.ival - 1].val
    if node.WhichOneof("node") == "column_ref" and len(node.column_ref.fields) == 1:
        name = node.column_ref.fields[0].string.sval
        return next((target.val for target in targets if target.name == name), node)
    return node


def _text(node: Any) -> str:
    made = tree("SELECT 1")
    made.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(node)
    return deparsed(made).removeprefix("SELECT ")


def offset_of(text: str) -> int | None:
    """The constant OFFSET of a SELECT, 0 without one; None where it is a parameter or an expression.

    Raises UnreadableStatementError.
    """
    node = parsed(text)
    if node.DESCRIPTOR.name != "SelectStmt" or not node.HasField("limit_offset"):
        return 0
    constant = node.limit_offset.a_const if node.limit_offset.WhichOneof("node") == "a_const" else None
    return int(constant.ival.ival) if constant is not None and not constant.isnull else None
