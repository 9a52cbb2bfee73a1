"""Ways to plan a statement whose constants are not on record. Pure, but for the planner that is asked for rows."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from advisor.clients.planning_block import GENERIC
from advisor.sql.access import Access, Condition, ConditionKind
from advisor.sql.generic import generic
from advisor.sql.identifier import quoted
from advisor.sql.normalised import Values, with_values
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import TableFacts
from advisor.whatif.index.search.constants import (
    LADDER,
    LASTING,
    PATTERNS,
    TYPICAL,
    Draw,
    DrawnValue,
    drawn_values,
    sample_constants,
    types_of,
)
from advisor.whatif.index.search.costs import WorkloadQuery
from advisor.whatif.index.search.patterns import ANYWHERE, LIKE
from advisor.whatif.index.search.workload import ReadStatement

_MISFIT, _MISFIT_OF_JOINS = math.log(2), math.log(4)
"""Of two numbers of rows, in logarithms: what planners' estimates of one table are off by, and of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """by_draw: with constants of its own, and what is missing drawn so. whatever: its parameters are; None where that
    is the same. might_be: draws that what is on record does not speak against, besides the one that is taken."""

    read: ReadStatement
    by_draw: Mapping[Draw, WorkloadQuery]
    whatever: WorkloadQuery | None = None
    taken: Draw = TYPICAL
    might_be: frozenset[Draw] = field(default_factory=frozenset)

    @property
    def in_order(self) -> tuple[WorkloadQuery, ...]:
        """The best first."""
        return (self.by_draw[self.taken], *filter(None, [self.whatever]))

    @property
    def every(self) -> tuple[WorkloadQuery, ...]:
        return (*self.by_draw.values(), *filter(None, [self.whatever]))

    def drawn_as(self, draw: Draw, tables: Mapping[TableName, TableFacts]) -> "OtherStatement | None":
        """What another draw comes to; None where that is the same, or what is on record speaks against it."""
        if draw not in self.might_be:
            return None
        shape, rows = self.read.shape, self.read.statement.rows_a_call
        drawn = drawn_values(shape, tables, self.taken, rows)
        if draw is LASTING:
            query, otherwise = self.by_draw[self.taken], "the value is always the same"
            accesses, differing = _lasting(shape.accesses, drawn)
        else:
            query, other = self.by_draw[draw], drawn_values(shape, tables, draw, rows)
            accesses, differing = _beginning(shape.accesses, other), [old for old in drawn if old not in other]
            otherwise = "fewer rows meet them" if draw.range_share < self.taken.range_share else "more rows meet them"
            if draw is PATTERNS:
                otherwise = "a pattern begins with letters, or the limit is lower"
        if not differing:
            return None
        read = replace(self.read, shape=replace(shape, accesses=accesses))
        return OtherStatement(read=read, query=query, values=tuple(differing), otherwise=otherwise)

    def drawn(self, tables: Mapping[TableName, TableFacts]) -> tuple[str, ...]:
        """The conditions for whose constants others stand."""
        values = drawn_values(self.read.shape, tables, self.taken, self.read.statement.rows_a_call)
        return tuple(dict.fromkeys(one.condition for one in values))


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherStatement:
    """A statement with other constants. values: those that are others, as they were drawn before. otherwise: in words,
    how the others differ."""

    read: ReadStatement
    query: WorkloadQuery
    values: tuple[DrawnValue, ...]
    otherwise: str


def ways_of(read: ReadStatement, tables: Mapping[TableName, TableFacts]) -> Ways:
    if not read.shape.parameters:
        return Ways(read=read, by_draw={TYPICAL: query_of(read, tables)})
    known: dict[tuple[object, ...], WorkloadQuery] = {}
    by_draw: dict[Draw, WorkloadQuery] = {}
    for draw in (*LADDER, PATTERNS):
        values = sample_constants(read.shape, tables, draw, read.statement.rows_a_call)
        place = (*values.literals.items(), *values.sides.items())
        if place not in known:
            known[place] = _with(read, values)
        by_draw[draw] = known[place]
    whatever = _query(read, *generic(read.text, types_of(read.shape, tables)))
    return Ways(
        read=read,
        by_draw=by_draw,
        whatever=None if whatever == by_draw[TYPICAL] else whatever,
        might_be=frozenset({*LADDER, PATTERNS, LASTING} - {TYPICAL}),
    )


def query_of(read: ReadStatement, tables: Mapping[TableName, TableFacts]) -> WorkloadQuery:
    """How the statement is planned: with constants of its own, and with typical ones as far as they can be had."""
    return _with(read, sample_constants(read.shape, tables)) if read.shape.parameters else _query(read, read.text, 0)


def fitted(ways: Ways, rows_of: Callable[[WorkloadQuery], float | None]) -> Ways:
    """Those constants taken with which the planner expects about as many rows as a call returned or changed, where the
    typical ones are far from it; and those no longer that would give far fewer, or far more.

    rows_of: as the planner expects them; None where it does not say.
    """
    recorded = ways.read.statement.rows_a_call
    if recorded is None or not ways.read.shape.rows_tell or len({query.text for query in ways.by_draw.values()}) < 2:
        return ways
    expected: dict[str, float] = {}
    for query in {query.text: query for query in ways.by_draw.values()}.values():
        rows = rows_of(query)
        if rows is None:
            return ways
        expected[query.text] = rows
    misfits = {draw: abs(math.log((expected[q.text] + 1) / (recorded + 1))) for draw, q in ways.by_draw.items()}
    best = min(LADDER, key=lambda draw: (misfits[draw], draw != TYPICAL))
    taken = TYPICAL if misfits[TYPICAL] <= misfits[best] + _MISFIT else best
    allowed = misfits[best] + (_MISFIT if len(ways.read.shape.accesses) == 1 else _MISFIT_OF_JOINS)
    likely = {draw for draw in LADDER if misfits[draw] <= allowed} | {LASTING}
    forms = {PATTERNS} if taken == TYPICAL else set()
    return replace(ways, taken=taken, might_be=frozenset((likely | forms) - {taken}))


def _lasting(accesses: Sequence[Access], drawn: Sequence[DrawnValue]) -> tuple[tuple[Access, ...], list[DrawnValue]]:
    """With the values as conditions that a partial index may carry; and those values."""
    carried: list[DrawnValue] = []

    def formed(condition: Condition, one: DrawnValue) -> Condition:
        if condition.kind is not ConditionKind.EQUAL or condition.operator != "=" or condition.optional:
            return condition
        carried.append(one)
        return replace(condition, predicate=f"{quoted(one.column)} = {one.literal}")

    return _with_drawn(accesses, drawn, formed), carried


def _beginning(accesses: Sequence[Access], drawn: Sequence[DrawnValue]) -> tuple[Access, ...]:
    """With patterns that begin with letters as what an index finds in its order."""

    def formed(condition: Condition, one: DrawnValue) -> Condition:
        begins = condition.operator == LIKE and not one.literal.startswith(ANYWHERE)
        return replace(condition, kind=ConditionKind.PREFIX) if begins else condition

    return _with_drawn(accesses, drawn, formed)


def _with_drawn(
    accesses: Sequence[Access], drawn: Sequence[DrawnValue], formed: Callable[[Condition, DrawnValue], Condition]
) -> tuple[Access, ...]:
    places = {(one.table, one.column, one.numbers): one for one in drawn}

    def of(access: Access, condition: Condition) -> Condition:
        one = places.get((access.table, condition.column, condition.values[0])) if len(condition.values) == 1 else None
        return condition if one is None else formed(condition, one)

    return tuple(replace(one, conditions=[of(one, condition) for condition in one.conditions]) for one in accesses)


def _with(read: ReadStatement, values: Values) -> WorkloadQuery:
    return _query(read, *with_values(read.text, values))


def _query(read: ReadStatement, text: str, parameters: int) -> WorkloadQuery:
    asked = (GENERIC if parameters else "EXPLAIN (FORMAT JSON) ") + text
    return WorkloadQuery(id=read.statement.id, text=asked, tables=read.shape.tables)
