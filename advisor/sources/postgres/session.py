"""A short, read-only session that bounds what it costs the server."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from pydantic import SecretStr

from advisor.clients.named_sql import NamedSql
from advisor.clients.postgres import PostgresSession, SessionLimits, connect, first_line, shown_dsn
from advisor.model.errors import BadDataError, SourceUnavailableError

_QUERIES = NamedSql("advisor.sources.postgres", ("queries.sql",), is_carried=True)


@contextmanager
def read_only_session(dsn: SecretStr, timeout_seconds: float) -> Iterator[PostgresSession]:
    """A session that cannot write and gives up on its own.

    Raises ConfigurationError for a bad connection string, SourceUnavailableError when there is no server or no time,
    BadDataError when a query is refused. No message holds the password.
    """
    where = shown_dsn(dsn)
    limits = SessionLimits(
        application="advisor",
        connect_timeout_seconds=timeout_seconds,
        statement_timeout_seconds=timeout_seconds,
        lock_timeout_seconds=timeout_seconds,
        is_read_only=True,
    )
    try:
        with connect(dsn, limits) as connection:
            yield PostgresSession(connection, _QUERIES)
    except psycopg.errors.QueryCanceled as error:
        raise SourceUnavailableError(f"a query took more than {timeout_seconds:g} s", where=where) from error
    except psycopg.errors.InsufficientPrivilege as error:
        fix = "GRANT pg_monitor TO the reading role"
        raise BadDataError(f"not allowed: {first_line(error)}", where=where, fix=fix) from error
    except psycopg.OperationalError as error:
        fix = "check that it runs, and host, user and password of the dsn"
        raise SourceUnavailableError(first_line(error, dsn), where=where, fix=fix) from error
    except psycopg.Error as error:
        raise BadDataError(first_line(error, dsn), where=where) from error
