"""Constants for the `$n` of a statement, drawn from the statistics, so that a planner sees the skew of a column. Pure.

An equality takes the value that half the rows are at or before, from the most common one down; a range takes a tenth
of the histogram, about its middle when it is bounded from both sides.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate

from advisor.sql.access import Access, Condition, ConditionKind
from advisor.sql.generic import told_by_columns
from advisor.sql.normalised import Values
from advisor.sql.relations import TableName
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue.tables import Column, TableFacts

_LIMIT = "10"
_TENTH, _NINE_TENTHS = 0.1, 0.9
_MIDDLE = (0.45, 0.55)

Sample = tuple[tuple[int, ...], str]
"""A literal, and the parameters of what it stands for."""


def sample_constants(shape: StatementShape, tables: Mapping[TableName, TableFacts]) -> Values:
    """For what a column is compared with, as far as the statistics tell; the type of the column, where no place tells
    it."""
    sides: dict[tuple[int, ...], str] = {}
    for access in shape.accesses:
        facts = tables.get(access.table)
        if facts is not None:
            for numbers, literal in _of_access(access, facts):
                sides.setdefault(numbers, literal)
    return Values(literals=dict.fromkeys(shape.limits, _LIMIT), sides=sides, types=types_of(shape, tables))


def types_of(shape: StatementShape, tables: Mapping[TableName, TableFacts]) -> Mapping[int, str]:
    """Of the parameters whose type no place tells."""
    columns = {name: {one.name: one.type for one in facts.columns.values()} for name, facts in tables.items()}
    return told_by_columns(shape, columns)


def _of_access(access: Access, facts: TableFacts) -> Iterator[Sample]:
    ranges = Counter(c.column for c in access.conditions if c.kind is ConditionKind.RANGE and any(c.values))
    for condition in access.conditions:
        column = facts.columns.get(condition.column)
        if column is None or not column.is_analysed:
            continue
        match condition.kind:
            case ConditionKind.EQUAL:
                yield from _equal(condition, column)
            case ConditionKind.RANGE:
                yield from _range(condition, column, is_two_sided=ranges[condition.column] > 1)
            case ConditionKind.INFIX if any(condition.values) and column.type_category == "S":
                yield condition.values[0], "'%abc%'"
            case _:
                pass


def _equal(condition: Condition, column: Column) -> Iterator[Sample]:
    values = _typical(column)
    for place, numbers in enumerate(condition.values):
        if values and numbers:
            literal = _literal(values[place % len(values)], column.type)
            yield numbers, f"ARRAY[{literal}]" if condition.operator.endswith("ANY") else literal


def _typical(column: Column) -> list[str]:
    """Values, the most typical first: of the common ones that of the median row, or else from inside the histogram."""
    common = list(column.common_values)
    if common and (sum(column.common_shares) >= 0.5 or not column.bounds):
        half = sum(column.common_shares) / 2
        first = next(place for place, seen in enumerate(accumulate(column.common_shares)) if seen >= half)
        return common[first:] + common[:first]
    middle = len(column.bounds) // 2
    return [*column.bounds[middle:-1], *column.bounds[1:middle]] or list(column.bounds)


def _range(condition: Condition, column: Column, *, is_two_sided: bool) -> Iterator[Sample]:
    bounds = column.bounds or tuple(sorted(column.common_values))
    if not bounds:
        return
    upwards = condition.operator.startswith(">")
    if len(condition.values) == 2:
        places: tuple[float, ...] = _MIDDLE if all(condition.values) else (_NINE_TENTHS, _TENTH)
    elif is_two_sided:
        places = (_MIDDLE[0] if upwards else _MIDDLE[1],)
    else:
        places = (_NINE_TENTHS if upwards else _TENTH,)
    for numbers, place in zip(condition.values, places, strict=False):
        if numbers:
            yield numbers, _literal(bounds[round(place * (len(bounds) - 1))], column.type)


def _literal(value: str, kind: str) -> str:
    return "'" + value.replace("'", "''") + f"'::{kind}"
