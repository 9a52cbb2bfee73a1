"""A short, read-only session that bounds what it costs the server."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from pydantic import SecretStr

from advisor.model.errors import BadDataError, ConfigurationError, SourceUnavailableError

MARK = " /* advisor */"
"""Ends every query of ours, so that it is known in the server's views and logs and left out of the workload."""

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def queries() -> Mapping[str, str]:
    """The statements of queries.sql by name."""
    parts = _NAME.split(files("advisor.sources.postgres").joinpath("queries.sql").read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


class Session:
    """Runs named queries on one connection."""

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self._connection = connection

    def rows(self, name: str, values: Mapping[str, Any] | None = None, **parts: sql.Composable) -> list[DictRow]:
        """The rows of query `name`; `parts` are identifiers put in safely, `values` its parameters."""
        # A percent sign in an identifier is no parameter.
        quoted = {key: sql.SQL(part.as_string(self._connection).replace("%", "%%")) for key, part in parts.items()}
        statement = sql.SQL(queries()[name].rstrip(";")).format(**quoted) + sql.SQL(MARK)
        return self._connection.execute(statement, values or {}).fetchall()

    def run(self, statement: sql.SQL | sql.Composed, values: Mapping[str, Any] | None = None) -> list[DictRow]:
        """The rows of any statement; none for one that has no result. Without `values` its text goes out as it is."""
        cursor = self._connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def row(self, name: str) -> DictRow:
        """The one row of query `name`."""
        return self.rows(name)[0]


@contextmanager
def read_only_session(dsn: SecretStr, timeout_seconds: float) -> Iterator[Session]:
    """A session that cannot write and gives up on its own.

    Raises ConfigurationError for a bad connection string, SourceUnavailableError when there is no server or no time,
    BadDataError when a query is refused. No message holds the password.
    """
    where = shown_dsn(dsn)
    milliseconds = round(timeout_seconds * 1000)
    options = (
        f"-c default_transaction_read_only=on -c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
        " -c search_path=pg_catalog -c idle_in_transaction_session_timeout=60000"
    )
    try:
        with psycopg.connect(
            dsn.get_secret_value(),
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=max(2, round(timeout_seconds)),
            application_name="advisor",
            options=options,
        ) as connection:
            yield Session(connection)
    except psycopg.errors.QueryCanceled as error:
        raise SourceUnavailableError(f"a query took more than {timeout_seconds:g} s", where=where) from error
    except psycopg.errors.InsufficientPrivilege as error:
        fix = "GRANT pg_monitor TO the reading role"
        raise BadDataError(f"not allowed: {_first_line(error)}", where=where, fix=fix) from error
    except psycopg.OperationalError as error:
        fix = "check that it runs, and host, user and password of the dsn"
        raise SourceUnavailableError(_first_line(error, dsn), where=where, fix=fix) from error
    except psycopg.Error as error:
        raise BadDataError(_first_line(error, dsn), where=where) from error


def shown_dsn(dsn: SecretStr) -> str:
    """Host, port and database of a connection string. Raises ConfigurationError when it cannot be read."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(dsn.get_secret_value())
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(
            "not a connection string", where="postgres.dsn", fix="write postgresql://USER:PASSWORD@HOST:5432/DATABASE"
        ) from error
    return f"postgres {parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


def _first_line(error: psycopg.Error, dsn: SecretStr | None = None) -> str:
    line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if dsn is not None:
        password = psycopg.conninfo.conninfo_to_dict(dsn.get_secret_value()).get("password")
        line = line.replace(str(password), "***") if password else line
    return line
