"""Reads the catalogue: names of everything, facts of what a workload touches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from advisor.clients.named_sql import NamedSql
from advisor.sql.relations import Relations, TableName
from advisor.whatif.index.catalogue.tables import Catalogue, Column, ExistingIndex, TableFacts

_QUERIES = NamedSql("advisor.whatif.index.catalogue", ("catalogue.sql",), is_carried=True)
_HAS_COLUMNS = ("r", "p", "m", "f")


def read_relations(connection: psycopg.Connection[Any]) -> Catalogue:
    """The names that statements may use; no table's facts yet."""
    server = _QUERIES.rows(connection, "server")[0]
    found = _QUERIES.rows(connection, "relations")
    relations = Relations(
        columns={TableName(r["schema"], r["name"]): tuple(r["columns"]) for r in found if r["kind"] in _HAS_COLUMNS},
        views={TableName(r["schema"], r["name"]): r["definition"] for r in found if r["kind"] == "v"},
        search_path=tuple(server["search_path"]),
    )
    return Catalogue(
        relations=relations,
        tables={},
        extensions=server["extensions"],
        server_version=server["version"],
        buffer_pages=server["buffer_pages"],
    )


def read_tables(connection: psycopg.Connection[Any], wanted: Iterable[TableName]) -> dict[TableName, TableFacts]:
    """The facts of these tables; what is gone by now is left out."""
    names = sorted(set(wanted))
    values = {"schemas": [name.schema for name in names], "names": [name.name for name in names]}
    tables = _QUERIES.rows(connection, "tables", values)
    oids = {"oids": [row["oid"] for row in tables]}
    columns: dict[int, dict[str, Column]] = defaultdict(dict)
    indexes: dict[int, list[ExistingIndex]] = defaultdict(list)
    for row in _QUERIES.rows(connection, "columns", oids):
        columns[row["oid"]][row["name"]] = _column(row)
    for row in _QUERIES.rows(connection, "indexes", oids):
        indexes[row["oid"]].append(_index(row))
    return {
        TableName(row["schema"], row["name"]): TableFacts(
            name=TableName(row["schema"], row["name"]),
            kind=row["kind"],
            rows=row["rows"],
            pages=row["pages"],
            columns=columns[row["oid"]],
            indexes=tuple(indexes[row["oid"]]),
            partitions=tuple(TableName(*leaf) for leaf in row["leaves"]),
        )
        for row in tables
    }


def _column(row: Mapping[str, Any]) -> Column:
    known = {name: row[name] for name in ("name", "type", "type_category")}
    known["expression"] = row["expression"] or ""
    if row["distinct"] is None:
        return Column(**known)
    return Column(
        **known,
        is_analysed=True,
        distinct=row["distinct"],
        null_ratio=row["null_ratio"],
        width_bytes=row["width"],
        correlation=row["correlation"] or 0.0,
        common_values=tuple(row["common_values"] or ()),
        common_shares=tuple(row["common_shares"] or ()),
        bounds=tuple(row["bounds"] or ()),
        elements=row["elements"] or 0.0,
        element_shares=tuple(row["element_shares"] or ()),
    )


def _index(row: Mapping[str, Any]) -> ExistingIndex:
    return ExistingIndex(
        name=row["name"],
        definition=row["definition"],
        access_method=row["access_method"],
        keys=tuple(row["keys"]),
        include=tuple(row["include"]),
        predicate=row["predicate"],
        is_unique=row["is_unique"],
        is_valid=row["is_valid"],
        constraint=row["constraint"],
        size_bytes=row["size_bytes"],
        is_part=row["is_part"],
    )
