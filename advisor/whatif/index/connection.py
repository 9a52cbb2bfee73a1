"""The connection that the index adviser plans on: one, read-only, bounded, and known by its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from pydantic import SecretStr

from advisor.model.errors import BadDataError, ConfigurationError, SourceUnavailableError


@contextmanager
def planning_connection(dsn: SecretStr, timeout_seconds: float) -> Iterator[psycopg.Connection[Any]]:
    """A connection that cannot write. Its search path is the role's own, as the application's most likely is.

    timeout_seconds: for each statement. Raises ConfigurationError, SourceUnavailableError, BadDataError.
    """
    milliseconds = round(timeout_seconds * 1000)
    options = (
        f"-c default_transaction_read_only=on -c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
        " -c idle_in_transaction_session_timeout=60000"
    )
    try:
        connection = psycopg.connect(
            dsn.get_secret_value(),
            autocommit=True,
            connect_timeout=max(2, round(timeout_seconds)),
            application_name="advisor-index-planner",
            options=options,
            prepare_threshold=None,
        )
    except psycopg.ProgrammingError as error:
        fix = "write postgresql://USER:PASSWORD@HOST:5432/DATABASE"
        raise ConfigurationError("not a connection string", where="postgres.dsn", fix=fix) from error
    except psycopg.OperationalError as error:
        raise SourceUnavailableError("the server cannot be reached", where="index planner") from error
    with connection:
        try:
            yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            fix = "GRANT pg_monitor and SELECT on the tables to the reading role"
            raise BadDataError(f"not allowed: {error.diag.message_primary}", where="index planner", fix=fix) from error
        except psycopg.Error as error:
            what = error.diag.message_primary or type(error).__name__
            raise SourceUnavailableError(what, where="index planner") from error
