"""How large an index will be. Pure.

B-trees by what their build does (btree_size.py). Hash indexes by hashpage.c: buckets of 307 rows, made by quarters of
a power of two, and further pages where one value has more rows than a bucket.

GIN on arrays by their elements (gin_size.py), on other values by what was built over 100,000 rows: jsonb of three keys
took 103% of the estimate for plain entries of that column, text search 59%; trigrams 1.2 to 3.4 bytes for each byte of
the column.
"""

import math
import re
from dataclasses import dataclass, replace

from advisor.model.database.index_design import IndexDesign
from advisor.whatif.index.catalogue.tables import PAGE_BYTES, Column, TableFacts
from advisor.whatif.index.pricing.btree_size import (
    USABLE_BYTES,
    KeySpread,
    StoredColumn,
    btree_pages,
    cells_of,
    children_of_a_page,
    leaf_pages,
)
from advisor.whatif.index.pricing.gin_size import Elements

_COLUMN_OVERHEAD, _ALIGNMENT = 12, 8
_BLOAT = 1.3
_ALIGNMENTS = {
    "boolean": 1,
    "smallint": 2,
    "integer": 4,
    "date": 4,
    "real": 4,
    "oid": 4,
    "uuid": 1,
    "bigint": 8,
    "double precision": 8,
    "money": 8,
    "interval": 8,
}
_SHORT_BYTES, _LONG_ALIGNMENT = 127, 4  # a value of varying length has a header of one byte up to here, else of four
_APART = ("numeric", "real", "double precision", "jsonb", "interval", "character(")
"""Types whose equal values may look different; version 15 keeps those of char(n) apart, too, and 18 no longer."""
_HASH_ROWS = 307  # a bucket is filled to 75%
_HASH_PAGE_ROWS = 407
_QUARTERS_FROM = 512
_GIST_PAGES = 2.0  # pages split as rows come leave them half full, as 40,000 ranges did
_GIN_SHARE, _TRIGRAM_BYTES = 1.1, 3.5
_PAGES_A_RANGE, _RANGE_BYTES = 128, 24
_EXPRESSION_BYTES = 50.0  # HypoPG's, of one it knows nothing of
_CASED = re.compile(r'(?:lower|upper)\((?:"([^"]+)"|(\w+))\)')


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexShape:
    """columns: every stored one, the first `keys` of which are the keys. table_pages: for BRIN."""

    access_method: str
    rows: float
    columns: tuple[StoredColumn, ...]
    keys: int
    table_pages: float
    spread: KeySpread
    has_trigrams: bool = False
    elements: Elements | None = None

    @property
    def widths(self) -> float:
        """Mean bytes of all columns together."""
        return sum(column.width_bytes for column in self.columns)


def shape_of(design: IndexDesign, facts: TableFacts, rows: float) -> IndexShape:
    """rows: of the table that the index would hold."""
    known = [_column(text, facts) for text in (*design.columns, *design.include)]
    stored = tuple(_stored(column) for column in known)
    if len(stored) == 1:  # rows without a value are a key of their own, told by its spread
        stored = (replace(stored[0], null_ratio=0.0),)
    return IndexShape(
        access_method=design.access_method,
        rows=max(0.0, rows),
        columns=stored,
        keys=len(design.columns),
        table_pages=facts.pages,
        spread=_spread(design, known[: len(design.columns)], facts),
        has_trigrams=any("trgm" in key.operator_class for key in design.keys),
        elements=Elements.of(known[0]) if len(known) == 1 and known[0] is not None else None,
    )


def index_pages(shape: IndexShape) -> int:
    """Pages of 8 KiB, two at least: the first of a B-tree holds no entry."""
    match shape.access_method:
        case "brin":
            ranges = shape.table_pages / _PAGES_A_RANGE
            return 2 + math.ceil(ranges * (_RANGE_BYTES + 2 * shape.widths) / PAGE_BYTES)
        case "gin" if shape.has_trigrams:
            return 2 + math.ceil(shape.rows * shape.widths * _TRIGRAM_BYTES / USABLE_BYTES)
        case "gin" if shape.elements is not None:
            return 2 + math.ceil(shape.elements.size_bytes(shape.rows) / USABLE_BYTES)
        case "gin":
            return 2 + math.ceil(_as_hypopg(shape) * _GIN_SHARE)
        case "hash":
            return _hash_pages(shape)
        case "gist":
            apart = replace(shape.spread, shares_entries=False)
            return 1 + math.ceil(_GIST_PAGES * leaf_pages(shape.columns, apart, shape.rows))
        case _:
            return max(2, btree_pages(shape.columns, shape.keys, shape.spread, shape.rows))


