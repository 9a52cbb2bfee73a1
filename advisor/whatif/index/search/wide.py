"""Values too wide for a B-tree, which then refuses the row that holds one: what is never advised. Pure.

An entry takes 2,704 bytes at most. What a column may hold its type tells where it is bounded, four bytes a character.
Else the statistics: ANALYZE keeps no value of more than 1 kB, yet counts it in the mean width; so a column of which it
kept none, or whose mean is far above what it kept, has such values. What it kept are a hundred or so: the widest of all
may be four times as wide as the widest of these.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean

from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.sql.access import Access, Condition, ConditionKind
from advisor.whatif.index.catalogue.tables import Column, TableFacts
from advisor.whatif.index.pricing.btree_size import WIDEST_ENTRY_BYTES
from advisor.whatif.index.search.existing import is_there

_BOUNDED = re.compile(r"character(?: varying)?\((\d+)\)")
_BYTES_A_CHARACTER = 4
_VARYING = ("text", "character varying", "bytea", "jsonb", "xml", "citext")
_MARGIN = 4
_HIDDEN, _HIDDEN_BYTES = 2, 50
_WIDE_BYTES = 64
"""Mean bytes from which a hash index, 20 bytes a row whatever the value, is a candidate beside a B-tree."""


def why_too_wide(design: IndexDesign, facts: TableFacts) -> str:
    """Why a row might not fit into the index, a B-tree over such a column or one that includes it; "" for no reason."""
    if design.access_method != "btree":
        return ""
    names = [key.text for key in design.keys if not key.is_expression] + [*design.include]
    widest = sum(widest_bytes(facts.columns[name]) for name in names if name in facts.columns)
    return f"a row of it may be wider than {WIDEST_ENTRY_BYTES} bytes" if widest > WIDEST_ENTRY_BYTES else ""


def widest_bytes(column: Column) -> float:
    """Of a value that may come; the mean where values are all as wide, infinite where nothing bounds them."""
    bounded = _BOUNDED.fullmatch(column.type)
    most = int(bounded[1]) * _BYTES_A_CHARACTER if bounded else float("inf")
    if most <= WIDEST_ENTRY_BYTES:
        return most
    if not column.is_analysed or column.null_ratio >= 1 or not column.type.startswith((*_VARYING, "character")):
        return column.width_bytes
    kept = [len(value.encode()) for value in (*column.common_values, *column.bounds)]
    if not kept or column.width_bytes > _HIDDEN * fmean(kept) + _HIDDEN_BYTES:
        return most
    return min(most, float(_MARGIN * max(kept)))


def hash_designs_for(access: Access, facts: TableFacts) -> Iterator[IndexDesign]:
    """For wide values that are asked for by equality alone, unless a B-tree finds them already."""
    keys = [c.key for c in access.conditions if c.key is not None and _is_equality(c) and _is_wide(c.key, facts)]
    for key in dict.fromkeys(keys):
        found = IndexDesign(schema=facts.name.schema, table=facts.name.name, keys=(key,), access_method="hash")
        if not is_there(replace(found, access_method="btree"), facts):
            yield found


def _is_equality(condition: Condition) -> bool:
    return condition.kind in (ConditionKind.EQUAL, ConditionKind.JOIN) and not condition.optional


def _is_wide(key: IndexKey, facts: TableFacts) -> bool:
    column = None if key.is_expression else facts.columns.get(key.text)
    return (
        column is not None
        and column.type.startswith(_VARYING)
        and (column.width_bytes >= _WIDE_BYTES or widest_bytes(column) > WIDEST_ENTRY_BYTES)
    )
