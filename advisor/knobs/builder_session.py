"""A session of the role that builds: known by name, bounded in what it waits for, its queries in a file."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from advisor.model.errors import KnobBusyError
from advisor.settings.connections import PostgresSettings

APPLICATION = "advisor-maintenance"
LATER = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.DiskFull,
    psycopg.errors.ConnectionTimeout,
    psycopg.OperationalError,
)
"""Errors after which a later try may succeed."""

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class BuilderSession:
    """Named queries of maintenance.sql and composed statements on one connection."""

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self._connection = connection

    def rows(self, name: str, values: Mapping[str, Any] | None = None) -> list[DictRow]:
        return self._connection.execute(sql.SQL(_queries()[name]), values or {}).fetchall()

    def execute(self, statement: sql.Composed) -> None:
        self._connection.execute(statement)


@contextmanager
def builder_session(settings: PostgresSettings) -> Iterator[BuilderSession]:
    """Waits for locks and runs no longer than the settings say. Raises KnobBusyError when there is no server."""
    if settings.builder_dsn is None:
        raise ValueError("a builder session needs a builder_dsn")
    options = (
        f"-c lock_timeout={round(settings.lock_timeout_seconds * 1000)}"
        f" -c statement_timeout={round(settings.build_timeout_seconds * 1000)} -c search_path=pg_catalog"
    )
    try:
        connection = psycopg.connect(
            settings.builder_dsn.get_secret_value(),
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=5,
            application_name=APPLICATION,
            options=options,
        )
    except psycopg.OperationalError as error:
        where = f"postgres:{settings.name}"
        raise KnobBusyError("the server cannot be reached by the role that builds", where=where) from error
    with connection:
        yield BuilderSession(connection)


@cache
def _queries() -> Mapping[str, str]:
    parts = _NAME.split(files("advisor.knobs").joinpath("maintenance.sql").read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def first_line(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