def tree_height(shape: IndexShape) -> int:
    """Levels above the leaves; 0 for what is no B-tree."""
    if shape.access_method != "btree":
        return 0
    return levels_above(leaf_pages(shape.columns, shape.spread, shape.rows), shape.columns[: shape.keys])


def levels_above(leaves: int, keys: tuple[StoredColumn, ...]) -> int:
    """How many levels lead to so many leaves."""
    pages, height = leaves, 0
    while pages > 1:
        pages, height = math.ceil(pages / children_of_a_page(keys)), height + 1
    return height


def _spread(design: IndexDesign, keys: list[Column | None], facts: TableFacts) -> KeySpread:
    rows = facts.rows
    known = [column for column in keys if column is not None]
    shares = len(known) == len(keys) and not design.include
    shares = shares and not any(column.type.startswith(_APART) for column in known)
    if len(keys) == 1 and known:
        (column,) = known
        nulls = (column.null_ratio,) if column.null_ratio > 0 else ()
        rest = max(0.0, 1 - column.null_ratio - sum(column.common_shares))
        distinct = column.distinct_values(rows) - len(column.common_shares)
        return KeySpread(
            cells=cells_of(max(1.0, distinct), rows * rest),
            common=(*nulls, *column.common_shares),
            shares_entries=shares,
        )
    if not known:
        return KeySpread(shares_entries=False)
    counts = [one.distinct_values(rows) for one in known]
    # As many keys as all combinations, and at least as many as the column that has most.
    return KeySpread(cells=max(_combinations(known, facts), cells_of(max(counts), rows)), shares_entries=shares)


def _combinations(columns: list[Column], facts: TableFacts) -> float:
    """Of their values: all of them, but of columns that go together no more than are known to be there."""
    counts = {column.name: column.distinct_values(facts.rows) for column in columns}
    fewest = math.prod(counts.values())
    for together, most in facts.combinations.items():
        if together <= counts.keys():
            rest = math.prod(count for name, count in counts.items() if name not in together)
            fewest = min(fewest, cells_of(most, facts.rows) * rest)
    return fewest


def _column(text: str, facts: TableFacts) -> Column | None:
    """Of a key, or what an expression is made of; a change of case leaves a text as long as it was."""
    cased = _CASED.fullmatch(text)
    return facts.columns.get(text) or (facts.columns.get(cased[1] or cased[2]) if cased else None)


def _stored(column: Column | None) -> StoredColumn:
    if column is None:
        return StoredColumn(width_bytes=_EXPRESSION_BYTES)
    width, kind = column.width_bytes, column.type
    alignment = 8 if kind.startswith("time") else _ALIGNMENTS.get(kind, 0)
    if alignment:
        return StoredColumn(width_bytes=width, alignment=alignment, null_ratio=column.null_ratio)
    return StoredColumn(
        width_bytes=width,
        alignment=1 if width < _SHORT_BYTES else _LONG_ALIGNMENT,
        varies=len({len(value) for value in (*column.common_values, *column.bounds)}) > 1,
        null_ratio=column.null_ratio,
    )


def _hash_pages(shape: IndexShape) -> int:
    """One for itself, one for what is free, the buckets, and what does not fit into those of frequent values."""
    common = [shape.rows * share for share in shape.spread.common]
    buckets = max(2.0, shape.rows / _HASH_ROWS)
    step = (1 << int(math.log2(buckets))) / (4 if buckets > _QUARTERS_FROM else 1)
    overflow = sum(int(rows // _HASH_PAGE_ROWS) for rows in common)
    return 2 + math.ceil(math.ceil(buckets / step) * step) + overflow


def _as_hypopg(shape: IndexShape) -> float:
    """HypoPG 1.3's pages: twelve bytes for each column's header and alignment, a fifth of bloat, equal keys apart."""
    overhead = math.ceil(_COLUMN_OVERHEAD * len(shape.columns) / _ALIGNMENT) * _ALIGNMENT
    return shape.rows * (shape.widths + overhead) * _BLOAT / USABLE_BYTES
