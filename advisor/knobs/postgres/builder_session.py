"""A session of the role that builds indexes: it waits for locks only briefly, and translates the server's errors."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from advisor.clients.named_sql import NamedSql
from advisor.clients.postgres import PostgresSession, SessionLimits, connect, first_line
from advisor.model.errors import ConfigurationError, KnobBusyError, KnobError
from advisor.settings.postgres import PostgresSettings

APPLICATION = "advisor-index-builder"
"""What the server's views call these sessions."""
LATER = psycopg.OperationalError
"""A lock or time that ran out, a full disk, a server that went away: all may be better later."""
_CONNECT_SECONDS = 5
_ADDRESS = "check that it runs, and host, user and password of postgres.builder_dsn"


@contextmanager
def builder_session(settings: PostgresSettings, queries: str = "index.sql") -> Iterator[PostgresSession]:
    """A session by `settings.builder_dsn`, with the queries of this file. No message holds the password.

    Raises ConfigurationError for a bad connection string, KnobBusyError when later may work, else KnobError.
    """
    dsn = settings.builder_dsn
    where = f"postgres:{settings.name}"
    if dsn is None:
        raise ConfigurationError("no role may build indexes", where=where, fix="set postgres.builder_dsn")
    limits = SessionLimits(
        application=APPLICATION,
        connect_timeout_seconds=_CONNECT_SECONDS,
        statement_timeout_seconds=settings.build_timeout_seconds,
        lock_timeout_seconds=settings.lock_timeout_seconds,
        is_read_only=False,
    )
    stack = ExitStack()
    try:
        connection = stack.enter_context(connect(dsn, limits, where="postgres.builder_dsn"))
    except psycopg.OperationalError as error:
        what = "the server cannot be reached by the role that builds indexes"
        raise KnobBusyError(what, where=where, fix=_ADDRESS) from error
    try:
        with stack:
            yield PostgresSession(connection, NamedSql("advisor.knobs.postgres", (queries, "quiet.sql")))
    except LATER as error:
        raise KnobBusyError(f"not now: {first_line(error)}", where=where) from error
    except psycopg.Error as error:
        raise KnobError(f"the server refused: {first_line(error)}", where=where) from error
