"""Sessions with a Postgres: how each is opened, what the server holds it to, and what may be said of its address.

Encryption and certificates are libpq's: `sslmode=verify-full` and `sslrootcert` in the connection string.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from pydantic import SecretStr

from advisor.clients.named_sql import NamedSql
from advisor.clients.planning_block import PlanningBlock
from advisor.clients.postgres_address import PostgresAddress, escaped
from advisor.clients.postgres_held import held, refusable

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

    def settings(self) -> dict[str, str]:
        """By the server's names, as pg_settings shows them: milliseconds."""
        wanted = {
            "statement_timeout": str(_milliseconds(self.statement_timeout_seconds)),
            "lock_timeout": str(_milliseconds(self.lock_timeout_seconds)),
            "idle_in_transaction_session_timeout": str(_milliseconds(_IDLE_SECONDS)),
        }
        if self.is_read_only:
            wanted["default_transaction_read_only"] = "on"
        if self.search_path is not None:
            wanted["search_path"] = self.search_path
        return wanted


class PostgresSession:
    """Runs the queries of some files by their names, and composed statements, on one connection."""

    def __init__(self, connection: psycopg.Connection[Any], queries: NamedSql) -> None:
        self._connection = connection
        self._queries = queries

    def rows(self, name: str, values: Mapping[str, Any] | None = None, **parts: sql.Composable) -> list[DictRow]:
        """The rows of query `name`; `parts` are identifiers put in safely, `values` its parameters."""
        with refusable(self._connection):
            return self._queries.rows(self._connection, name, values, **parts)

    def row(self, name: str) -> DictRow:
        """The one row of query `name`."""
        return self.rows(name)[0]

    def run(self, statement: sql.SQL | sql.Composed, values: Mapping[str, Any] | None = None) -> list[DictRow]:
        """The rows of any statement; none for one that has no result. Without `values` its text goes out as it is."""
        with refusable(self._connection), self._connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def planning(self) -> PlanningBlock:
        """Plans statements on this connection."""
        return PlanningBlock(self._connection)


@contextmanager
def connect(dsn: SecretStr, limits: SessionLimits, *, where: str = "postgres.dsn") -> Iterator[psycopg.Connection[Any]]:
    """A connection that commits each statement by itself, closed on leaving; the limits are seen to be in force.

    Behind a pooler, which does not hold a session to them, all of it is one read-only transaction that leaves nothing.
    where: the setting that `dsn` is from. Raises ConfigurationError when it cannot be read or no limit can be set,
    psycopg.OperationalError when nobody answers.
    """
    address = PostgresAddress.of(dsn, where)
    with _opened(address, limits) as connection, held(connection, address, limits, where):
        yield connection


def _opened(address: PostgresAddress, limits: SessionLimits) -> psycopg.Connection[Any]:
    """With the user's options and ours after them; without any where a pooler refuses such."""
    ours = " ".join(f"-c {name}={escaped(value)}" for name, value in limits.settings().items())

    def opened(options: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            psycopg.conninfo.make_conninfo(**address.parts),
            autocommit=True,
            connect_timeout=max(_LEAST_CONNECT_SECONDS, round(limits.connect_timeout_seconds)),
            application_name=limits.application,
            client_encoding="UTF8",  # of a database in SQL_ASCII psycopg would give bytes else
            options=options,
            prepare_threshold=5 if limits.prepares else None,
        )

    try:
        return opened(f"{address.options} {ours}".strip())
    except psycopg.OperationalError as error:
        if "unsupported startup parameter" not in str(error):
            raise
        return opened("")


def shown_dsn(dsn: SecretStr, *, where: str = "postgres.dsn") -> str:
    """Host, port and database of a connection string. Raises ConfigurationError when it cannot be read."""
    return PostgresAddress.of(dsn, where).shown()


def first_line(error: psycopg.Error, dsn: SecretStr | None = None) -> str:
    """What went wrong, without the statement, and without the password of `dsn`."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    password = PostgresAddress.of(dsn, "postgres.dsn").parts.get("password") if dsn is not None else None
    return line.replace(str(password), "***") if password else line


def message(error: psycopg.Error) -> str:
    """The server's own words alone: no detail, which may hold users' data, and no statement."""
    return error.diag.message_primary or type(error).__name__


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
