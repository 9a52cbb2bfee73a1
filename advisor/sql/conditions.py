"""The conditions of a statement, each at the table it bounds."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from advisor.model.database.index_design import IndexKey
from advisor.sql.access import Access, Condition, ConditionKind
from advisor.sql.parse import expression_text, nodes, numbers_in
from advisor.sql.scopes import Place, Scope
from advisor.sql.shape import OP_ANY, RANGE_OPERATORS

_AND, _OR, _NOT = 1, 2, 3  # BoolExprType of libpg_query
_OP, _IN, _LIKE, _ILIKE, _SIMILAR = 1, 7, 8, 9, 10  # A_Expr_Kind
_BETWEEN = (11, 13)  # and BETWEEN SYMMETRIC
_IS_NULL = 1
_PATTERN = frozenset({"~", "~*", "~~", "~~*"})
_CONTAINS = frozenset({"@>", "<@", "&&", "?", "?|", "?&", "@?"})
_SEARCH = "@@"
_JSON = frozenset({"->", "->>", "#>", "#>>"})
BY_CONTENT = _CONTAINS | _JSON | {_SEARCH, "= ANY"}
"""Operators that ask by the content of a document or an array, as `StatementFacts.operators` has them."""
_UNSTABLE = ("FuncCall", "ParamRef", "SubLink", "SQLValueFunction")
_MOVING = frozenset({"now", "today", "tomorrow", "yesterday", "epoch"})

Found = tuple[Access, Condition]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a comparison that belongs to one table. is_column: it is a bare column."""

    access: Access
    key: IndexKey
    is_column: bool


def conditions(node: Any, scope: Scope) -> Iterator[Found]:
    """Those that `node`, a condition, puts on tables; AND is a list of them, of OR only what all its arms demand."""
    match node.WhichOneof("node"):
        case "bool_expr" if node.bool_expr.boolop == _AND:
            for part in node.bool_expr.args:
                yield from conditions(part, scope)
        case "bool_expr" if node.bool_expr.boolop == _OR:
            yield from _of_or(node.bool_expr.args, scope)
        case "bool_expr" if node.bool_expr.args[0].WhichOneof("node") == "column_ref":
            yield from _flag(node, node.bool_expr.args[0], scope)
        case "a_expr":
            yield from _comparison(node, scope)
        case "null_test":
            side = _side(node.null_test.arg, scope)
            if side is not None:
                is_null = node.null_test.nulltesttype == _IS_NULL
                kind = ConditionKind.EQUAL if is_null else ConditionKind.FILTER
                yield side.access, _condition(kind, side, node, scope)
        case "column_ref":
            yield from _flag(node, node, scope)
        case "boolean_test":
            yield from _flag(node, node.boolean_test.arg, scope)
        case _:
            pass


def _of_or(arms: Any, scope: Scope) -> Iterator[Found]:
    found = [list(conditions(arm, scope)) for arm in arms]
    arms_with = Counter(place for arm in found for place in {(access.number, condition) for access, condition in arm})
    bounded = Counter(place for arm in found for place in {(a.number, c.key) for a, c in arm if _is_equality(c)})
    for index, arm in enumerate(found):
        for access, condition in arm:
            if arms_with[access.number, condition] == len(found):
                if index == 0:
                    yield access, condition
            elif condition.key is not None:
                # One of another value in each arm finds them all, one after the other. Else a key can serve one arm.
                is_in_all = _is_equality(condition) and bounded[access.number, condition.key] == len(found)
                yield access, replace(condition, optional=not is_in_all, predicate="")


def _is_equality(condition: Condition) -> bool:
    return condition.kind is ConditionKind.EQUAL and condition.key is not None and not condition.optional


def _flag(node: Any, column: Any, scope: Scope) -> Iterator[Found]:
    side = _side(column, scope)
    if side is not None and side.is_column:
        yield side.access, _condition(ConditionKind.EQUAL, side, node, scope)


def _comparison(node: Any, scope: Scope) -> Iterator[Found]:
    expression = node.a_expr
    operator = expression.name[-1].string.sval if expression.name else ""
    left, right = _side(expression.lexpr, scope), _side(expression.rexpr, scope)
    if left is not None and right is not None:
        yield from _two_columns(node, operator, left, right, scope)
        return
    side, other = (left, expression.rexpr) if left is not None else (right, expression.lexpr)
    if side is None:
        for one in (expression.lexpr, expression.rexpr):
            yield from _open_key(one, operator, scope)
        return
    if any(place is not None and place.access is side.access for place in scope.places(other)):
        return  # the other side moves with the same row
    kind = _kind(expression.kind, operator, other, is_left=left is not None)
    found = _condition(kind, side, node, scope)
    yield side.access, replace(found, values=_values(other), listed=_listed(other, scope))


def _values(other: Any) -> tuple[tuple[int, ...], ...]:
    """Of a list or a range each; what holds a column or asks a table is no value."""
    values = other.list.items if other.WhichOneof("node") == "list" else (other,)
    return tuple(() if nodes(one, "ColumnRef") or nodes(one, "SubLink") else numbers_in(one) for one in values)


def _listed(other: Any, scope: Scope) -> tuple[int, ...]:
    return scope.listed(other.column_ref) if other.WhichOneof("node") == "column_ref" else ()


