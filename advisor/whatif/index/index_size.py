"""How large an index will be. Pure.

The B-tree estimate is HypoPG 1.3's, so that both planners see the same index, and on the high side: twelve bytes
for each column's header and alignment, pages filled to 90%, a fifth of bloat, and no deduplication of equal keys.
Built indexes of TPC-H took between 35% and 105% of it.
"""

import math
from dataclasses import dataclass

_PAGE_BYTES, _PAGE_OVERHEAD = 8192, 40
_COLUMN_OVERHEAD, _ALIGNMENT = 12, 8
_BLOAT = 1.3
_GIN_SHARE = 0.5  # of a B-tree's size: each key is stored once, with its rows packed
_PAGES_A_RANGE, _RANGE_BYTES = 128, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexShape:
    """widths: mean bytes of every stored column. table_pages: of the table, for BRIN."""

    access_method: str
    rows: float
    widths: tuple[float, ...]
    table_pages: float


def index_pages(shape: IndexShape) -> int:
    """Pages of 8 KiB, one at least (two for a B-tree, whose first holds no entry)."""
    if shape.access_method == "brin":
        ranges = shape.table_pages / _PAGES_A_RANGE
        return 3 + math.ceil(ranges * (_RANGE_BYTES + 2 * sum(shape.widths)) / _PAGE_BYTES)
    entry = sum(shape.widths) + math.ceil(_COLUMN_OVERHEAD * len(shape.widths) / _ALIGNMENT) * _ALIGNMENT
    pages = shape.rows * entry * _BLOAT / (_PAGE_BYTES - _PAGE_OVERHEAD)
    if shape.access_method == "gin":
        pages *= _GIN_SHARE
    return max(2, math.ceil(pages))
