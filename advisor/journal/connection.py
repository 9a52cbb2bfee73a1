"""Opens the journal's database, and translates its errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from advisor.model.errors import ConfigurationError, JournalError

_BUSY_SECONDS = 5.0


def parse_url(url: SecretStr) -> URL:
    """The URL of a SQLite file or a Postgres. Raises ConfigurationError, without the URL's password."""
    fix = "write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
    try:
        parsed = make_url(url.get_secret_value())
    except ArgumentError as error:
        raise ConfigurationError("not a database URL", where="journal.url", fix=fix) from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise ConfigurationError(f"{parsed.drivername} is not supported", where="journal.url", fix=fix)
    if parsed.drivername.startswith("sqlite") and not parsed.database:
        raise ConfigurationError("a journal in memory would be lost", where="journal.url", fix=fix)
    return parsed


def make_engine(url: URL, *, read_only: bool) -> Engine:
    """An engine that keeps nothing open between uses. Raises JournalError when a SQLite file cannot be made."""
    if url.drivername.startswith("sqlite"):
        return _sqlite(url, read_only=read_only)
    options = "-c statement_timeout=10000 -c lock_timeout=5000"
    if read_only:
        options += " -c default_transaction_read_only=on"
    arguments = {"connect_timeout": 5, "application_name": "advisor-journal", "options": options}
    return create_engine(url, poolclass=NullPool, connect_args=arguments)


def _sqlite(url: URL, *, read_only: bool) -> Engine:
    path = Path(url.database or "").absolute()
    if not path.parent.is_dir():
        raise JournalError(f"the folder {path.parent} does not exist", where="journal.url", fix="create it")
    if not read_only:
        try:
            path.touch(mode=0o600)
        except OSError as error:
            raise JournalError(f"cannot write {path}: {error.strerror}", where="journal.url") from error

    def connect() -> sqlite3.Connection:
        mode = "ro" if read_only else "rw"
        return sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def harden(connection: sqlite3.Connection, _: Any) -> None:
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Take the write lock at once: a transaction that reads first could not be upgraded behind a writer.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """SQLAlchemy's errors as JournalError, with the journal's address and without its password."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]
        if url.password:
            cause = cause.replace(str(url.password), "***")
        raise JournalError(cause, where=f"journal {url.render_as_string(hide_password=True)}") from error