def _kind(kind: int, operator: str, other: Any, *, is_left: bool) -> ConditionKind:
    if operator.startswith("!"):
        return ConditionKind.FILTER
    if kind in (_LIKE, _ILIKE, _SIMILAR) or operator in _PATTERN:
        return _pattern_kind(operator, other)
    if kind == OP_ANY and operator == "=" and not is_left:
        return ConditionKind.MEMBER
    if kind == _IN or (kind in (_OP, OP_ANY) and operator == "="):
        return ConditionKind.EQUAL if operator == "=" else ConditionKind.FILTER
    if (kind == _OP and operator in RANGE_OPERATORS) or (_BETWEEN[0] <= kind <= _BETWEEN[1] and "NOT" not in operator):
        return ConditionKind.RANGE
    if operator in _CONTAINS and is_left:
        return ConditionKind.CONTAINS
    if operator == _SEARCH:
        return ConditionKind.SEARCH
    return ConditionKind.FILTER


def _pattern_kind(operator: str, pattern: Any) -> ConditionKind:
    """LIKE with letters before the first wildcard is a range; anything else looks inside."""
    constant = nodes(pattern, "A_Const")
    text = constant[0].sval.sval if len(constant) == 1 else "%"
    return ConditionKind.PREFIX if operator == "~~" and text[:1] not in ("%", "_", "") else ConditionKind.INFIX


def _two_columns(node: Any, operator: str, left: _Side, right: _Side, scope: Scope) -> Iterator[Found]:
    if left.access is right.access:
        yield left.access, Condition(kind=ConditionKind.FILTER, key=None, predicate=_predicate(node, scope))
    elif operator == "=":
        yield left.access, _join(left, right)
        yield right.access, _join(right, left)
    elif operator in RANGE_OPERATORS:
        yield left.access, replace(_join(left, right), kind=ConditionKind.RANGE)
        yield right.access, replace(_join(right, left), kind=ConditionKind.RANGE)


def _join(side: _Side, other: _Side) -> Condition:
    return Condition(kind=ConditionKind.JOIN, key=side.key, with_table=other.access.number)


def membership_conditions(tested: Any, member: Place, scope: Scope) -> Iterator[Found]:
    """What `tested IN (SELECT member ...)` makes equal."""
    one, other = _side(tested, scope), _Side(member.access, IndexKey(text=member.column), True)
    if one is not None and one.access is not other.access:
        yield one.access, _join(one, other)
        yield other.access, _join(other, one)


def _condition(kind: ConditionKind, side: _Side, node: Any, scope: Scope) -> Condition:
    served = kind is not ConditionKind.FILTER
    return Condition(
        kind=kind,
        key=side.key if served else None,
        predicate=_predicate(node, scope) if kind in (ConditionKind.EQUAL, ConditionKind.FILTER) else "",
        column=side.key.text if side.is_column else "",
        operator=_operator(node),
    )


def _operator(node: Any) -> str:
    if node.WhichOneof("node") != "a_expr" or not node.a_expr.name:
        return ""
    name = node.a_expr.name[-1].string.sval
    return f"{name} ANY" if node.a_expr.kind == OP_ANY else str(name)


def _side(node: Any, scope: Scope) -> _Side | None:
    """`node` as something that an index of one table could hold."""
    kind = node.WhichOneof("node")
    if kind == "column_ref":
        place = scope.place(node.column_ref)
        return None if place is None else _Side(place.access, IndexKey(text=place.column), True)
    if kind not in ("func_call", "a_expr", "type_cast", "coalesce_expr"):
        return None
    references = nodes(node, "ColumnRef")
    if not references or nodes(node, "ParamRef") or nodes(node, "SubLink") or nodes(node, "SQLValueFunction"):
        return None
    places = [scope.place(reference) for reference in references]
    first = places[0]
    if first is None or any(place is None or place.access is not first.access for place in places):
        return None
    return _Side(first.access, IndexKey(text=expression_text(node), is_expression=True), False)


def _open_key(node: Any, operator: str, scope: Scope) -> Iterator[Found]:
    """What is read from a document under a parameter, or searched as a text in a language that is one: no index can be
    written for it."""
    while node.WhichOneof("node") == "type_cast":
        node = node.type_cast.arg
    expression = node.a_expr if node.WhichOneof("node") == "a_expr" else None
    is_read = expression is not None and bool(expression.name) and expression.name[-1].string.sval in _JSON
    is_searched = node.WhichOneof("node") == "func_call" and operator == _SEARCH
    places = [scope.place(reference) for reference in nodes(node, "ColumnRef")]
    first = places[0] if len(places) == 1 else None
    if (is_read or is_searched) and first is not None and nodes(node, "ParamRef"):
        key = IndexKey(text=expression_text(node), is_expression=True)
        yield first.access, Condition(kind=ConditionKind.OPEN_KEY, key=key, operator=operator)


def _predicate(node: Any, scope: Scope) -> str:
    """The text of a condition that a partial index may carry, "" where it may not."""
    if any(nodes(node, name) for name in _UNSTABLE):
        return ""
    if any(constant.sval.sval.lower() in _MOVING for constant in nodes(node, "A_Const")):
        return ""
    places = [scope.place(reference) for reference in nodes(node, "ColumnRef")]
    first = places[0] if places else None
    if first is None or any(place is None or place.access is not first.access for place in places):
        return ""
    return expression_text(node)
