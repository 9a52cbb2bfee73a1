"""What a planner needs to know of the source: schema, sizes, statistics, settings. Cut to what the workload touches."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import dict_row

from advisor.sql.relations import TableName

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """Rows of clone.sql by query. It holds users' data (common values, bounds): never to be logged or kept."""

    version: int
    settings: Sequence[Row]
    collate: str
    types: Sequence[Row]
    relations: Sequence[Row]
    columns: Sequence[Row]
    constraints: Sequence[Row]
    indexes: Sequence[Row]
    statistics: Sequence[Row]

    def __repr__(self) -> str:
        return f"Blueprint({len(self.relations)} relations)"

    def oid_of(self, name: TableName) -> int:
        found = (row["oid"] for row in self.relations if (row["schema"], row["name"]) == name)
        return int(next(found))


def read_blueprint(connection: psycopg.Connection[Any], tables: Sequence[TableName]) -> Blueprint:
    """Reads only. `tables`: those of the workload; their partitions come along."""

    def rows(name: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(_queries()[name], values).fetchall()

    asked = connection.execute(
        "SELECT c.oid::bigint FROM unnest(%s::text[], %s::text[]) w (s, t) JOIN pg_namespace n ON n.nspname = w.s"
        " JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.t",
        ([table.schema for table in tables], [table.name for table in tables]),
    ).fetchall()
    relations = rows("relations", {"oids": [oid for (oid,) in asked]})
    oids = {"oids": [row["oid"] for row in relations]}
    indexes = rows("indexes", oids)
    named = [*relations, *indexes]
    return Blueprint(
        version=connection.info.server_version,
        settings=rows("settings"),
        collate=rows("locale")[0]["collate"],
        types=rows("types", oids),
        relations=relations,
        columns=rows("columns", oids),
        constraints=rows("constraints", oids),
        indexes=indexes,
        statistics=rows(
            "statistics", {"schemas": [row["schema"] for row in named], "names": [row["name"] for row in named]}
        ),
    )


@cache
def _queries() -> Mapping[str, str]:
    parts = _NAME.split(files("advisor.whatif.index").joinpath("clone.sql").read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
