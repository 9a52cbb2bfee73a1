"""How many combinations of columns there can be, as the joins of a workload tell. Pure.

Statistics know each column alone, and the product of their values is far too many where the columns are a foreign key:
TPC-H's lineitem has 300 suppliers and 6,000 parts, but no more pairs of them than partsupp has rows. An index on the
pair was taken for 2.7 times its size.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from advisor.sql.access import Access, ConditionKind
from advisor.sql.relations import TableName
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue.tables import TableFacts

_UNIQUE = 0.9  # of the rows: nearly every one has a value of its own


def with_combinations(
    tables: Mapping[TableName, TableFacts], shapes: Iterable[StatementShape]
) -> dict[TableName, TableFacts]:
    """The same, with what the joins of the statements say of columns that are joined together with one other table."""
    found: dict[TableName, dict[frozenset[str], float]] = {}
    for shape in shapes:
        accesses = {access.number: access for access in shape.accesses}
        for access in shape.accesses:
            for partner in (accesses[n] for n in sorted(_partners(access)) if n in accesses):
                ours, theirs = _joined(access, partner), _joined(partner, access)
                facts = tables.get(partner.table)
                if len(ours) > 1 and facts is not None and _is_key_together(theirs, facts):
                    known = found.setdefault(access.table, {})
                    known[ours] = min(facts.rows, known.get(ours, facts.rows))
    return {name: replace(facts, combinations=found.get(name, {})) for name, facts in tables.items()}


def _partners(access: Access) -> set[int]:
    return {c.with_table for c in access.conditions if c.with_table >= 0}


def _joined(access: Access, partner: Access) -> frozenset[str]:
    """The columns of `access` that are equal to some of `partner` in every row that is joined."""
    return frozenset(
        c.key.text
        for c in access.conditions
        if c.kind is ConditionKind.JOIN and c.with_table == partner.number and not c.optional and c.key is not None
    )


def _is_key_together(columns: frozenset[str], facts: TableFacts) -> bool:
    """Whether no column alone tells the rows apart: else the others are conditions besides, and no part of a key."""
    known = [facts.columns[name] for name in columns if name in facts.columns]
    if facts.rows < 1 or len(known) < 2 or not all(column.is_analysed for column in known):
        return False
    return all(column.distinct_values(facts.rows) < _UNIQUE * facts.rows for column in known)
