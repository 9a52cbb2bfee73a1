"""A session of the role that builds indexes: it waits for locks only briefly, and translates the server's errors."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from advisor.model.errors import ConfigurationError, KnobBusyError, KnobError
from advisor.settings.postgres import PostgresSettings

APPLICATION = "advisor-index-builder"
"""What the server's views call these sessions."""
LATER = psycopg.OperationalError
"""A lock or time that ran out, a full disk, a server that went away: all may be better later."""
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_CONNECT_SECONDS = 5
_ADDRESS = "check that it runs, and host, user and password of postgres.builder_dsn"


class BuilderSession:
    """Named queries of one file, and composed statements, on one connection."""

    def __init__(self, connection: psycopg.Connection[DictRow], queries: Mapping[str, str]) -> None:
        self._connection = connection
        self._queries = queries

    def rows(self, name: str, values: Mapping[str, Any] | None = None) -> list[DictRow]:
        return self._connection.execute(sql.SQL(self._queries[name]), values).fetchall()

    def execute(self, statement: sql.Composed) -> None:
        self._connection.execute(statement)


@contextmanager
def builder_session(settings: PostgresSettings, queries: str = "index.sql") -> Iterator[BuilderSession]:
    """A session by `settings.builder_dsn`, with the queries of this file. No message holds the password.

    Raises ConfigurationError for a bad connection string, KnobBusyError when later may work, else KnobError.
    """
    dsn = settings.builder_dsn
    where = f"postgres:{settings.name}"
    if dsn is None:
        raise ConfigurationError("no role may build indexes", where=where, fix="set postgres.builder_dsn")
    options = (
        f"-c lock_timeout={round(settings.lock_timeout_seconds * 1000)}"
        f" -c statement_timeout={round(settings.build_timeout_seconds * 1000)} -c search_path=pg_catalog"
    )
    try:
        connection = psycopg.connect(
            dsn.get_secret_value(),
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=_CONNECT_SECONDS,
            application_name=APPLICATION,
            options=options,
        )
    except psycopg.OperationalError as error:
        what = "the server cannot be reached by the role that builds indexes"
        raise KnobBusyError(what, where=where, fix=_ADDRESS) from error
    except psycopg.ProgrammingError:
        # `from None`: what could not be read may hold a piece of the password.
        fix = "write postgresql://USER:PASSWORD@HOST:5432/DATABASE"
        raise ConfigurationError("not a connection string", where="postgres.builder_dsn", fix=fix) from None
    try:
        with connection:
            yield BuilderSession(connection, {**_queries(queries), **_queries("quiet.sql")})
    except LATER as error:
        raise KnobBusyError(f"not now: {first_line(error)}", where=where) from error
    except psycopg.Error as error:
        raise KnobError(f"the server refused: {first_line(error)}", where=where) from error


def first_line(error: psycopg.Error) -> str:
    """What went wrong, without the statement."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@cache
def _queries(file: str) -> Mapping[str, str]:
    parts = _NAME.split(files("advisor.knobs.postgres").joinpath(file).read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
