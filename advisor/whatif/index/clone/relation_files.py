"""Files of the clone's relations: the planner takes a table's size from its file, so an empty one is made that long."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from advisor.whatif.index.catalogue.tables import PAGE_BYTES
from advisor.whatif.index.clone.btree_pages import give_height

_SEGMENT_PAGES = 131_072  # Postgres cuts files at 1 GiB


@dataclass(frozen=True, slots=True)
class RelationFile:
    """The main fork of one relation that holds nothing. Its length is all there is: no block of it is ever read."""

    path: Path

    def lengthen(self, pages: int) -> None:
        """Sparse: no disk space is taken. What an index wrote at its beginning stays."""
        for number, length in enumerate(_segments(pages)):
            path = self._segment(number)
            if not path.exists():
                first = self.path.stat()
                path.touch(mode=0o600)
                os.chown(path, first.st_uid, first.st_gid)
            os.truncate(path, length)
        self._remove_from(number + 1)

    def become_btree(self, pages: int, height: int) -> None:
        """Of the file of an empty B-tree: so long, with so many levels above the leaves."""
        self.lengthen(max(pages, give_height(self.path, height)))

    def empty(self) -> None:
        self.lengthen(0)

    def _remove_from(self, number: int) -> None:
        while (path := self._segment(number)).exists():
            path.unlink()
            number += 1

    def _segment(self, number: int) -> Path:
        return self.path if number == 0 else self.path.with_name(f"{self.path.name}.{number}")


def _segments(pages: int) -> Iterator[int]:
    """Bytes of each segment; the last one of a file that fills its segments is empty, as Postgres leaves it."""
    left = pages
    while left >= _SEGMENT_PAGES:
        yield _SEGMENT_PAGES * PAGE_BYTES
        left -= _SEGMENT_PAGES
    yield left * PAGE_BYTES
