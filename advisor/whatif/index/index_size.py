"""How large an index will be. Pure.

The B-tree estimate is deliberately on the high side, as HypoPG's is: pages filled to 90%, a fifth of bloat, and no
deduplication of equal keys (which shrinks an index on a foreign key to about a half).
"""

import math
from dataclasses import dataclass

_PAGE_BYTES, _PAGE_OVERHEAD = 8192, 40
_ENTRY_OVERHEAD, _LINE_POINTER, _ALIGNMENT = 8, 4, 8
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
    data = _ENTRY_OVERHEAD + sum(shape.widths)
    entry = math.ceil(data / _ALIGNMENT) * _ALIGNMENT + _LINE_POINTER
    pages = shape.rows * entry * _BLOAT / (_PAGE_BYTES - _PAGE_OVERHEAD)
    if shape.access_method == "gin":
        pages *= _GIN_SHARE
    return max(2, math.ceil(pages))
