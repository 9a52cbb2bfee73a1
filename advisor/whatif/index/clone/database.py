"""The clone's database: its relations' files, what its catalogue says of their sizes, and what could not be copied."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from advisor.clients.postgres import message
from advisor.sql.identifier import quoted
from advisor.sql.relations import TableName
from advisor.whatif.index.clone.relation_files import RelationFile

TRIED = "advisor_tried_"


@dataclass(slots=True)
class Clone:
    """A connection to the clone's database, as its superuser. missing: what could not be copied, and why it matters."""

    connection: psycopg.Connection[Any]
    data_folder: Path
    missing: list[str] = field(default_factory=list)
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
        values = [list(column) for column in zip(*indexes, strict=True)]
        found = self.connection.execute(
            "SELECT c.oid::bigint, pg_relation_filepath(c.oid) FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY"
            " w (schema, name, place) JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c"
            " ON c.relnamespace = n.oid AND c.relname = w.name ORDER BY w.place",
            values[:2],
        ).fetchall()
        oids = [int(oid) for oid, _ in found]
        self._paths.update({int(oid): RelationFile(self.data_folder / path) for oid, path in found})
        self.connection.execute(
            "UPDATE pg_class SET reltuples = w.rows, relpages = w.pages"
            " FROM unnest(%s::bigint[]::oid[], %s::real[], %s::int[]) w (oid, rows, pages) WHERE pg_class.oid = w.oid",
            (oids, *values[2:]),
        )
        self.connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = ANY (%s::bigint[]::oid[])", (oids,)
        )
        return oids

    def oid_of(self, schema: str, name: str) -> int:
        """0 for what did not come along."""
        row = self.connection.execute("SELECT to_regclass(%s)::oid::bigint", (place(schema, name),)).fetchone()
        return int(row[0] or 0) if row else 0

    def try_to(self, text: str, what: str) -> bool:
        """Run it; what fails is noted by its name alone, for statements may hold users' data."""
        try:
            self.connection.execute(text.encode())
        except psycopg.Error as error:
            self.missing.append(f"{what}: {message(error)}")
            return False
        return True


class Leaf:
    """An ordinary table of the clone, with what its catalogue entry says while indexes are made on it."""

    def __init__(self, clone: Clone, table: TableName) -> None:
        self.table = table
        self._clone = clone
        self._oid = clone.oid_of(table.schema, table.name)
        row = clone.connection.execute(
            "SELECT reltuples::float8, relpages, relallvisible, pg_relation_size(oid) / 8192 FROM pg_class"
            " WHERE oid = %s::oid",
            (self._oid,),
        ).fetchone()
        known: tuple[float, int, int, int] = row or (0.0, 0, 0, 0)
        self.rows, self._pages, self._visible_pages, self._blocks = known

    def empty(self) -> None:
        # A change of its catalogue row makes the session forget which segments of the file it has open.
        self._note_size()
        self._clone.file_of(self._oid).empty()

    def fill(self) -> None:
        self._clone.file_of(self._oid).lengthen(self._blocks)
        self._note_size()  # a build sets what it counted: no row

    def _note_size(self) -> None:
        set_size(self._clone, self._oid, rows=self.rows, pages=self._pages, visible_pages=self._visible_pages)


def place(schema: str, name: str) -> str:
    return f"{quoted(schema)}.{quoted(name)}"


def set_size(clone: Clone, oid: int, *, rows: float, pages: int, visible_pages: int = 0) -> None:
    """What the catalogue says of a relation's size; the file's length is set apart."""
    clone.connection.execute(
        "UPDATE pg_class SET reltuples = %s, relpages = %s, relallvisible = %s WHERE oid = %s::oid",
        (rows, pages, visible_pages, oid),
    )
