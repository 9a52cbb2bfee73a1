"""Reads which tables a statement uses, and how it filters, joins and sorts them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from advisor.sql.parse import READ, UnreadableStatementError, parsed, reading

RANGE_OPERATORS = frozenset({"<", ">", "<=", ">="})
_AND = 1  # BoolExprType.AND_EXPR of libpg_query
OP_ANY = 2  # A_Expr_Kind.AEXPR_OP_ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class TableUse:
    """One table in one statement. schema: "" when the statement does not say.

    equal: columns compared for equality, with a value or with another table's column. ranges: columns bounded from one
    or both sides. sorted_by: columns of the ORDER BY, when all of them are this table's.
    """

    schema: str
    table: str
    equal: tuple[str, ...]
    ranges: tuple[str, ...]
    sorted_by: tuple[str, ...]


@dataclass(slots=True)
class _Scope:
    """The tables that names in one SELECT, UPDATE or DELETE may mean, by alias."""

    tables: dict[str, tuple[str, str]] = field(default_factory=dict)
    equal: dict[str, list[str]] = field(default_factory=dict)
    ranges: dict[str, list[str]] = field(default_factory=dict)
    sorted_by: dict[str, list[str]] = field(default_factory=dict)

    def uses(self) -> Iterator[TableUse]:
        for alias, (schema, table) in self.tables.items():
            yield TableUse(
                schema=schema,
                table=table,
                equal=tuple(dict.fromkeys(self.equal.get(alias, ()))),
                ranges=tuple(dict.fromkeys(self.ranges.get(alias, ()))),
                sorted_by=tuple(self.sorted_by.get(alias, ())),
            )


def table_uses(text: str) -> tuple[TableUse, ...]:
    """Every table of `text`, sub-selects included. Raises UnreadableStatementError.

    Conditions under OR, on expressions, and on columns whose table is not clear are left out: they name no index.
    """
    statement = parsed(text, READ)
    with reading():
        named = set(_names_of_ctes(statement))
        uses = (use for scope in _scopes(statement) for use in scope.uses())
        return tuple(use for use in uses if use.schema or use.table not in named)


def _names_of_ctes(node: Any) -> Iterator[str]:
    """What WITH names at any depth: results of a query, however much they are called like a table."""
    if node.DESCRIPTOR.name == "CommonTableExpr":
        yield node.ctename
    for child in _children(node):
        yield from _names_of_ctes(child)


def is_plannable(text: str) -> bool:
    """Whether `text` is exactly one SELECT, UPDATE or DELETE, which EXPLAIN plans and does not run."""
    try:
        parsed(text, READ)
    except UnreadableStatementError:
        return False
    return True


def _scopes(node: Any) -> Iterator[_Scope]:
    """One scope for each SELECT, UPDATE and DELETE at any depth."""
    if node.DESCRIPTOR.name in ("SelectStmt", "UpdateStmt", "DeleteStmt"):
        yield _scope(node)
    for child in _children(node):
        yield from _scopes(child)


def _children(node: Any) -> Iterator[Any]:
    for descriptor, value in node.ListFields():
        if descriptor.message_type is not None:
            yield from value if descriptor.is_repeated else (value,)


def _scope(statement: Any) -> _Scope:
    scope = _Scope()
    if statement.DESCRIPTOR.name == "SelectStmt":
        for node in statement.from_clause:
            _add_table(node, scope)
    else:
        _add_relation(statement.relation, scope)
    if statement.HasField("where_clause"):
        _add_conditions(statement.where_clause, scope)
    if statement.DESCRIPTOR.name == "SelectStmt":
        for node in statement.from_clause:
            _add_join_conditions(node, scope)
        _add_order(statement.sort_clause, scope)
    return scope


def _add_table(node: Any, scope: _Scope) -> None:
    match node.WhichOneof("node"):
        case "range_var":
            _add_relation(node.range_var, scope)
        case "join_expr":
            _add_table(node.join_expr.larg, scope)
            _add_table(node.join_expr.rarg, scope)
        case _:
            pass  # a sub-select is a scope of its own; a function has no index


def _add_relation(relation: Any, scope: _Scope) -> None:
    alias = relation.alias.aliasname or relation.relname
    scope.tables[alias] = (relation.schemaname, relation.relname)


def _add_join_conditions(node: Any, scope: _Scope) -> None:
    if node.WhichOneof("node") != "join_expr":
        return
    _add_join_conditions(node.join_expr.larg, scope)
    _add_join_conditions(node.join_expr.rarg, scope)
    if node.join_expr.HasField("quals"):
        _add_conditions(node.join_expr.quals, scope)
    for name in node.join_expr.using_clause:
        for side in (node.join_expr.larg, node.join_expr.rarg):
            for alias in _holders(side, name.string.sval):
                scope.equal.setdefault(alias, []).append(name.string.sval)


def _holders(side: Any, column: str) -> Iterator[str]:
    """The tables of one side of a join whose column USING names: the only one, or those that share it already."""
    match side.WhichOneof("node"):
        case "range_var":
            yield side.range_var.alias.aliasname or side.range_var.relname
        case "join_expr" if column in {name.string.sval for name in side.join_expr.using_clause}:
            yield from _holders(side.join_expr.larg, column)
            yield from _holders(side.join_expr.rarg, column)
        case _:
            pass  # a sub-select, or one of several tables that does not say which


def _add_conditions(node: Any, scope: _Scope) -> None:
    match node.WhichOneof("node"):
        case "bool_expr" if node.bool_expr.boolop == _AND:
            for part in node.bool_expr.args:
                _add_conditions(part, scope)
        case "a_expr":
            _add_comparison(node.a_expr, scope)
        case _:
            pass


def _add_comparison(expression: Any, scope: _Scope) -> None:
    operator = expression.name[0].string.sval if expression.name else ""
    left, right = _column(expression.lexpr, scope), _column(expression.rexpr, scope)
    if left and right and left[0] == right[0]:
        return  # two columns of one row: no index finds them
    for column in (left, None if expression.kind == OP_ANY else right):  # one of an array finds no row by it
        if column is None:
            continue
        alias, name = column
        if operator == "=":
            scope.equal.setdefault(alias, []).append(name)
        elif operator in RANGE_OPERATORS or operator.startswith("BETWEEN"):
            scope.ranges.setdefault(alias, []).append(name)


def _add_order(clause: Any, scope: _Scope) -> None:
    columns = [_column(item.sort_by.node, scope) for item in clause]
    named = [column for column in columns if column is not None]
    if named and len(named) == len(columns) and len({alias for alias, _ in named}) == 1:
        scope.sorted_by[named[0][0]] = [name for _, name in named]


def _column(node: Any, scope: _Scope) -> tuple[str, str] | None:
    """(alias, column) of a plain column whose table is known; None for anything else."""
    if node.WhichOneof("node") != "column_ref":
        return None
    fields = node.column_ref.fields
    names = [part.string.sval for part in fields if part.WhichOneof("node") == "string"]
    if len(names) != len(fields) or not names:
        return None
    if len(names) >= 2:
        return (names[-2], names[-1]) if names[-2] in scope.tables else None
    return (next(iter(scope.tables)), names[0]) if len(scope.tables) == 1 else None
