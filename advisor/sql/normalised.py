"""From the text that pg_stat_statements keeps back to SQL. Pure.

Its `$n` stand where constants stood, also where the grammar or the semantics demand a constant: `date $1`,
`extract($1 FROM at)`, and the same expression under SELECT and GROUP BY, of which one keeps its constants.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from advisor.sql.parse import deparsed, every_node, inner, nodes, numbers_in, parsed, tree

_ANY_UNIT = "'day'"
_UNITS = frozenset({"extract", "date_part", "date_trunc"})
"""Functions whose first argument names a part of a time; which one matters to no plan."""
_OF_ANY_TYPE = frozenset(
    [
        *("concat", "concat_ws", "format", "num_nulls", "num_nonnulls"),
        *("json_build_object", "jsonb_build_object", "json_build_array", "jsonb_build_array"),
    ]
)
"""Functions that tell nothing of what a parameter is: before PostgreSQL 16 they refuse one without a type."""
_OF_NUMBERS = frozenset({"sum", "avg"})
"""Functions that a CASE of constants alone gives numbers to."""
_FIRST, _LAST = "1", "10"
"""generate_series is taken for as short as a page."""
_CURRENT_DATE = 1  # SQLValueFunctionOp of libpg_query
_ARITHMETIC = frozenset("+-*/%^")
_CLAUSES = ("target_list", "distinct_clause", "group_clause", "sort_clause")


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What is known of a statement's parameters, as SQL, by their numbers.

    literals: of one. sides: of all that a column is compared with, by the parameters in it, such as `now() - $1` by
    (1,). types: of what is not known.
    """

    literals: Mapping[int, str] = field(default_factory=dict)
    sides: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    types: Mapping[int, str] = field(default_factory=dict)


def restored(text: str) -> str:
    """`text` as Postgres plans it, with some `$n` left whose type the place tells. Raises UnreadableStatementError."""
    parsed(text)
    statement = tree(text)
    for select in nodes(statement, "SelectStmt"):
        _make_equal(select)
    for call in nodes(statement, "FuncCall"):
        _give_types(call)
    for expression in nodes(statement, "A_Expr"):
        _count_days(expression)
    for select in nodes(statement, "SelectStmt"):
        _reckon_alike(select)
    return deparsed(statement)


def with_values(text: str, values: Values) -> tuple[str, int]:
    """`text` with what is known in place of its parameters, and how many are left: those are numbered anew, from 1."""
    statement = tree(text)
    literals = dict(values.literals)
    for holder in list(compared_sides(statement)):
        numbers = numbers_in(holder)
        literal = values.sides.get(numbers)
        if numbers and literal and not nodes(holder, "ColumnRef"):
            if _is_parameter(holder):
                literals.setdefault(numbers[0], literal)
            holder.CopyFrom(_expression(literal))
    left: dict[int, int] = {}
    for holder in [one for one in every_node(statement) if _is_parameter(one)]:
        number = holder.param_ref.number
        if number in literals:
            holder.CopyFrom(_expression(literals[number]))
            continue
        new = f"${left.setdefault(number, len(left) + 1)}"
        kind = values.types.get(number)
        holder.CopyFrom(_expression(f"{new}::{kind}" if kind else new))
    return deparsed(statement), len(left)


def untold(text: str) -> frozenset[int]:
    """Parameters whose type no place tells: those in a list of VALUES, which are text to Postgres, and two that are
    reckoned with one another. Raises UnreadableStatementError.
    """
    statement = parsed(text)
    found = {
        number for select in nodes(statement, "SelectStmt") for row in select.values_lists for number in numbers_in(row)
    }
    for expression in nodes(statement, "A_Expr"):
        sides = (expression.lexpr, expression.rexpr)
        if expression.name[-1].string.sval in _ARITHMETIC and all(s.WhichOneof("node") == "param_ref" for s in sides):
            found |= {side.param_ref.number for side in sides}
    return frozenset(found)


def _make_equal(select: Any) -> None:
    """What is grouped, or sorted and made distinct, is what is selected: all get the constants that one has."""
    grouped = [*select.group_clause, *select.distinct_clause, *(s.sort_by.node for s in select.sort_clause)]
    known: dict[object, Any] = {}
    for node in sorted(grouped, key=lambda one: bool(numbers_in(one))):
        if node.WhichOneof("node") not in (None, "column_ref", "a_const") and _has_constant(node):
            known.setdefault(_shape(node), node)
    if not known:
        return
    anchors = {shape: _copy(node) for shape, node in known.items()}
    for holder in [*_below(select, _CLAUSES), *every_node(select.having_clause)]:
        anchor = anchors.get(_shape(holder))
        if anchor is not None:
            holder.CopyFrom(anchor)


