"""How a statement uses one table: what an index could be made for."""

from dataclasses import dataclass, field
from enum import StrEnum

from advisor.model.database.index_design import IndexKey
from advisor.sql.relations import TableName


class ConditionKind(StrEnum):
    """EQUAL: with a value, or one of a list. JOIN: with a column of another table. RANGE: from one or both sides.
    PREFIX: LIKE 'x%'. INFIX: LIKE '%x%' or a regular expression. CONTAINS: @>, && and ?, of arrays and jsonb.
    SEARCH: @@ of full text. MEMBER: a value that is among those of an array. OPEN_KEY: an expression with a parameter
    in it, such as what a document holds under $1, or a text in the language $1. FILTER: a condition that no key can
    serve, but that a partial index can carry."""

    EQUAL = "equal"
    JOIN = "join"
    RANGE = "range"
    PREFIX = "prefix"
    INFIX = "infix"
    CONTAINS = "contains"
    SEARCH = "search"
    MEMBER = "member"
    OPEN_KEY = "open key"
    FILTER = "filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition on one table.

    key: the column or expression that it bounds, None for a FILTER. predicate: its text where an index may carry
    it (immutable, this table's columns and constants only), else "". column: of the predicate, where it is just one.
    with_table: for a JOIN, the number of the other access in the statement. optional: under OR, so that it alone
    narrows nothing down. operator: such as ">=", "BETWEEN" or "= ANY". values: of each value that the key is compared
    with, the numbers of the `$n` in it. listed: of those in a list of VALUES that it is compared with.
    """

    kind: ConditionKind
    key: IndexKey | None
    predicate: str = ""
    column: str = ""
    with_table: int = -1
    optional: bool = False
    operator: str = ""
    values: tuple[tuple[int, ...], ...] = ()
    listed: tuple[int, ...] = ()


@dataclass(slots=True)
class Access:
    """One table in one statement. number: its place among the statement's accesses.

    order: sort keys, when all of an ORDER BY are this table's. group: columns of a GROUP BY or DISTINCT that are this
    table's. used: every column that is named anywhere, which is what a covering index must hold.
    """

    number: int
    table: TableName
    columns: tuple[str, ...]
    conditions: list[Condition] = field(default_factory=list)
    order: tuple[IndexKey, ...] = ()
    group: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)
    takes_all_columns: bool = False

    def keys(self, *kinds: ConditionKind, optional: bool = False) -> list[IndexKey]:
        """The keys of its conditions of these kinds, each once."""
        found = [
            c.key for c in self.conditions if c.kind in kinds and c.key is not None and (optional or not c.optional)
        ]
        return list(dict.fromkeys(found))
