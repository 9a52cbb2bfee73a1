"""SQL that stands in files, by name. Every statement of ours ends with a mark, so that others can tell it."""

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

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NamedSql:
    """The queries of some files of `package`, each below a line `-- name: <name>`.

    Values stand in them as %(value)s, so a percent sign is written twice. Identifiers stand as {part}; in a query that
    has any, a brace is written twice.
    """

    package: str
    files: tuple[str, ...]

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
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.format(**quoted) if quoted else statement, values or {}).fetchall()


@cache
def _queries(package: str, names: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in names:
        parts = _NAME.split(files(package).joinpath(name).read_text(encoding="utf-8"))
        found |= {key: text.strip().rstrip(";") + MARK for key, text in zip(parts[1::2], parts[2::2], strict=True)}
    return found
