"""Which indexes might serve one use of one table. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import permutations

from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.sql.access import Access, Condition, ConditionKind
from advisor.whatif.index.catalogue.tables import TableFacts
from advisor.whatif.index.search.variants import MOST_INCLUDED

_MOST_KEYS = 4
_WIDEST_COVER_RATIO = 0.7
_FEW_VALUES = 100
_OVERHEAD_BYTES = 24

Keys = tuple[IndexKey, ...]


def designs_for(access: Access, table: TableFacts) -> list[IndexDesign]:
    """B-trees: each list of keys plain, covering, and partial where a condition can be carried."""
    found: dict[IndexDesign, None] = {}
    for keys in _key_lists(access):
        plain = IndexDesign(schema=table.name.schema, table=table.name.name, keys=keys)
        for design in (plain, *_covering(plain, access, table), *_partial(plain, access, table)):
            found[design] = None
    return list(found)


def _key_lists(access: Access) -> list[Keys]:
    equal = tuple(access.keys(ConditionKind.EQUAL)[:_MOST_KEYS])
    joins = access.keys(ConditionKind.JOIN)
    ranges = access.keys(ConditionKind.RANGE, ConditionKind.PREFIX)
    group = tuple(IndexKey(text=column) for column in access.group)
    found: list[Iterable[IndexKey]] = [
        (key,)
        for key in access.keys(
            ConditionKind.EQUAL, ConditionKind.JOIN, ConditionKind.RANGE, ConditionKind.PREFIX, optional=True
        )
    ]
    found += [equal, (*equal, *_readable_order(access.order)), (*equal, *group)]
    found += [(*equal, key) for key in ranges]
    for pair in _pairs(access):
        found += [*permutations(pair), *((*order, *equal) for order in permutations(pair))]
    for join in joins:
        found += [(join, *equal), (*equal, join)]
        found += [(join, key) for key in ranges]
    return list(dict.fromkeys(cut for keys in found if (cut := _cut(keys))))


def _pairs(access: Access) -> Iterator[Keys]:
    """Columns that are joined with one and the same other table."""
    partners = sorted({c.with_table for c in access.conditions if c.with_table >= 0})
    for partner in partners:
        keys = [c.key for c in access.conditions if c.with_table == partner and c.key is not None and not c.optional]
        together = tuple(dict.fromkeys(keys))
        if len(together) == 2:
            yield together


def _readable_order(order: Keys) -> Keys:
    """The order as ascending keys where reading backwards gives the same."""
    if order and all(key.descending and key.nulls_first for key in order):
        return tuple(replace(key, descending=False, nulls_first=False) for key in order)
    return order


def _cut(keys: Iterable[IndexKey]) -> Keys:
    """At most four, each column once."""
    return tuple({key.text: key for key in reversed(list(keys))}[text] for text in dict.fromkeys(k.text for k in keys))[
        :_MOST_KEYS
    ]


def _covering(plain: IndexDesign, access: Access, table: TableFacts) -> Iterator[IndexDesign]:
    """The same with all other columns that the statement reads, where that is much narrower than the table."""
    if access.takes_all_columns or any(key.is_expression for key in plain.keys):
        return
    rest = sorted(access.used - set(plain.columns))
    width = sum(table.columns[name].width_bytes for name in (*plain.columns, *rest))
    narrow = width + _OVERHEAD_BYTES < _WIDEST_COVER_RATIO * table.row_bytes
    if rest and len(rest) <= MOST_INCLUDED and narrow:
        yield replace(plain, include=tuple(rest))


def _partial(plain: IndexDesign, access: Access, table: TableFacts) -> Iterator[IndexDesign]:
    """The same for the rows alone that a constant condition leaves."""
    carried = [condition for condition in access.conditions if _can_be_carried(condition, table)]
    together = [carried] if len(carried) > 1 else []
    for chosen in (*([one] for one in carried), *together):
        fixed = {condition.column for condition in chosen if condition.kind is ConditionKind.EQUAL}
        keys = tuple(key for key in plain.keys if key.text not in fixed or _is_list(key, chosen))
        if not keys:
            continue
        predicate = " AND ".join(_bracketed(condition.predicate) for condition in chosen)
        partial = replace(plain, keys=keys, predicate=predicate)
        yield partial
        needless = {c.column for c in chosen if c.kind is ConditionKind.EQUAL and " IN (" not in c.predicate}
        lean = replace(access, used=access.used - needless)
        yield from _covering(partial, lean, table)


def _is_list(key: IndexKey, chosen: Iterable[Condition]) -> bool:
    return any(c.column == key.text and " IN (" in c.predicate for c in chosen)


def _can_be_carried(condition: Condition, table: TableFacts) -> bool:
    """A condition on a column of few values: a state, not a passing value. How many rows one between two columns leaves
    nobody knows: the planner takes a third, and the index for a third as large."""
    if not condition.predicate or condition.optional:
        return False
    column = table.columns.get(condition.column)
    return column is not None and column.is_analysed and column.distinct_values(table.rows) <= _FEW_VALUES


def _bracketed(predicate: str) -> str:
    return f"({predicate})"
