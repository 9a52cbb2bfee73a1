"""Where a planner clone lives: the embedded PostgreSQL 18, if its wheel is here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def clone_server(settings: Mapping[str, str]) -> Iterator[str]:
    """The connection string of a server of our own, in a private folder that is wiped afterwards.

    settings: of postgresql.conf. Raises ServerUnavailableError.
    """
    from advisor.servers import postgres

    with postgres.start(settings=settings, is_lean=True) as server:
        yield server.dsn


def sweep_remains() -> None:
    """Wipe the folders of clones whose process was killed: they hold what statistics tell of users' data."""
    from advisor.servers import folders

    folders.sweep()
