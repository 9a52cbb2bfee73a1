"""An index that might be built: what it is, not yet how its statement is written."""

import hashlib
from dataclasses import dataclass

LONGEST_NAME_BYTES = 63
INDEX_PREFIX = "adv_"
"""Begins the name of every index of ours."""
_HASH_LETTERS = 6


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class IndexKey:
    """One key of an index.

    text: a column's bare name, or, when is_expression, SQL text in terms of the table's own columns.
    nulls_first: as Postgres has it by default (True for a descending key), or against it.
    operator_class: "" for the type's own.
    """

    text: str
    is_expression: bool = False
    descending: bool = False
    nulls_first: bool = False
    operator_class: str = ""

    @property
    def is_plain(self) -> bool:
        return not self.is_expression and not self.operator_class and self.nulls_first == self.descending


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class IndexDesign:
    """A secondary, not unique index.

    keys: at least one, in index order. include: bare names of further columns that are stored but not searched.
    predicate: SQL text of the condition of a partial index, "" for none. access_method: btree, gin, brin ...
    """

    schema: str
    table: str
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...] = ()
    predicate: str = ""
    access_method: str = "btree"

    @property
    def columns(self) -> tuple[str, ...]:
        """The texts of its keys: bare names of columns, or expressions."""
        return tuple(key.text for key in self.keys)

    @property
    def is_plain(self) -> bool:
        """Whether its columns say all there is to say."""
        return (
            self.access_method == "btree"
            and not self.include
            and not self.predicate
            and all(key.is_plain and not key.descending for key in self.keys)
        )

    @property
    def name(self) -> str:
        """At most 63 bytes, as Postgres cuts longer ones; starts with `adv_`, so that it is known as ours.

        A short hash tells apart what the table and the columns alone would not.
        """
        words = [key.text if not key.is_expression else "expr" for key in self.keys]
        full = INDEX_PREFIX + "_".join([self.table, *words])
        if self.is_plain and len(full.encode()) <= LONGEST_NAME_BYTES:
            return full
        seed = repr((self.schema, self.table, self.keys, self.include, self.predicate, self.access_method))
        suffix = "_" + hashlib.sha256(seed.encode()).hexdigest()[:_HASH_LETTERS]
        return full.encode()[: LONGEST_NAME_BYTES - len(suffix)].decode(errors="ignore") + suffix


def plain_keys(*columns: str) -> tuple[IndexKey, ...]:
    """Ascending keys on these columns."""
    return tuple(IndexKey(text=column) for column in columns)
