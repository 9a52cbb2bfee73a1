"""Brings the journal to the newest version. Run by `revision.bring_to_head` in a process of its own."""

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url

from advisor.journal.connection import make_engine
from advisor.journal.revision import URL_VARIABLE

_LOCK_KEY = 5_846_231_107  # any number that no other program is likely to lock


def main() -> int:
    """The URL comes by the environment, so that no password stands on the command line."""
    engine = make_engine(make_url(os.environ[URL_VARIABLE]), read_only=False)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:  # on SQLite this already shuts every other writer out
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return 0


if __name__ == "__main__":
    sys.exit(main())
