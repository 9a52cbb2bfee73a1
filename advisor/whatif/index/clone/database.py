"""The clone's database: its relations' files, what its catalogue says of their sizes, and what could not be copied.

A partitioned table has hundreds of tables: whatever is done to each is done to many in one trip.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import psycopg

from advisor.clients.postgres import message
from advisor.sql.identifier import quoted
from advisor.sql.relations import TableName
from advisor.whatif.index.clone.relation_files import RelationFile
from advisor.whatif.index.clone.server import no_time_left

TRIED = "advisor_tried_"
_AT_ONCE = 100
"""Statements, or rows of statistics, in one trip: a tenth of a second or so."""

_Item = TypeVar("_Item")


class Size(NamedTuple):
    """What the catalogue says of a relation, by its oid."""

    oid: int
    rows: float
    pages: int
    visible_pages: int = 0


@dataclass(slots=True)
class Clone:
    """A connection to the clone's database, as its superuser. missing: what could not be copied, and why it matters.

    seconds_left: for what is being done. Whatever takes several trips raises SourceUnavailableError when none are.
    """

    connection: psycopg.Connection[Any]
    data_folder: Path
    missing: list[str] = field(default_factory=list)
    seconds_left: Callable[[], float] = lambda: math.inf
    _paths: dict[int, RelationFile] = field(default_factory=dict)

    def file_of(self, oid: int) -> RelationFile:
        found = self._paths.get(oid)
        if found is None:
            path = self.connection.execute("SELECT pg_relation_filepath(%s::oid)", (oid,)).fetchone()
            found = self._paths[oid] = RelationFile(self.data_folder / (path or ("",))[0])
        return found

    def forget_files(self) -> None:
        """Some indexes have new ones."""
        self._paths.clear()

    def hide(self, indexes: Sequence[tuple[str, str, float, int]]) -> list[int]:
        """New indexes, by schema and name, get these rows and pages, and are hidden. Returns their oids."""
        oids = self.oids_of([(schema, name) for schema, name, *_ in indexes])
        set_sizes(self, [Size(oid, rows, pages) for oid, (*_, rows, pages) in zip(oids, indexes, strict=True)])
        self.connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = ANY (%s::bigint[]::oid[])", (oids,)
        )
        return oids

    def oids_of(self, names: Sequence[tuple[str, str]]) -> list[int]:
        """By schema and name, 0 for what did not come along. Their files are known from then on."""
        found = self.connection.execute(
            "SELECT coalesce(c.oid, 0)::bigint, pg_relation_filepath(c.oid)"
            " FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY w (schema, name, place)"
            " LEFT JOIN pg_namespace n ON n.nspname = w.schema"
            " LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name ORDER BY w.place",
            ([schema for schema, _ in names], [name for _, name in names]),
        ).fetchall()
        self._paths.update({int(oid): RelationFile(self.data_folder / path) for oid, path in found if path})
        return [int(oid) for oid, _ in found]

    def batches(self, items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
        """As many at a time as one trip takes. Raises SourceUnavailableError when no time is left for the next."""
        for start in range(0, len(items), _AT_ONCE):
            if self.seconds_left() <= 0:
                raise no_time_left()
            yield items[start : start + _AT_ONCE]

    def try_all(self, steps: Sequence[tuple[str, str]]) -> None:
        """As `try_to` for each text and what it is, in order; many in one trip, one by one where one of those fails."""
        for batch in self.batches(steps):
            try:
                self.connection.execute("; ".join(text for text, _ in batch).encode())
            except psycopg.Error:
                for text, what in batch:
                    self.try_to(text, what)

    def try_to(self, text: str, what: str) -> bool:
        """Run it; what fails is noted by its name alone, for statements may hold users' data."""
        try:
            self.connection.execute(text.encode())
        except psycopg.Error as error:
            self.missing.append(f"{what}: {message(error)}")
            return False
        return True


class Leaves:
    """Ordinary tables of the clone, with what its catalogue says of them while indexes are made on them.

    rows: of each of them that is there.
    """

    def __init__(self, clone: Clone, tables: Sequence[TableName]) -> None:
        self._clone = clone
        oids = clone.oids_of(tables)
        self._blocks: dict[int, int] = {}
        self._sizes: list[Size] = []
        names = {oid: table for oid, table in zip(oids, tables, strict=True) if oid}
        self.rows: dict[TableName, float] = {}
        for oid, rows, pages, visible_pages, blocks in clone.connection.execute(
            "SELECT oid::bigint, reltuples::float8, relpages, relallvisible, pg_relation_size(oid) / 8192"
            " FROM pg_class WHERE oid = ANY (%s::bigint[]::oid[])",
            (list(names),),
        ):
            self._blocks[oid] = blocks
            self._sizes.append(Size(oid, rows, pages, visible_pages))
            self.rows[names[oid]] = rows

    def empty(self) -> None:
        # A change of their catalogue rows makes the session forget which segments of the files it has open.
        set_sizes(self._clone, self._sizes)
        for oid in self._blocks:
            self._clone.file_of(oid).empty()

    def fill(self) -> None:
        for oid, blocks in self._blocks.items():
            self._clone.file_of(oid).lengthen(blocks)
        set_sizes(self._clone, self._sizes)  # a build sets what it counted: no row


def place(schema: str, name: str) -> str:
    return f"{quoted(schema)}.{quoted(name)}"


def set_sizes(clone: Clone, sizes: Sequence[Size]) -> None:
    """What the catalogue says of relations' sizes; the files' lengths are set apart."""
    columns = [list(column) for column in zip(*sizes, strict=True)] or [[], [], [], []]
    clone.connection.execute(
        "UPDATE pg_class SET reltuples = w.rows, relpages = w.pages, relallvisible = w.visible"
        " FROM unnest(%s::bigint[]::oid[], %s::real[], %s::int[], %s::int[]) w (oid, rows, pages, visible)"
        " WHERE pg_class.oid = w.oid",
        columns,
    )
