"""SQL that stands in files, by name. Every statement of ours ends with a mark, so that others can tell it.

pg_stat_statements has room for so many entries, and each text of ours would take one. So reads are handed over as a
parameter and opened as a cursor in a constant DO block: what runs inside a block is not recorded as long as
pg_stat_statements.track is "top", the default. Three entries stand for all of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

MARK = " /* advisor */"
"""Ends every named query, so that it is known in the server's views and logs and left out of the workload."""

_ORDER = (
    "SELECT pg_catalog.set_config('advisor.query', %s, true), pg_catalog.set_config('cursor_tuple_fraction', '1', true)"
    + MARK
)
_OPEN = (
    """DO $block$
DECLARE
    answer refcursor := 'advisor';
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_cursors WHERE name = 'advisor') THEN
        CLOSE answer;
    END IF;
    OPEN answer NO SCROLL FOR EXECUTE pg_catalog.current_setting('advisor.query');
END $block$"""
    + MARK
)
_FETCH = "FETCH ALL FROM advisor" + MARK
_LANGUAGE = "plpgsql"

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NamedSql:
    """The queries of some files of `package`, each below a line `-- name: <name>`.

    Values stand in them as %(value)s, so a percent sign is written twice. Identifiers stand as {part}; in a query that
    has any, a brace is written twice.
    """

    package: str
    files: tuple[str, ...]
    is_carried: bool = False
    """Whether the queries, reads all, run inside the constant block; else each is an entry of its own."""

    def __getitem__(self, name: str) -> str:
        """The query as it is sent, but for values and parts: marked, without a semicolon. Raises KeyError."""
        return _queries(self.package, self.files)[name]

    def rows(
        self,
        connection: psycopg.Connection[Any],
        name: str,
        values: Mapping[str, Any] | None = None,
        **parts: sql.Composable,
    ) -> list[DictRow]:
        """The rows of query `name`; `parts` are identifiers put in safely, `values` its parameters.

        Raises psycopg.Error: what that means is for the caller to say.
        """
        # A percent sign in an identifier is no parameter.
        quoted = {key: sql.SQL(part.as_string(connection).replace("%", "%%")) for key, part in parts.items()}
        statement = sql.SQL(self[name])
        composed = statement.format(**quoted) if quoted else statement
        if self.is_carried:
            try:
                return _carried(connection, psycopg.ClientCursor(connection).mogrify(composed, values or {}))
            except (psycopg.errors.UndefinedObject, psycopg.errors.InsufficientPrivilege) as error:
                if _LANGUAGE not in (error.diag.message_primary or ""):
                    raise
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(composed, values or {}).fetchall()


def _carried(connection: psycopg.Connection[Any], text: str) -> list[DictRow]:
    """The rows of a read, in one trip to the server, which is one transaction."""
    with connection.cursor(row_factory=dict_row) as cursor:
        with connection.pipeline():
            connection.execute(_ORDER, (text,), prepare=False)
            connection.execute(_OPEN.encode(), prepare=False)
            cursor.execute(_FETCH.encode(), prepare=False)
        return cursor.fetchall()


@cache
def _queries(package: str, names: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in names:
        parts = _NAME.split(files(package).joinpath(name).read_text(encoding="utf-8"))
        found |= {key: text.strip().rstrip(";") + MARK for key, text in zip(parts[1::2], parts[2::2], strict=True)}
    return found
