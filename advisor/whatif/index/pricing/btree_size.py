"""How large a B-tree is once it is built. Pure.

What nbtree does from PostgreSQL 13 on (nbtsort.c, nbtdedup.c, nbtree.h). An entry is an 8-byte header, the values,
each at its type's alignment, all of it rounded up to 8 bytes, and a 4-byte line pointer. Rows of equal keys share an
entry that lists where they lie, 6 bytes a row, up to a tenth of a page an entry; not where equal keys may differ in
how they look, as numbers with trailing zeros do, nor beside included columns. A build fills leaves to 90% and the
pages above them to 70%; each page but the last of its level repeats the key that the next one begins with.

How many rows a key has is taken to scatter as if each row drew one of so many keys (`cells`): then the same number
holds for a part of the table, and an index of several columns needs no more than the product of theirs.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from advisor.whatif.index.catalogue.tables import PAGE_BYTES

USABLE_BYTES = PAGE_BYTES - 40  # less the page's header and its links to its neighbours
WIDEST_ENTRY_BYTES = 2704  # a third of a page: BTMaxItemSize
_ALIGNMENT = 8
_TUPLE_HEADER, _HEADER_WITH_NULLS, _ITEM_POINTER, _ROW_POINTER = 8, 16, 4, 6
_LARGEST_LIST = 808  # a tenth of a page, less its line pointer, rounded down
_LEAF_FREE, _BRANCH_FILL = PAGE_BYTES // 10, 0.7
_MEAN_ROUNDING = 3.5  # to 8 bytes, of values whose widths vary
_MOST_NULLABLE = 4
_FEW = 40  # rows a key: beyond that the mean says enough


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredColumn:
    """One column of an index. width_bytes: mean of what is stored of a value that is there. alignment: 1, 2, 4 or 8
    bytes. varies: whether values differ in width. null_ratio: 0 to 1."""

    width_bytes: float
    alignment: int = 1
    varies: bool = False
    null_ratio: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySpread:
    """How rows share keys. common: shares of the rows (0 to 1 each) that single keys have. cells: of the other rows,
    as many keys as they may have; infinite where no two rows have the same. shares_entries: of equal keys."""

    cells: float = math.inf
    common: tuple[float, ...] = ()
    shares_entries: bool = True


def leaf_pages(columns: tuple[StoredColumn, ...], spread: KeySpread, rows: float) -> int:
    """Of an index over so many rows; 0 for none."""
    if rows < 1:
        return 0
    entry = entry_bytes(columns)
    entries, total = _stored(entry, spread, rows)
    mean, repeated = total / entries, entry + _ITEM_POINTER
    # A page is closed by the first entry that leaves less than a tenth free, or that does not fit: half an entry more
    # or less. What came last goes to the next page, and its key alone is left here.
    room = min(USABLE_BYTES - _LEAF_FREE + mean / 2, USABLE_BYTES - mean / 2 - (mean - repeated)) - repeated
    return math.ceil(total / max(room, mean))


def btree_pages(columns: tuple[StoredColumn, ...], keys: int, spread: KeySpread, rows: float) -> int:
    """Leaves, each level above them, and the meta page. keys: how many of the columns are searched by."""
    level = leaf_pages(columns, spread, rows)
    pages = 1 + level
    while level > 1:
        level = math.ceil(level / children_of_a_page(columns[:keys]))
        pages += level
    return pages


def children_of_a_page(keys: tuple[StoredColumn, ...]) -> float:
    """How many pages one page above them leads to."""
    return max(2.0, USABLE_BYTES * _BRANCH_FILL / (entry_bytes(keys) + _ITEM_POINTER))


def entry_bytes(columns: tuple[StoredColumn, ...]) -> float:
    """Of one row's entry, without its line pointer: the mean over which values are there."""
    nullable = [column for column in columns if 0 < column.null_ratio < 1][:_MOST_NULLABLE]
    total = 0.0
    for there in product((True, False), repeat=len(nullable)):
        missing = [column for column, is_there in zip(nullable, there, strict=True) if not is_there]
        share = math.prod(
            1 - column.null_ratio if is_there else column.null_ratio
            for column, is_there in zip(nullable, there, strict=True)
        )
        kept = [one for one in columns if one.null_ratio < 1 and not any(one is gone for gone in missing)]
        total += share * _row_bytes(kept, has_nulls=len(kept) < len(columns))
    return total


def _row_bytes(columns: Sequence[StoredColumn], *, has_nulls: bool) -> float:
    end = float(_HEADER_WITH_NULLS if has_nulls else _TUPLE_HEADER)
    for column in columns:
        end = math.ceil(end / column.alignment) * column.alignment if column.alignment > 1 else end
        end += column.width_bytes
    return end + _MEAN_ROUNDING if any(column.varies for column in columns) else _aligned(end)


def _stored(entry: float, spread: KeySpread, rows: float) -> tuple[float, float]:
    """How many entries there are, and their bytes with the line pointers."""
    if not spread.shares_entries:
        return rows, rows * (entry + _ITEM_POINTER)
    entries = total = 0.0
    for share in spread.common:
        more, size = _of_key(entry, rows * share)
        entries, total = entries + more, total + size
    for keys, count in _keys_by_rows(rows * max(0.0, 1.0 - sum(spread.common)), spread.cells):
        more, size = _of_key(entry, count)
        entries, total = entries + keys * more, total + keys * size
    return max(1.0, entries), max(total, entry)


def _of_key(entry: float, rows: float) -> tuple[float, float]:
    """Entries and bytes of one key with so many rows."""
    most = int((_LARGEST_LIST - entry) / _ROW_POINTER)
    if most < 2 or rows < 2:
        return rows, rows * (entry + _ITEM_POINTER)
    full, left = divmod(rows, most)
    size = full * (_aligned(entry + most * _ROW_POINTER) + _ITEM_POINTER)
    if left > 0:
        size += _ITEM_POINTER + (entry if left < 2 else _aligned(entry + left * _ROW_POINTER))
    return full + (left > 0), size


def _keys_by_rows(rows: float, cells: float) -> Iterator[tuple[float, float]]:
    """How many keys have how many rows, each row having drawn its key."""
    if rows <= 0:
        return
    if math.isinf(cells):
        yield rows, 1.0
        return
    mean = rows / cells
    if mean >= _FEW:
        yield cells, mean
        return
    share, count, seen = math.exp(-mean), 0, 0.0
    while seen < rows * (1 - 1e-6) and count < 4 * _FEW:
        count += 1
        share *= mean / count
        seen += cells * share * count
        yield cells * share, float(count)


def cells_of(distinct: float, rows: float) -> float:
    """How many keys rows must have drawn from, for so many different ones to have come out."""
    if distinct >= rows or rows <= 0:
        return math.inf
    if distinct < rows / _FEW:
        return max(1.0, distinct)
    low, high = max(1.0, distinct), rows * rows
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if -middle * math.expm1(-rows / middle) < distinct else (low, middle)
    return high


def _aligned(size_bytes: float) -> float:
    return math.ceil(size_bytes / _ALIGNMENT) * _ALIGNMENT
