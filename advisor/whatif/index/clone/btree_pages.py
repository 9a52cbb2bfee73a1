"""The first pages of a B-tree that holds nothing and is some levels high.

A look-up's price has a part for each level, and the planner reads the number of levels from the meta page. It may
also look for the smallest or largest key: so that page leads to a root, and the root by one downlink a level to an
empty leaf.
Layout of PostgreSQL 12 to 18 (B-tree version 4), pages of 8 KiB without checksums.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from advisor.whatif.index.catalogue.tables import PAGE_BYTES

_HEADER = struct.Struct("=QHHHHHHI")  # lsn, checksum, flags, lower, upper, special, size and version, prune xid
_LAYOUT_VERSION = 4
_LINE_POINTER = struct.Struct("=I")
_DOWNLINK = struct.Struct("=HHHH")  # block high and low, number of keys, length and flags
_SPECIAL = struct.Struct("=IIIHH")  # left, right, level, flags, cycle
_META_ROOTS = struct.Struct("=IIII")  # root, its level; the same again: the fast root
_META_ROOTS_AT = _HEADER.size + 8
_NORMAL, _IS_PIVOT = 1, 0x2000
_LEAF, _ROOT = 1, 2


def give_height(path: Path, height: int) -> int:
    """Change the file of an empty B-tree: `height` levels above the leaves. Returns how many pages that takes."""
    with path.open("r+b") as file:
        file.seek(_META_ROOTS_AT)
        file.write(_META_ROOTS.pack(1, height, 1, height))
        file.seek(PAGE_BYTES)
        for page in _tree(height):
            file.write(page)
    return height + 2


def _tree(height: int) -> Iterator[bytes]:
    """The root at block 1, below it one page a level, the leaf last."""
    for level in range(height, -1, -1):
        block = 1 + height - level
        flags = (_ROOT if block == 1 else 0) | (_LEAF if level == 0 else 0)
        yield _page(level, flags, child=block + 1 if level else None)


def _page(level: int, flags: int, child: int | None) -> bytes:
    """child: the block that the only entry, which is below all keys, leads to."""
    special_at = PAGE_BYTES - _SPECIAL.size
    pointers, entries = b"", b""
    if child is not None:
        entries = _DOWNLINK.pack(child >> 16, child & 0xFFFF, 0, _IS_PIVOT | _DOWNLINK.size)
        pointers = _LINE_POINTER.pack((special_at - len(entries)) | _NORMAL << 15 | len(entries) << 17)
    lower, upper = _HEADER.size + len(pointers), special_at - len(entries)
    header = _HEADER.pack(0, 0, 0, lower, upper, special_at, PAGE_BYTES | _LAYOUT_VERSION, 0)
    free = bytes(upper - lower)
    return header + pointers + free + entries + _SPECIAL.pack(0, 0, level, flags, 0)
