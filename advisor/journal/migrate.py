"""Brings the journal to the newest version. Run by `revision.bring_to_head` in a process of its own."""

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url

from advisor.journal.connection import make_engine, writing
from advisor.journal.revision import URL_VARIABLE


def main() -> int:
    """The URL comes by the environment, so that no password stands on the command line."""
    engine = make_engine(make_url(os.environ[URL_VARIABLE]), read_only=False)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with writing(engine) as connection:  # whoever comes second waits here, and then finds nothing to do
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
