"""What a planner needs to know of the source: schema, sizes, statistics, settings. Cut to what the workload touches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from advisor.clients.named_sql import NamedSql
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import Catalogue

_QUERIES = NamedSql("advisor.whatif.index.clone", ("clone.sql",), is_carried=True)
_HAS_RANGE_STATISTICS = 170_000

Row = Mapping[str, Any]
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """Rows of clone.sql by query. It holds users' data (common values, bounds): never to be logged or kept on disk.

    extensions: by name, their schema. views: by name, their definition, in the order of their names. stamps: by the
    table's oid, what changes when it is analysed.
    """

    version: int
    tables: frozenset[TableName]
    extensions: Mapping[str, str]
    views: Mapping[TableName, str]
    search_path: tuple[str, ...]
    settings: Sequence[Row]
    sorts_by_byte: bool
    types: Sequence[Row]
    relations: Sequence[Row]
    columns: Sequence[Row]
    constraints: Sequence[Row]
    indexes: Sequence[Row]
    statistics: Sequence[Row]
    stamps: Mapping[int, Row]
    extended: Sequence[Row]
    extended_data: Sequence[Row]

    def __repr__(self) -> str:
        return f"Blueprint({len(self.relations)} relations)"


def read_blueprint(connection: Connection, catalogue: Catalogue, known: Blueprint | None = None) -> Blueprint:
    """Reads only. The catalogue's tables; their partitions come along.

    known: what was read before. Its tables are read too, and its statistics are taken over where nothing was analysed
    since.
    """
    tables = frozenset(catalogue.tables) | (known.tables if known else frozenset())
    relations = _QUERIES.rows(connection, "relations", {"oids": _oids(connection, tables)})
    oids = {"oids": [row["oid"] for row in relations]}
    indexes = _QUERIES.rows(connection, "indexes", oids)
    stamps = {row["oid"]: row for row in _QUERIES.rows(connection, "stamps", oids)}
    extended = _QUERIES.rows(connection, "extended", oids)
    return Blueprint(
        version=connection.info.server_version,
        tables=tables,
        extensions={name: schema for name, schema in sorted(catalogue.extensions.items()) if name != "hypopg"},
        views=dict(sorted(catalogue.relations.views.items())),
        search_path=catalogue.relations.all_schemas,
        settings=_QUERIES.rows(connection, "settings"),
        sorts_by_byte=bool(_QUERIES.rows(connection, "locale")[0]["by_byte"]),
        types=_QUERIES.rows(connection, "types", oids),
        relations=relations,
        columns=_QUERIES.rows(connection, "columns", oids),
        constraints=_QUERIES.rows(connection, "constraints", oids),
        indexes=indexes,
        statistics=_statistics(connection, relations, indexes, stamps, known),
        stamps=stamps,
        extended=extended,
        extended_data=_extended_data(connection, extended),
    )


def _statistics(
    connection: Connection,
    relations: Sequence[Row],
    indexes: Sequence[Row],
    stamps: Mapping[int, Row],
    known: Blueprint | None,
) -> Sequence[Row]:
    """Of tables and of the indexes on them, which are analysed with them."""
    table_of = {(row["schema"], row["name"]): row["oid"] for row in relations}
    table_of |= {(row["schema"], row["name"]): row["table_oid"] for row in indexes}
    fresh = {oid for oid in stamps if known is None or known.stamps.get(oid) != stamps[oid]}
    kept = [row for row in known.statistics if table_of.get(_relation(row), 0) not in {0, *fresh}] if known else []
    changed = [name for name, oid in table_of.items() if oid in fresh]
    return [*kept, *_read_statistics(connection, changed)]


def _extended_data(connection: Connection, extended: Sequence[Row]) -> Sequence[Row]:
    if not extended:
        return []
    name = "extended_data" if extended[0]["is_readable"] else "extended_view"
    return _QUERIES.rows(connection, name, {"oids": [row["oid"] for row in extended]})


def _relation(row: Row) -> tuple[str, str]:
    return row["schemaname"], row["relname"]


def _read_statistics(connection: Connection, names: Sequence[tuple[str, str]]) -> Iterable[Row]:
    if not names:
        return []
    values = {"schemas": [schema for schema, _ in names], "names": [name for _, name in names]}
    rows = _QUERIES.rows(connection, "statistics", values)
    if connection.info.server_version < _HAS_RANGE_STATISTICS:
        return rows
    ranges = {_key(row): row for row in _QUERIES.rows(connection, "range_statistics", values)}
    return [{**row, **ranges.get(_key(row), {})} for row in rows]


def _key(row: Row) -> tuple[str, str, str, bool]:
    return (*_relation(row), row["attname"], row["inherited"])


def _oids(connection: Connection, tables: Iterable[TableName]) -> Sequence[int]:
    names = sorted(tables)
    values = {"schemas": [name.schema for name in names], "names": [name.name for name in names]}
    return [row["oid"] for row in _QUERIES.rows(connection, "oids", values)]
