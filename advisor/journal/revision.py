"""Which version the journal's tables are of. Alembic is heavy: it runs in a process of its own, when needed."""

import os
import subprocess
import sys

from sqlalchemy import URL, Engine, inspect, text

from advisor.model.errors import JournalError

HEAD = "0001"
KNOWN = ("0001",)
URL_VARIABLE = "ADVISOR_JOURNAL_MIGRATE_URL"
_MIGRATE_SECONDS = 60


def revision_of(engine: Engine) -> str | None:
    """The stored revision; None for a database without a journal."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found is not None else None


def check_readable(engine: Engine) -> None:
    """Raises JournalError for a journal that is not there or is of a version this program does not know."""
    revision = revision_of(engine)
    if revision is None:
        raise JournalError("there is no journal yet", where="journal.url", fix="start `advisor run` once")
    _refuse_unknown(revision)


def bring_to_head(engine: Engine, url: URL) -> None:
    """Make or migrate the tables. Raises JournalError for a newer journal, or when the migration fails."""
    revision = revision_of(engine)
    if revision is not None:
        _refuse_unknown(revision)
    if revision == HEAD:
        return
    result = subprocess.run(
        [sys.executable, "-m", "advisor.journal.migrate"],
        env={**os.environ, URL_VARIABLE: url.render_as_string(hide_password=False)},
        capture_output=True,
        text=True,
        timeout=_MIGRATE_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        detail = (result.stderr.strip().splitlines() or ["no message"])[-1]
        if url.password:
            detail = detail.replace(str(url.password), "***")
        raise JournalError(f"the migration failed: {detail}", where="journal.url")


def _refuse_unknown(revision: str) -> None:
    if revision not in KNOWN:
        raise JournalError(
            f"the journal is of version {revision}, newer than this program",
            where="journal.url",
            fix="use the version of the advisor that wrote it",
        )
