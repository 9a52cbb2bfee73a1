"""Sessions with a Postgres: how each is opened, what the server holds it to, and what may be said of its address.

Encryption and certificates are libpq's: `sslmode=verify-full` and `sslrootcert` in the connection string.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from pydantic import SecretStr

from advisor.clients.named_sql import NamedSql
from advisor.model.errors import ConfigurationError

_IDLE_SECONDS = 60
_LEAST_CONNECT_SECONDS = 2
"""What libpq makes of less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """What the server holds a session to.

    application: what its views call the session. search_path: None for the role's own. prepares: whether statements
    that come again are prepared there, which outlives a change of what they read.
    """

    application: str
    connect_timeout_seconds: float
    statement_timeout_seconds: float
    lock_timeout_seconds: float
    is_read_only: bool
    search_path: str | None = "pg_catalog"
    prepares: bool = True

    def options(self) -> str:
        """As libpq hands them over when it connects."""
        wanted = {
            "statement_timeout": str(_milliseconds(self.statement_timeout_seconds)),
            "lock_timeout": str(_milliseconds(self.lock_timeout_seconds)),
            "idle_in_transaction_session_timeout": str(_milliseconds(_IDLE_SECONDS)),
        }
        if self.is_read_only:
            wanted["default_transaction_read_only"] = "on"
        if self.search_path is not None:
            wanted["search_path"] = self.search_path
        return " ".join(f"-c {name}={value}" for name, value in wanted.items())


class PostgresSession:
    """Runs the queries of some files by their names, and composed statements, on one connection."""

    def __init__(self, connection: psycopg.Connection[Any], queries: NamedSql) -> None:
        self._connection = connection
        self._queries = queries

    def rows(self, name: str, values: Mapping[str, Any] | None = None, **parts: sql.Composable) -> list[DictRow]:
        """The rows of query `name`; `parts` are identifiers put in safely, `values` its parameters."""
        return self._queries.rows(self._connection, name, values, **parts)

    def row(self, name: str) -> DictRow:
        """The one row of query `name`."""
        return self.rows(name)[0]

    def run(self, statement: sql.SQL | sql.Composed, values: Mapping[str, Any] | None = None) -> list[DictRow]:
        """The rows of any statement; none for one that has no result. Without `values` its text goes out as it is."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


def connect(dsn: SecretStr, limits: SessionLimits, *, where: str = "postgres.dsn") -> psycopg.Connection[Any]:
    """A connection that commits each statement by itself; to be used as a context, which closes it.

    where: the setting that `dsn` is from. Raises ConfigurationError when it cannot be read, psycopg.OperationalError
    when nobody answers.
    """
    try:
        return psycopg.connect(
            dsn.get_secret_value(),
            autocommit=True,
            connect_timeout=max(_LEAST_CONNECT_SECONDS, round(limits.connect_timeout_seconds)),
            application_name=limits.application,
            options=limits.options(),
            prepare_threshold=5 if limits.prepares else None,
        )
    except psycopg.ProgrammingError:
        # `from None`: what could not be read may hold a piece of the password.
        raise _not_readable(where) from None


def shown_dsn(dsn: SecretStr, *, where: str = "postgres.dsn") -> str:
    """Host, port and database of a connection string. Raises ConfigurationError when it cannot be read."""
    parts = _parts(dsn, where)
    return f"postgres {parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


def first_line(error: psycopg.Error, dsn: SecretStr | None = None) -> str:
    """What went wrong, without the statement, and without the password of `dsn`."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    password = _parts(dsn, "postgres.dsn").get("password") if dsn is not None else None
    return line.replace(str(password), "***") if password else line


def message(error: psycopg.Error) -> str:
    """The server's own words alone: no detail, which may hold users' data, and no statement."""
    return error.diag.message_primary or type(error).__name__


def _parts(dsn: SecretStr, where: str) -> Mapping[str, Any]:
    try:
        return psycopg.conninfo.conninfo_to_dict(dsn.get_secret_value())
    except psycopg.ProgrammingError:
        raise _not_readable(where) from None


def _not_readable(where: str) -> ConfigurationError:
    fix = "write postgresql://USER:PASSWORD@HOST:5432/DATABASE"
    return ConfigurationError("not a connection string", where=where, fix=fix)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
