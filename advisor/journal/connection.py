"""Opens the journal's database, says what a transaction is there, and translates its errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from advisor.model.errors import ConfigurationError, JournalError

_BUSY_SECONDS = 5.0
_NO_ROOM = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_WRITES = "journal_writes"
_LOCK_KEY = 5_846_231_107  # any number that no other program is likely to lock
_POSTGRES = {"connect_timeout": 5, "application_name": "advisor-journal"}


def parse_url(url: SecretStr | str) -> URL:
    """The URL of a SQLite file or a Postgres. Raises ConfigurationError, without the URL's password."""
    fix = "write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
    try:
        parsed = make_url(url.get_secret_value() if isinstance(url, SecretStr) else url)
    except (ArgumentError, ValueError):
        # `from None`: what could not be read may hold a piece of the password.
        raise ConfigurationError("not a database URL", where="journal.url", fix=fix) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise ConfigurationError(f"{parsed.drivername} is not supported", where="journal.url", fix=fix)
    if parsed.drivername.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise ConfigurationError("a journal in memory would be lost", where="journal.url", fix=fix)
    return parsed


def make_engine(url: URL, *, read_only: bool) -> Engine:
    """An engine for `url`. Raises JournalError when a SQLite file cannot be made, or read because it is not there."""
    if url.drivername.startswith("sqlite"):
        return _sqlite_engine(Path(url.database or "").absolute(), read_only=read_only)
    options = "-c statement_timeout=10000 -c lock_timeout=5000"
    if read_only:
        options += " -c default_transaction_read_only=on"
    return create_engine(url, poolclass=NullPool, connect_args={**_POSTGRES, "options": options})


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: one at a time in the whole journal, so that what it has read still holds."""
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
        yield connection


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """The database's errors as JournalError, with the journal's address and without its password."""
    try:
        yield
    except (SQLAlchemyError, UnicodeError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        if url.password:
            cause = cause.replace(str(url.password), "***")
        raise JournalError(
            cause,
            where=f"journal {url.render_as_string(hide_password=True)}",
            fix="nothing is changed until it can be written again",
        ) from error


def _sqlite_engine(path: Path, *, read_only: bool) -> Engine:
    if not path.parent.is_dir():
        raise JournalError(f"the folder {path.parent} does not exist", where="journal.url", fix="create it")
    if read_only and not path.exists():
        raise JournalError(f"there is no journal {path} yet", where="journal.url", fix="start `advisor run` once")
    if not read_only:
        try:
            path.touch(mode=0o600)
        except OSError as error:
            raise JournalError(
                f"cannot write {path}: {error.strerror}", where="journal.url", fix="let the advisor's user write there"
            ) from error

    def connect() -> sqlite3.Connection:
        return _open_to_read(path) if read_only else _open_to_write(path)

    # One connection stays open: it holds the index of the write-ahead log, which a full disk has no room to make anew.
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=4)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Take the write lock at once: a transaction that reads first could not be upgraded behind a writer.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _open_to_write(path: Path) -> sqlite3.Connection:
    connection = _open_file(path, "mode=rw")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _open_to_read(path: Path) -> sqlite3.Connection:
    """Reading, too, makes a small file beside the journal, for which a full disk or a closed folder has no room.

    Then nobody can be writing, and with nothing left in the write-ahead log the journal itself is complete.
    """
    connection = _open_file(path, "mode=ro")
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        log = path.with_name(path.name + "-wal")
        is_complete = not log.exists() or log.stat().st_size == 0
        if error.sqlite_errorcode & 0xFF not in _NO_ROOM or not is_complete:
            raise
        return _open_file(path, "mode=ro&immutable=1")
    return connection


def _open_file(path: Path, mode: str) -> sqlite3.Connection:
    # isolation_level None: the driver begins no transaction by itself, `begin` above does.
    return sqlite3.connect(
        f"{path.as_uri()}?{mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