def _has_constant(node: Any) -> bool:
    return bool(nodes(node, "ParamRef") or nodes(node, "A_Const"))


def _shape(node: Any) -> object:
    """The same for expressions that differ in constants alone."""
    node = inner(node)
    if node.DESCRIPTOR.name in ("ParamRef", "A_Const"):
        return "constant"
    parts = []
    for descriptor, value in node.ListFields():
        if descriptor.name == "location":
            continue
        if descriptor.message_type is None:
            parts.append((descriptor.name, tuple(value) if descriptor.is_repeated else value))
        else:
            children = value if descriptor.is_repeated else (value,)
            parts.append((descriptor.name, tuple(_shape(one) for one in children)))
    return node.DESCRIPTOR.name, tuple(parts)


def _give_types(call: Any) -> None:
    name = call.funcname[-1].string.sval if call.funcname else ""
    arguments = list(call.args)
    if name in _UNITS and arguments and _is_parameter(arguments[0]):
        arguments[0].CopyFrom(_expression(_ANY_UNIT))
    elif name in _OF_NUMBERS:
        for case in [case for argument in arguments for case in nodes(argument, "CaseExpr")]:
            for result in filter(_is_parameter, [case.defresult, *(when.case_when.result for when in case.args)]):
                result.CopyFrom(_expression(f"${result.param_ref.number}::integer"))
    elif name in _OF_ANY_TYPE:
        for argument in filter(_is_parameter, arguments):
            argument.CopyFrom(_expression(f"${argument.param_ref.number}::text"))
    elif name == "generate_series" and len(arguments) == 2:
        for argument, literal in zip(arguments, (_FIRST, _LAST), strict=True):
            if _is_parameter(argument):
                argument.CopyFrom(_expression(literal))


def _reckon_alike(select: Any) -> None:
    """Of a UNION, a constant in one arm is a number where the other reckons: `SELECT 0 UNION ALL SELECT depth + 1`."""
    for one, other in ((select.larg, select.rarg), (select.rarg, select.larg)):
        for target, like in zip(one.target_list, other.target_list, strict=False):
            value, reckoned = target.res_target.val, like.res_target.val.a_expr
            if _is_parameter(value) and reckoned.name and reckoned.name[-1].string.sval in _ARITHMETIC:
                value.CopyFrom(_expression(f"${value.param_ref.number}::integer"))


def _count_days(expression: Any) -> None:
    """What is added to a date is a number of days, unless it says otherwise."""
    if not expression.name or expression.name[-1].string.sval not in ("+", "-"):
        return
    for one, other in ((expression.lexpr, expression.rexpr), (expression.rexpr, expression.lexpr)):
        if _is_date(one) and _is_parameter(other):
            other.CopyFrom(_expression(f"${other.param_ref.number}::integer"))


def _is_date(node: Any) -> bool:
    kind = node.WhichOneof("node")
    if kind == "type_cast":
        return bool(node.type_cast.type_name.names[-1].string.sval == "date")
    return bool(kind == "sqlvalue_function" and node.sqlvalue_function.op == _CURRENT_DATE)


def _is_parameter(node: Any) -> bool:
    return bool(node.WhichOneof("node") == "param_ref")


def compared_sides(node: Any) -> Iterator[Any]:
    """Every expression that a comparison has on either side; those of a list or a range apart."""
    for expression in nodes(node, "A_Expr"):
        for side in (expression.lexpr, expression.rexpr):
            if side.WhichOneof("node") == "list":
                yield from side.list.items
            elif side.WhichOneof("node"):
                yield side


def _below(select: Any, clauses: tuple[str, ...]) -> Iterator[Any]:
    for clause in clauses:
        for item in getattr(select, clause):
            yield from every_node(item)


def _copy(node: Any) -> Any:
    made = type(node)()
    made.CopyFrom(node)
    return made


def _expression(text: str) -> Any:
    return tree(f"SELECT {text}").stmts[0].stmt.select_stmt.target_list[0].res_target.val
