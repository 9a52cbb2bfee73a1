"""How large an index will be. Pure.

A B-tree gets the larger of two estimates. HypoPG 1.3's, so that both planners see the same index and one budget holds
for both: twelve bytes for each column's header and alignment, pages filled to 90%, a fifth of bloat, equal keys kept
apart. And one by what lies on disk: leaves filled to 90%, the pages above them and the meta page, which is more
where an index has a few pages only. Of 21 indexes on TPC-H each took between 9% and 100% of it when it was built.

The levels above the leaves follow from how many of the keys fit on a page that a build fills to 70%.

GIN, which HypoPG does not know, by what was built over 100,000 rows: jsonb of three keys took 103% of the estimate for
a B-tree on that column, text search 59%, arrays of four 19%; trigrams 1.2 to 3.4 bytes for each byte of the column.
"""

import math
import re
from dataclasses import dataclass, replace

from advisor.model.database.index_design import IndexDesign
from advisor.whatif.index.catalogue.tables import PAGE_BYTES, TableFacts

_PAGE_OVERHEAD = 40
_USABLE_BYTES = PAGE_BYTES - _PAGE_OVERHEAD
_COLUMN_OVERHEAD, _ALIGNMENT = 12, 8
_BLOAT = 1.3
_TUPLE_HEADER, _ITEM_POINTER, _LEAF_FILL, _BRANCH_FILL = 8, 4, 0.9, 0.7
_ROW_POINTER = 6
_NEVER_JOINED = ("numeric", "real", "double precision", "jsonb")
_GIN_SHARE, _TRIGRAM_BYTES = 1.1, 3.5
_PAGES_A_RANGE, _RANGE_BYTES = 128, 24
_EXPRESSION_BYTES = 50.0  # HypoPG's, of one it knows nothing of
_CASED = re.compile(r'(?:lower|upper)\((?:"([^"]+)"|(\w+))\)')


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexShape:
    """widths: mean bytes of every stored column, the first `keys` of which are the keys. table_pages: for BRIN.

    rows_a_key: that a B-tree keeps in one entry.
    """

    access_method: str
    rows: float
    widths: tuple[float, ...]
    keys: int
    table_pages: float
    has_trigrams: bool = False
    rows_a_key: float = 1.0


def shape_of(design: IndexDesign, facts: TableFacts, rows: float) -> IndexShape:
    """rows: of the table that the index would hold."""
    return IndexShape(
        access_method=design.access_method,
        rows=max(0.0, rows),
        widths=tuple(_width(text, facts) for text in (*design.columns, *design.include)),
        keys=len(design.columns),
        table_pages=facts.pages,
        rows_a_key=_rows_a_key(design, facts),
        has_trigrams=any("trgm" in key.operator_class for key in design.keys),
    )


def index_pages(shape: IndexShape) -> int:
    """Pages of 8 KiB, two at least: the first of a B-tree holds no entry."""
    if shape.access_method == "brin":
        ranges = shape.table_pages / _PAGES_A_RANGE
        return 3 + math.ceil(ranges * (_RANGE_BYTES + 2 * sum(shape.widths)) / PAGE_BYTES)
    if shape.access_method == "gin":
        if shape.has_trigrams:
            return 2 + math.ceil(shape.rows * sum(shape.widths) * _TRIGRAM_BYTES / _USABLE_BYTES)
        return 2 + math.ceil(_as_hypopg(shape) * _GIN_SHARE)
    return max(2, math.ceil(_as_hypopg(shape)), _on_disk(shape))


def tree_height(shape: IndexShape) -> int:
    """Levels above the leaves; 0 for what is no B-tree."""
    if shape.access_method != "btree":
        return 0
    entry = _aligned(_TUPLE_HEADER + sum(shape.widths)) + _ITEM_POINTER
    if shape.rows_a_key > 1:
        entry = math.ceil((entry + _ROW_POINTER * shape.rows_a_key) / shape.rows_a_key)
    return levels_above(shape.rows * entry / (_USABLE_BYTES * _LEAF_FILL), sum(shape.widths[: shape.keys]))


def levels_above(leaf_pages: float, key_bytes: float) -> int:
    """How many levels lead to so many leaves. key_bytes: of all keys of an entry, included columns not counted."""
    entry = _aligned(_TUPLE_HEADER + key_bytes) + _ITEM_POINTER
    children = max(2.0, _USABLE_BYTES * _BRANCH_FILL / entry)
    pages, height = math.ceil(leaf_pages), 0
    while pages > 1:
        pages, height = math.ceil(pages / children), height + 1
    return height


def _rows_a_key(design: IndexDesign, facts: TableFacts) -> float:
    """1 where equal keys may differ in how they look, as numbers with trailing zeros, or in what is included."""
    columns = [facts.columns.get(text) for text in design.columns]
    if design.include or any(one is None or one.type.startswith(_NEVER_JOINED) for one in columns):
        return 1.0
    keys = math.prod(one.distinct_values(facts.rows) for one in columns if one is not None)
    return max(1.0, facts.rows / keys)


def rows_by_hypopg(shape: IndexShape, size_bytes: int) -> float:
    """How many rows HypoPG saw when it said that an index of this shape takes so much."""
    one = _as_hypopg(replace(shape, rows=1.0))
    return size_bytes / PAGE_BYTES / one if one > 0 else 0.0


def _width(text: str, facts: TableFacts) -> float:
    """Mean bytes of a column, or of an expression; a change of case leaves a text as long as it was."""
    cased = _CASED.fullmatch(text)
    column = facts.columns.get(text) or (facts.columns.get(cased[1] or cased[2]) if cased else None)
    return column.width_bytes if column else _EXPRESSION_BYTES


def _as_hypopg(shape: IndexShape) -> float:
    entry = sum(shape.widths) + _aligned(_COLUMN_OVERHEAD * len(shape.widths))
    return shape.rows * entry * _BLOAT / _USABLE_BYTES


def _on_disk(shape: IndexShape) -> int:
    """Leaves, each level above them, and the meta page."""
    entry = _aligned(_TUPLE_HEADER + sum(shape.widths)) + _ITEM_POINTER
    level = math.ceil(shape.rows * entry / (_USABLE_BYTES * _LEAF_FILL))
    pages = 1 + level
    while level > 1:
        level = math.ceil(level * entry / (_USABLE_BYTES * _LEAF_FILL))
        pages += level
    return pages


def _aligned(size_bytes: float) -> int:
    return math.ceil(size_bytes / _ALIGNMENT) * _ALIGNMENT
