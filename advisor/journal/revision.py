"""Which version the journal's tables are of. Alembic is heavy: it runs in a process of its own, when needed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, inspect, text

from advisor.journal.connection import translated, writing
from advisor.model.errors import JournalError

HEAD = "0003"
"""The newest of migrations/versions; a journal that has none of them yet is made from nothing."""
OLDER: tuple[str, ...] = ("0001", "0002")
URL_VARIABLE = "ADVISOR_JOURNAL_MIGRATE_URL"
_MIGRATE_SECONDS = 60


def bring_to_head(engine: Engine, url: URL) -> None:
    """Make or migrate the tables. Raises JournalError for a newer journal, or when the migration fails."""
    with engine.connect() as connection:
        revision = _revision_of(connection)
    if revision != HEAD:
        if revision is not None and revision not in OLDER:
            raise _not_ours(revision)
        _migrate(url)


def check_head(connection: Connection) -> None:
    """Raises JournalError unless the journal is there and of this program's version."""
    revision = _revision_of(connection)
    if revision is None:
        raise JournalError("there is no journal yet", where="journal.url", fix="start `advisor run` once")
    if revision in OLDER:
        raise JournalError(
            f"the journal is of the older version {revision}", where="journal.url", fix="start `advisor run` once"
        )
    if revision != HEAD:
        raise _not_ours(revision)


@contextmanager
def writing_at_head(engine: Engine, url: URL) -> Iterator[Connection]:
    """A write to a journal of this version: a newer program may have migrated it while this one was running."""
    with translated(url), writing(engine) as connection:
        check_head(connection)
        yield connection


def _revision_of(connection: Connection) -> str | None:
    """The stored revision; None for a database without a journal."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def _migrate(url: URL) -> None:
    try:
        result = subprocess.run(
            [sys.executable, "-P", "-m", "advisor.journal.migrate"],  # -P: import nothing from the folder we are in
            env={**os.environ, URL_VARIABLE: url.render_as_string(hide_password=False)},
            capture_output=True,
            text=True,
            timeout=_MIGRATE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JournalError("the migration did not end", where="journal.url", fix="start the advisor again") from error
    if result.returncode != 0:
        detail = (result.stderr.strip().splitlines() or ["no message"])[-1]
        if url.password:
            detail = detail.replace(str(url.password), "***")
        raise JournalError(f"the migration failed: {detail}", where="journal.url", fix="nothing was changed")


def _not_ours(revision: str) -> JournalError:
    return JournalError(
        f"the journal is of version {revision}, newer than this program",
        where="journal.url",
        fix="use the version of the advisor that wrote it",
    )
