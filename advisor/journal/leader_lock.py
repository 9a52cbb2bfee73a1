"""The lock that only one advisor at a time can hold, where the journal lies: in Postgres, or beside the SQLite file.

Both are freed by the system itself when their holder ends, however that happens. A holder that is frozen or cut off
loses its lock after the lease: Postgres then ends its silent session, and a file that was not touched is replaced.
"""

import fcntl
import os
import time
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from advisor.journal.connection import parse_url, translated
from advisor.model.errors import JournalError
from advisor.ports.journal import LeaderLock

_KEY = 5_846_231_108  # any number that no other program is likely to lock
_CONNECT_SECONDS = 5


def open_lock(url: SecretStr | str, lease_seconds: float) -> LeaderLock:
    """The lock of the journal at `url`. lease_seconds: silence after which a holder has lost it."""
    parsed = parse_url(url)
    if parsed.drivername.startswith("sqlite"):
        path = Path(parsed.database or "").absolute()
        return FileLock(path.with_name(path.name + ".leader"), lease_seconds)
    return PostgresLock(parsed, lease_seconds)


class PostgresLock:
    """An advisory lock on a session of its own, which Postgres (14 and newer) ends when it is silent for the lease."""

    def __init__(self, url: URL, lease_seconds: float) -> None:
        milliseconds = round(lease_seconds * 1000)
        arguments = {
            "connect_timeout": _CONNECT_SECONDS,
            "tcp_user_timeout": milliseconds,
            "application_name": "advisor-leader",
            "options": f"-c statement_timeout={milliseconds} -c idle_session_timeout={milliseconds}",
        }
        self._url = url
        self._engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments)
        self._session: Connection | None = None
        self._holdings = 0

    def hold(self) -> int | None:
        if self._session is not None and _answers(self._session):
            return self._holdings
        self.release()
        with translated(self._url):
            session = self._engine.connect()
            try:
                won = session.exec_driver_sql(f"SELECT pg_try_advisory_lock({_KEY})").scalar()
            except SQLAlchemyError:
                session.invalidate()
                session.close()
                raise
        if not won:
            session.close()
            return None
        self._session = session
        self._holdings += 1
        return self._holdings

    def release(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()  # closed for good: the lock goes with the session
            session.close()


def _answers(session: Connection) -> bool:
    try:
        session.exec_driver_sql("SELECT 1")
    except SQLAlchemyError:
        return False
    return True


class FileLock:
    """A lock on a file that its holder touches. A file left untouched for the lease is replaced by a new one."""

    def __init__(self, path: Path, lease_seconds: float) -> None:
        self._path = path
        self._lease_seconds = lease_seconds
        self._descriptor: int | None = None
        self._holdings = 0

    def hold(self) -> int | None:
        try:
            if self._descriptor is not None and self._is_in_place(self._descriptor):
                os.utime(self._descriptor)
                return self._holdings
            self.release()
            self._descriptor = self._take_free() or self._take_abandoned()
        except OSError as error:
            raise JournalError(
                f"cannot be locked: {error.strerror}", where=str(self._path), fix="let the advisor's user write there"
            ) from error
        if self._descriptor is None:
            return None
        self._holdings += 1
        return self._holdings

    def release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _take_free(self) -> int | None:
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        if _locked(descriptor) and self._is_in_place(descriptor):
            os.utime(descriptor)
            return descriptor
        os.close(descriptor)
        return None

    def _take_abandoned(self) -> int | None:
        """A new file in the old one's place. Of two that do so at once the later one stays, and both hold an epoch."""
        if time.time() - self._path.stat().st_mtime <= self._lease_seconds:
            return None
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        if not _locked(descriptor):
            os.close(descriptor)
            return None
        draft.replace(self._path)
        return descriptor

    def _is_in_place(self, descriptor: int) -> bool:
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        ours = os.fstat(descriptor)
        return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
