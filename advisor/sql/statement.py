"""Reads how a statement uses each of its tables. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from advisor.model.database.index_design import IndexKey
from advisor.sql.access import Access, Condition, ConditionKind
from advisor.sql.conditions import Found, conditions, membership_conditions
from advisor.sql.normalised import untold
from advisor.sql.parse import deparsed, nodes, numbers_in, parsed, tree
from advisor.sql.relations import Relations, TableName
from advisor.sql.scopes import Reading, Scope

_DESCENDING, _NULLS_FIRST, _NULLS_LAST = 3, 2, 3  # SortByDir and SortByNulls of libpg_query
_NESTED = ("SelectStmt", "RangeSubselect", "WithClause")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementShape:
    """accesses: one for each mention of a table. unknown: names that are no table or view of the catalogue.

    unclear: names without a schema, with the several tables that they may mean. bare: what each other such name means,
    by its place in the text.
    untold: parameters whose type no place tells. limits and offsets: those in a LIMIT or an OFFSET; own_limits: in the
    LIMIT of the whole statement. rows_tell: whether the rows that it returns tell of those that it finds: it neither
    counts them, nor groups them by what is computed.
    """

    accesses: tuple[Access, ...]
    unknown: tuple[str, ...]
    parameters: frozenset[int] = frozenset()
    limits: tuple[int, ...] = ()
    offsets: tuple[int, ...] = ()
    own_limits: tuple[int, ...] = ()
    rows_tell: bool = True
    sets_columns: frozenset[tuple[TableName, str]] = frozenset()
    inserts_into: frozenset[TableName] = frozenset()
    untold: frozenset[int] = frozenset()
    unclear: tuple[tuple[str, tuple[TableName, ...]], ...] = ()
    bare: Mapping[int, TableName] = field(default_factory=dict)

    @property
    def tables(self) -> frozenset[TableName]:
        return frozenset(access.table for access in self.accesses)


def read_statement(text: str, relations: Relations, paths: Sequence[Sequence[str]] | None = None) -> StatementShape:
    """How `text` uses its tables, sub-selects, common table expressions and views included.

    paths: the search paths of the sessions that ran it; None for that of `relations`. Raises UnreadableStatementError.
    """
    reading = Reading(relations, paths=paths)
    whole = parsed(text)
    reading.read(whole)
    for scope, node in reading.scopes:
        for access, condition in _conditions_of(node, scope):
            access.conditions.append(condition)
        _read_columns(node, scope)
        if node.DESCRIPTOR.name == "SelectStmt":
            _read_order(node, scope)
    for scope, tested, member in reading.memberships:
        for access, condition in membership_conditions(tested, member, scope):
            access.conditions.append(condition)
    selects = [node for _, node in reading.scopes if node.DESCRIPTOR.name == "SelectStmt"]
    return StatementShape(
        accesses=tuple(reading.accesses),
        unknown=tuple(dict.fromkeys(reading.unknown)),
        parameters=frozenset(numbers_in(whole)),
        limits=tuple(number for select in selects for number in numbers_in(select.limit_count)),
        offsets=tuple(number for select in selects for number in numbers_in(select.limit_offset)),
        own_limits=numbers_in(whole.limit_count) if whole.DESCRIPTOR.name == "SelectStmt" else (),
        rows_tell=all(_rows_tell(node, scope) for scope, node in reading.scopes if node is whole),
        sets_columns=frozenset(_written(reading)),
        inserts_into=frozenset(reading.inserted),
        untold=untold(text),
        unclear=tuple(reading.unclear.items()),
        bare=reading.bare,
    )


def _rows_tell(node: Any, scope: Scope) -> bool:
    """Whether a planner knows how many rows come of those that are found: a number of groups is in the statistics of
    columns, and not of what is computed, nor of what HAVING leaves."""
    if node.DESCRIPTOR.name != "SelectStmt":
        return True
    made = [target.res_target.val for target in node.target_list] if node.distinct_clause else []
    grouped = [*node.group_clause, *made]
    known = [one for one in grouped if one.WhichOneof("node") == "column_ref" and scope.place(one.column_ref)]
    return len(known) == len(grouped) and not node.having_clause.WhichOneof("node")


def with_schemas(text: str, bare: Mapping[int, TableName]) -> str:
    """`text` with a schema before each name at these places. Raises UnreadableStatementError."""
    if not bare:
        return text
    statement = tree(text)
    for relation in nodes(statement, "RangeVar"):
        if relation.location in bare and not relation.schemaname:
            relation.schemaname = bare[relation.location].schema
    return deparsed(statement)


def _written(reading: Reading) -> Iterator[tuple[TableName, str]]:
    for scope, node in reading.scopes:
        if node.DESCRIPTOR.name == "UpdateStmt":
            target = next(scope.accesses(), None)
            if target is not None:
                yield from ((target.table, item.res_target.name) for item in node.target_list)


def _conditions_of(node: Any, scope: Scope) -> Iterator[Found]:
    if node.DESCRIPTOR.name == "MergeStmt":
        yield from conditions(node.join_condition, scope)
        return
    yield from conditions(node.where_clause, scope)
    if node.DESCRIPTOR.name == "SelectStmt":
        for item in node.from_clause:
            yield from _of_join(item, scope)


def _of_join(node: Any, scope: Scope) -> Iterator[Found]:
    if node.WhichOneof("node") != "join_expr":
        return
    join = node.join_expr
    yield from _of_join(join.larg, scope)
    yield from _of_join(join.rarg, scope)
    yield from conditions(join.quals, scope)
    for name in join.using_clause:
        holders = [a for a in scope.accesses() if name.string.sval in a.columns]
        for one, other in pairwise(holders):
            yield from _shared_column(name.string.sval, one, other)


def _shared_column(column: str, one: Access, other: Access) -> Iterator[Found]:
    for access, partner in ((one, other), (other, one)):
        access.used.add(column)
        yield (
            access,
            Condition(kind=ConditionKind.JOIN, key=IndexKey(text=column), with_table=partner.number),
        )


def _read_columns(node: Any, scope: Scope) -> None:
    for reference in _references(node):
        if reference.fields[-1].WhichOneof("node") == "a_star":
            named = reference.fields[0].string.sval if len(reference.fields) > 1 else ""
            for name, known in scope.names.items():
                if isinstance(known, Access) and named in ("", name):
                    known.takes_all_columns = True
            continue
        place = scope.place(reference)
        if place is not None:
            place.access.used.add(place.column)


def _references(node: Any) -> Iterator[Any]:
    """The ColumnRefs of this statement alone, not those of the sub-selects in it."""
    for descriptor, value in node.ListFields():
        if descriptor.message_type is None:
            continue
        for child in value if descriptor.is_repeated else (value,):
            name = child.DESCRIPTOR.name
            if name == "ColumnRef":
                yield child
            elif name not in _NESTED:
                yield from _references(child)


def _read_order(node: Any, scope: Scope) -> None:
    keys = [_sort_key(item.sort_by, node, scope) for item in node.sort_clause]
    known = [key for key in keys if key is not None]
    if known and len(known) == len(keys) and len({access.number for access, _ in known}) == 1:
        known[0][0].order = tuple(key for _, key in known)
    grouped = [scope.place(item.column_ref) for item in node.group_clause if item.WhichOneof("node") == "column_ref"]
    if node.distinct_clause and not node.group_clause:
        targets = [item.res_target.val for item in node.target_list]
        grouped = [scope.place(t.column_ref) for t in targets if t.WhichOneof("node") == "column_ref"]
    for place in grouped:
        if place is not None and place.column not in place.access.group:
            place.access.group = (*place.access.group, place.column)
    _read_extremes(node, scope)


def _read_extremes(node: Any, scope: Scope) -> None:
    """min() and max() of a column read one end of an index that is sorted by it."""
    if node.group_clause or len(node.target_list) != 1:
        return
    call = node.target_list[0].res_target.val
    if call.WhichOneof("node") != "func_call" or call.func_call.funcname[-1].string.sval not in ("min", "max"):
        return
    argument = call.func_call.args[0] if len(call.func_call.args) == 1 else None
    place = scope.place(argument.column_ref) if argument and argument.WhichOneof("node") == "column_ref" else None
    if place is not None and not place.access.order:
        place.access.order = (IndexKey(text=place.column),)


def _sort_key(item: Any, node: Any, scope: Scope) -> tuple[Access, IndexKey] | None:
    target = item.node
    position = target.a_const.ival.ival if target.WhichOneof("node") == "a_const" else 0
    if 0 < position <= len(node.target_list):
        target = node.target_list[position - 1].res_target.val
    if target.WhichOneof("node") != "column_ref":
        return None
    place = scope.place(target.column_ref)
    if place is None:
        return None
    descending = item.sortby_dir == _DESCENDING
    nulls_first = {_NULLS_FIRST: True, _NULLS_LAST: False}.get(item.sortby_nulls, descending)
    return place.access, IndexKey(text=place.column, descending=descending, nulls_first=nulls_first)
