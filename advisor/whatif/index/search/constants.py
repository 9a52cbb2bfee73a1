"""Constants for the `$n` of a statement, drawn from the statistics, so that a planner sees the skew of a column. Pure.

What is typical is a guess, of which a `Draw` says how large: how many rows a range takes, and how common a value is.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate

from advisor.sql.access import Access, Condition, ConditionKind
from advisor.sql.generic import told_by_columns
from advisor.sql.normalised import Values
from advisor.sql.relations import TableName
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue.tables import Column, TableFacts
from advisor.whatif.index.search.patterns import LIKE, beginning, pattern

_LIMIT, _FIRST_PAGE = "10", "0"
_PAGES = (1, 10, 20, 21, 25, 30, 50, 100, 200, 250, 500, 1000)
"""Limits that applications set. Where a call returns that many rows, it was the limit that ended them."""
_NOT_REACHED = "1000"
"""A limit that no call reaches ends nothing early, whatever it is: a planner is not to count on it."""

Sample = tuple[tuple[int, ...], str]
"""A literal, and the parameters of what it stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """range_share: of the histogram, that a range takes, about its middle when it is bounded from both sides.

    rank: which share of the rows has a more common value than an equality asks for: 0 for the most common value, 1 for
    the rarest. in_form: whether a pattern is taken to begin with letters, and a limit that no call reaches for a low
    one. is_lasting: whether a value is taken to be always the same, so that a partial index may be built for it.
    """

    range_share: float
    rank: float
    in_form: bool = False
    is_lasting: bool = False


TYPICAL = Draw(range_share=0.1, rank=0.5)
FEWER_ROWS = Draw(range_share=0.01, rank=1.0)
MORE_ROWS = Draw(range_share=0.9, rank=0.0)
_RATHER_FEW, _RATHER_MANY = Draw(range_share=0.03, rank=0.8), Draw(range_share=0.3, rank=0.2)
LADDER = (FEWER_ROWS, _RATHER_FEW, TYPICAL, _RATHER_MANY, MORE_ROWS)
"""From few rows to many."""
PATTERNS, LASTING = replace(TYPICAL, in_form=True), replace(TYPICAL, is_lasting=True)
"""What the statistics tell nothing of: how a pattern begins and how low a limit is; that a value is always the same."""


@dataclass(frozen=True, slots=True)
class DrawnValue:
    """What stands for the parameters of one side of a comparison. numbers: theirs. condition: such as
    "public.orders.o_orderdate <", or "LIMIT" of no table."""

    table: TableName | None
    column: str
    condition: str
    numbers: tuple[int, ...]
    literal: str


def drawn_values(
    shape: StatementShape,
    tables: Mapping[TableName, TableFacts],
    draw: Draw = TYPICAL,
    rows_a_call: float | None = None,
) -> list[DrawnValue]:
    """For what a column is compared with, as far as the statistics tell, and for the limit of the whole.

    rows_a_call: that the statement returned, in the mean.
    """
    limit = _limit(draw, rows_a_call)
    found = [DrawnValue(None, "", "LIMIT", (number,), limit) for number in shape.own_limits]
    for access in shape.accesses:
        facts = tables.get(access.table)
        for condition, column in _known(access, facts) if facts is not None else ():
            for numbers, literal in _of_condition(condition, column, access, draw):
                words = f"{access.table}.{column.name} {condition.operator}"
                found.append(DrawnValue(access.table, column.name, words, numbers, literal))
    return found


def sample_constants(
    shape: StatementShape,
    tables: Mapping[TableName, TableFacts],
    draw: Draw = TYPICAL,
    rows_a_call: float | None = None,
) -> Values:
    """Where the statistics tell nothing of a side, the type of its column, where no place tells it."""
    literals = dict.fromkeys(shape.limits, _LIMIT) | dict.fromkeys(shape.offsets, _FIRST_PAGE)
    sides: dict[tuple[int, ...], str] = {}
    for one in drawn_values(shape, tables, draw, rows_a_call):
        if one.table is None:
            literals[one.numbers[0]] = one.literal
        else:
            sides.setdefault(one.numbers, one.literal)
    return Values(literals=literals, sides=sides, types=types_of(shape, tables))


