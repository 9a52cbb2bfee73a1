"""Builds the clone: an empty copy of the schema that a planner takes for the real thing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from advisor.sql.identifier import quoted
from advisor.sql.relations import TableName
from advisor.whatif.index.clone_source import Blueprint, Row
from advisor.whatif.index.relation_files import RelationFile

_STATISTICS = (
    ("null_frac", "real"),
    ("avg_width", "integer"),
    ("n_distinct", "real"),
    ("most_common_vals", "text"),
    ("most_common_freqs", "real[]"),
    ("histogram_bounds", "text"),
    ("correlation", "real"),
    ("most_common_elems", "text"),
    ("most_common_elem_freqs", "real[]"),
    ("elem_count_histogram", "real[]"),
)


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
        row = self.connection.execute("SELECT to_regclass(%s)::oid::bigint", (_place(schema, name),)).fetchone()
        return int((row or (0,))[0])

    def try_to(self, text: str, what: str) -> bool:
        """Run it; what fails is noted by its name alone, for statements may hold users' data."""
        try:
            self.connection.execute(text.encode())
        except psycopg.Error as error:
            self.missing.append(f"{what}: {error.diag.message_primary or type(error).__name__}")
            return False
        return True


def build(
    connection: psycopg.Connection[Any],
    blueprint: Blueprint,
    extensions: Iterable[tuple[str, str]],
    views: Iterable[tuple[TableName, str]],
) -> Clone:
    """Everything that `blueprint` describes, in the order in which one thing needs another."""
    folder = connection.execute("SHOW data_directory").fetchone()
    clone = Clone(connection, Path((folder or ("",))[0]))
    schemas = {row["schema"] for row in [*blueprint.relations, *blueprint.types]}
    schemas |= {schema for _, schema in extensions} | {name.schema for name, _ in views}
    for schema in sorted(schemas - {"public", "pg_catalog"}):
        clone.try_to(f"CREATE SCHEMA {quoted(schema)}", f"schema {schema}")
    for name, schema in sorted(extensions):
        clone.try_to(f"CREATE EXTENSION IF NOT EXISTS {quoted(name)} SCHEMA {quoted(schema)}", f"extension {name}")
    for row in blueprint.types:
        clone.try_to(_type(row), f"type {row['schema']}.{row['name']}")
    _build_tables(clone, blueprint)
    _build_indexes(clone, blueprint)
    for view, definition in views:
        clone.try_to(f"CREATE VIEW {_place(*view)} AS {definition}", f"view {view}")
    _restore_statistics(clone, blueprint)
    for row in blueprint.settings:
        connection.execute("SELECT set_config(%s, %s, false)", (row["name"], row["setting"])) if _known(
            connection, row["name"]
        ) else clone.missing.append(f"setting {row['name']}")
    return clone


def _known(connection: psycopg.Connection[Any], setting: str) -> bool:
    return connection.execute("SELECT FROM pg_settings WHERE name = %s", (setting,)).fetchone() is not None


def _place(schema: str, name: str) -> str:
    return f"{quoted(schema)}.{quoted(name)}"


def _type(row: Row) -> str:
    place = _place(row["schema"], row["name"])
    if row["kind"] == "d":
        return f"CREATE DOMAIN {place} AS {row['base']}"
    labels = ", ".join(sql.Literal(label).as_string() for label in row["labels"])
    return f"CREATE TYPE {place} AS ENUM ({labels})"


def _build_tables(clone: Clone, blueprint: Blueprint) -> None:
    columns: dict[int, list[Row]] = defaultdict(list)
    for row in blueprint.columns:
        columns[row["oid"]].append(row)
    for row in blueprint.relations:
        what = f"table {row['schema']}.{row['name']}"
        if not clone.try_to(_table(row, columns[row["oid"]]), what) and not row["parent"]:
            # A type that the clone lacks: as text the table can at least be planned where the column is not asked for.
            clone.try_to(_table(row, columns[row["oid"]], clone.connection), what)


def _table(row: Row, columns: Sequence[Row], connection: psycopg.Connection[Any] | None = None) -> str:
    place = _place(row["schema"], row["name"])
    key = f" PARTITION BY {row['partition_key']}" if row["partition_key"] else ""
    if row["parent"]:
        parent = _place(row["parent_schema"], row["parent"])
        return f"CREATE TABLE {place} PARTITION OF {parent} {row['partition_bound']}{key}"
    parts = [f"{quoted(c['name'])} {_known_type(c['type'], connection)}{' NOT NULL' * c['not_null']}" for c in columns]
    # Statistics are ours to set: nothing may gather them anew.
    return f"CREATE TABLE {place} ({', '.join(parts)}){key}" + ("" if key else " WITH (autovacuum_enabled = false)")


def _known_type(name: str, connection: psycopg.Connection[Any] | None) -> str:
    if connection is None:
        return name
    row = connection.execute("SELECT to_regtype(%s)", (name,)).fetchone()
    return name if row and row[0] is not None else "text"


def _build_indexes(clone: Clone, blueprint: Blueprint) -> None:
    names = {row["oid"]: _place(row["schema"], row["name"]) for row in blueprint.relations}
    for row in blueprint.constraints:
        text = f"ALTER TABLE {names[row['oid']]} ADD CONSTRAINT {quoted(row['name'])} {row['definition']}"
        clone.try_to(text, f"constraint {row['name']}")
    for row in blueprint.indexes:
        if not row["of_constraint"]:
            clone.try_to(row["definition"], f"index {row['name']}")


def _restore_statistics(clone: Clone, blueprint: Blueprint) -> None:
    for row in [*blueprint.relations, *blueprint.indexes]:
        oid = clone.oid_of(row["schema"], row["name"])
        if oid:
            set_size(clone, oid, rows=row["rows"], pages=row["pages"], visible_pages=row.get("visible_pages", 0))
            if row["blocks"]:
                clone.file_of(oid).lengthen(row["blocks"])
    for row in blueprint.statistics:
        given = [(name, kind) for name, kind in _STATISTICS if row[name] is not None]
        pairs = "".join(f", '{name}', %({name})s::{kind}" for name, kind in given)
        text = (
            "SELECT pg_restore_attribute_stats('schemaname', %(schemaname)s::text, 'relname', %(relname)s::text,"
            f" 'attname', %(attname)s::text, 'inherited', %(inherited)s::bool, 'version', {blueprint.version}{pairs})"
        )
        try:
            clone.connection.execute(text.encode(), row)
        except psycopg.Error:
            clone.missing.append(f"statistics of {row['relname']}.{row['attname']}")


def set_size(clone: Clone, oid: int, *, rows: float, pages: int, visible_pages: int = 0) -> None:
    """What the catalogue says of a relation's size; the file's length is set apart."""
    clone.connection.execute(
        "UPDATE pg_class SET reltuples = %s, relpages = %s, relallvisible = %s WHERE oid = %s::oid",
        (rows, pages, visible_pages, oid),
    )
