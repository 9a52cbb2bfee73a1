"""Builds the clone: an empty copy of the schema that a planner takes for the real thing."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from advisor.sql.identifier import quoted
from advisor.sql.relations import TableName
from advisor.whatif.index.clone.database import Clone, place
from advisor.whatif.index.clone.extended_statistics import build_extended, restore_extended
from advisor.whatif.index.clone.indexes import build_indexes
from advisor.whatif.index.clone.source import Blueprint, Row
from advisor.whatif.index.clone.statistics import restore_sizes, restore_statistics

# Sorts like bytes, but the planner may not know, as with the collations of languages. Nearly every system has it.
NOT_BY_BYTE = "C.utf8"


def build(connection: psycopg.Connection[Any], blueprint: Blueprint, seconds_left: Callable[[], float]) -> Clone:
    """Everything that `blueprint` describes, in the order in which one thing needs another.

    Raises SourceUnavailableError when no seconds are left.
    """
    clone = opened(connection)
    clone.seconds_left = seconds_left
    schemas = {row["schema"] for row in [*blueprint.relations, *blueprint.types]}
    schemas |= {*blueprint.extensions.values(), *(name.schema for name in blueprint.views)}
    for schema in sorted(schemas - {"public", "pg_catalog"}):
        clone.try_to(f"CREATE SCHEMA {quoted(schema)}", f"schema {schema}")
    for name, schema in blueprint.extensions.items():
        clone.try_to(f"CREATE EXTENSION IF NOT EXISTS {quoted(name)} SCHEMA {quoted(schema)}", f"extension {name}")
    clone.try_all([(_type(row), f"type {row['schema']}.{row['name']}") for row in blueprint.types])
    _build_tables(clone, blueprint)
    build_indexes(clone, blueprint)
    build_extended(clone, blueprint)
    _build_views(connection, blueprint)
    restore_sizes(clone, blueprint)
    restore_statistics(clone, blueprint.statistics, blueprint.version)
    restore_extended(clone, blueprint)
    apply_settings(clone, blueprint)
    return clone


def opened(connection: psycopg.Connection[Any]) -> Clone:
    """What is in the clone's database already."""
    folder = connection.execute("SHOW data_directory").fetchone()
    return Clone(connection, Path((folder or ("",))[0]))


def apply_settings(clone: Clone, blueprint: Blueprint) -> None:
    """Of this session: what steers the planner, and where names are looked for."""
    path = ", ".join(quoted(schema) for schema in blueprint.search_path)
    for row in [*blueprint.settings, {"name": "search_path", "setting": path}]:
        if _known(clone.connection, row["name"]):
            clone.connection.execute("SELECT set_config(%s, %s, false)", (row["name"], row["setting"]))
        else:
            clone.missing.append(f"setting {row['name']}")


def _build_views(connection: psycopg.Connection[Any], blueprint: Blueprint) -> None:
    """As long as one more can be made, for a view may need another. Those over tables that are not here stay away: a
    statement that reads them is told so."""
    left = dict(blueprint.views)
    while left:
        made = [name for name, definition in left.items() if _is_made(connection, name, definition)]
        if not made:
            return
        for name in made:
            del left[name]


def _is_made(connection: psycopg.Connection[Any], view: TableName, definition: str) -> bool:
    try:
        connection.execute(f"CREATE VIEW {place(*view)} AS {definition}".encode())
    except psycopg.Error:
        return False
    return True


def _known(connection: psycopg.Connection[Any], setting: str) -> bool:
    return connection.execute("SELECT FROM pg_settings WHERE name = %s", (setting,)).fetchone() is not None


def _type(row: Row) -> str:
    name = place(row["schema"], row["name"])
    if row["kind"] == "d":
        return f"CREATE DOMAIN {name} AS {row['base']}"
    if row["kind"] == "r":
        return f"CREATE TYPE {name} AS RANGE (SUBTYPE = {row['subtype']})"
    if row["kind"] == "c":
        return f"CREATE TYPE {name} AS ({', '.join(f'{quoted(part)} {kind}' for part, kind in row['parts'])})"
    labels = ", ".join(sql.Literal(label).as_string() for label in row["labels"])
    return f"CREATE TYPE {name} AS ENUM ({labels})"


def _build_tables(clone: Clone, blueprint: Blueprint) -> None:
    columns: dict[int, list[Row]] = defaultdict(list)
    for row in blueprint.columns:
        columns[row["oid"]].append(row)
    known = {row["oid"] for row in blueprint.relations}
    # A partition that is asked for by its own name stands alone.
    rows = [row if row["parent_oid"] in known else {**row, "parent": None} for row in blueprint.relations]
    for batch in clone.batches(rows):
        try:
            clone.connection.execute("; ".join(_made(row, columns[row["oid"]]) for row in batch).encode())
        except psycopg.Error:
            for row in batch:
                _make(clone, row, columns[row["oid"]])
        for row in batch:
            clone.missing += [f"{_what(row)}: {lost}" for lost in _lost(row)]


def _make(clone: Clone, row: Row, columns: Sequence[Row]) -> None:
    if not clone.try_to(_made(row, columns), _what(row)) and not row["parent"]:
        # A type that the clone lacks: as text the table can at least be planned where the column is not asked for.
        clone.try_to(_made(row, columns, clone.connection), _what(row))


def _what(row: Row) -> str:
    return f"table {row['schema']}.{row['name']}"


def _made(row: Row, columns: Sequence[Row], connection: psycopg.Connection[Any] | None = None) -> str:
    dropped = [f"DROP COLUMN {quoted(column['name'])}" for column in columns if column["is_dropped"]]
    change = f"; ALTER TABLE {place(row['schema'], row['name'])} {', '.join(dropped)}"
    return _table(row, columns, connection) + (change if dropped and not row["parent"] else "")


def _lost(row: Row) -> Iterator[str]:
    if row["kind"] == "f":
        yield "it is foreign there, and planned as an ordinary one here"
    if row["is_inherited_from"]:
        yield "the tables that inherit from it are not read here"


def _table(row: Row, columns: Sequence[Row], connection: psycopg.Connection[Any] | None = None) -> str:
    name = place(row["schema"], row["name"])
    key = f" PARTITION BY {row['partition_key']}" if row["partition_key"] else ""
    if row["parent"]:
        parent = place(row["parent_schema"], row["parent"])
        return f"CREATE TABLE {name} PARTITION OF {parent} {row['partition_bound']}{key}"
    parts = [
        f"{quoted(c['name'])} {_known_type(c['type'], connection)}{_collation(c)}{_computed(c)}"
        f"{' NOT NULL' * c['not_null']}"
        for c in columns
    ]
    # Statistics are ours to set: nothing may gather them anew.
    return f"CREATE TABLE {name} ({', '.join(parts)}){key}" + ("" if key else " WITH (autovacuum_enabled = false)")


def _computed(column: Row) -> str:
    """A column that is computed when it is read: the planner puts its expression in its place."""
    return f" GENERATED ALWAYS AS ({column['expression']}) VIRTUAL" if column["expression"] else ""


def _collation(column: Row) -> str:
    if column["by_byte"] is None:
        return ""
    return ' COLLATE "C"' if column["by_byte"] else f" COLLATE {quoted(NOT_BY_BYTE)}"


def _known_type(name: str, connection: psycopg.Connection[Any] | None) -> str:
    if connection is None:
        return name
    row = connection.execute("SELECT to_regtype(%s)", (name,)).fetchone()
    return name if row and row[0] is not None else "text"