def _limit(draw: Draw, rows_a_call: float | None) -> str:
    if rows_a_call is None:
        return _LIMIT
    if rows_a_call in _PAGES:
        return str(int(rows_a_call))
    above = next((str(page) for page in _PAGES if page > max(1.0, rows_a_call)), _NOT_REACHED)
    return above if draw.in_form else _NOT_REACHED


def types_of(shape: StatementShape, tables: Mapping[TableName, TableFacts]) -> Mapping[int, str]:
    """Of the parameters whose type no place tells."""
    columns = {name: {one.name: one.type for one in facts.columns.values()} for name, facts in tables.items()}
    return told_by_columns(shape, columns)


def _known(access: Access, facts: TableFacts) -> Iterator[tuple[Condition, Column]]:
    for condition in access.conditions:
        column = facts.columns.get(condition.column)
        if column is not None and column.is_analysed:
            yield condition, column


def _of_condition(condition: Condition, column: Column, access: Access, draw: Draw) -> Iterator[Sample]:
    match condition.kind:
        case ConditionKind.EQUAL:
            yield from _equal(condition, column, draw)
        case ConditionKind.RANGE:
            bounded = [c for c in access.conditions if c.kind is ConditionKind.RANGE and c.column == column.name]
            sides = Counter(c.column for c in bounded if any(c.values))
            yield from _range(condition, column, draw, is_two_sided=sides[column.name] > 1)
        case ConditionKind.INFIX if any(condition.values) and column.type_category == "S":
            start = beginning(column) if draw.in_form and condition.operator == LIKE else ""
            yield condition.values[0], start or pattern(column, condition.operator, draw.rank)
        case _:
            pass


def _equal(condition: Condition, column: Column, draw: Draw) -> Iterator[Sample]:
    values = _by_rank(column, draw.rank)
    for place, numbers in enumerate(condition.values):
        if values and numbers:
            literal = _literal(values[place % len(values)], column.type)
            yield numbers, f"ARRAY[{literal}]" if condition.operator.endswith("ANY") else literal


def _by_rank(column: Column, rank: float) -> list[str]:
    """Values, the one of this rank first: among the common ones, or from inside the histogram."""
    common, shares = list(column.common_values), column.common_shares
    inside = [*column.bounds[len(column.bounds) // 2 : -1], *column.bounds[1 : len(column.bounds) // 2]]
    inside = inside or list(column.bounds)
    sought = rank * (1 - column.null_ratio)
    if not common or (inside and sum(shares) < sought):
        return inside
    first = next((place for place, seen in enumerate(accumulate(shares)) if seen >= sought), len(common) - 1)
    return common[first:] + common[:first]


def _range(condition: Condition, column: Column, draw: Draw, *, is_two_sided: bool) -> Iterator[Sample]:
    bounds = column.bounds or tuple(sorted(column.common_values))
    if not bounds:
        return
    last, share = len(bounds) - 1, draw.range_share
    upwards = condition.operator.startswith(">")
    low, high = _floor((0.5 - share / 2) * last), last - _floor((0.5 - share / 2) * last)
    if len(condition.values) == 2:
        places: tuple[int, ...] = (low, high) if all(condition.values) else (_most(share, last), _least(share, last))
    elif is_two_sided:
        places = (low if upwards else high,)
    else:
        places = (_most(share, last) if upwards else _least(share, last),)
    for numbers, place in zip(condition.values, places, strict=False):
        if numbers:
            yield numbers, _literal(bounds[place], column.type)


def _least(share: float, last: int) -> int:
    """The place below which this share of the bounds lies."""
    return round(share * last)


def _most(share: float, last: int) -> int:
    """The place above which this share of the bounds lies."""
    return round((1 - share) * last)


def _floor(place: float) -> int:
    return math.floor(round(place, 6))


def _literal(value: str, kind: str) -> str:
    return "'" + value.replace("'", "''") + f"'::{kind}"
