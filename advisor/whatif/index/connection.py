"""The connection that the index adviser plans on: one, read-only, bounded, and known by its name."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from pydantic import SecretStr

from advisor.clients.postgres import SessionLimits, connect, message
from advisor.model.errors import BadDataError, SourceUnavailableError

_WHERE = "index planner"


_WIDEN = """
SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''),
  (SELECT string_agg(quote_ident(nspname), ', ' ORDER BY nspname) FROM pg_catalog.pg_namespace
   WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')), false) /* advisor */"""


def widen_search_path(connection: psycopg.Connection[Any]) -> None:
    """Types and functions of statements are found in whatever schema; tables must have theirs before their names."""
    connection.execute(_WIDEN)


@contextmanager
def planning_connection(dsn: SecretStr, timeout_seconds: float) -> Iterator[psycopg.Connection[Any]]:
    """A connection that cannot write. Its search path is the role's own, as the application's most likely is.

    timeout_seconds: for each statement. Raises ConfigurationError, SourceUnavailableError, BadDataError.
    """
    limits = SessionLimits(
        application="advisor-index-planner",
        connect_timeout_seconds=timeout_seconds,
        statement_timeout_seconds=timeout_seconds,
        lock_timeout_seconds=timeout_seconds,
        is_read_only=True,
        search_path=None,
        prepares=False,
    )
    stack = ExitStack()
    try:
        connection = stack.enter_context(connect(dsn, limits))
    except psycopg.OperationalError as error:
        raise SourceUnavailableError("the server cannot be reached", where=_WHERE) from error
    with stack:
        try:
            yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            fix = "GRANT pg_monitor and SELECT on the tables to the reading role"
            raise BadDataError(f"not allowed: {message(error)}", where=_WHERE, fix=fix) from error
        except psycopg.Error as error:
            raise SourceUnavailableError(message(error), where=_WHERE) from error
