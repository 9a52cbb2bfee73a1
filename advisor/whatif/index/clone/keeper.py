"""The clone of one database, kept from one look to the next and brought up to date by what has changed."""

import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from advisor.model.errors import SourceUnavailableError
from advisor.whatif.index.catalogue.tables import Catalogue
from advisor.whatif.index.clone.build import NOT_BY_BYTE, build, opened
from advisor.whatif.index.clone.clone import ClonePricing
from advisor.whatif.index.clone.database import Clone
from advisor.whatif.index.clone.refresh import refresh
from advisor.whatif.index.clone.server import CloneServer, StartServer
from advisor.whatif.index.clone.source import Blueprint, Connection, read_blueprint

_MOST_TABLES = 500
_MOST_FAILURES = 3


@dataclass(slots=True)
class CloneKeeper:
    """start_server: gives the connection string of a PostgreSQL 18 of our own with these settings. built: how often a
    clone was made, and not brought up to date. missing: what the present one lacks, and why it matters.

    For one database. A clone is made when it is first asked for, and lives until `close`.
    """

    start_server: StartServer
    built: int = 0
    missing: list[str] = field(default_factory=list)
    _server: CloneServer | None = None
    _known: Blueprint | None = None
    _failures: int = 0

    def pricing(
        self,
        source: Connection,
        catalogue: Catalogue,
        stack: ExitStack,
        seconds_left: Callable[[], float] = lambda: math.inf,
    ) -> ClonePricing:
        """Prices on a clone that is as `source` is now, until `stack` is closed. seconds_left: to make it.

        Raises SourceUnavailableError when there can be no clone.
        """
        known = self._known if self._known is not None and len(self._known.tables) < _MOST_TABLES else None
        wanted = read_blueprint(source, catalogue, known)
        try:
            clone = self._refreshed(wanted, stack) or self._built(wanted, stack, seconds_left)
        except SourceUnavailableError:
            self.close()
            raise
        except psycopg.Error as error:
            self.close()
            raise SourceUnavailableError(type(error).__name__, where="planner clone") from error
        self._known = wanted
        return ClonePricing(clone, catalogue)

    def close(self) -> None:
        """Ends the server; its folder goes with it."""
        self._known = None
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _refreshed(self, wanted: Blueprint, stack: ExitStack) -> Clone | None:
        if self._server is None or self._known is None:
            return None
        try:
            clone = opened(_connection(self._server, stack))
            clone.missing = list(self.missing)
            done = refresh(clone, self._known, wanted)
        except psycopg.Error:  # somebody ended it
            return None
        self.missing = list(dict.fromkeys(clone.missing))
        return clone if done else None

    def _built(self, wanted: Blueprint, stack: ExitStack, seconds_left: Callable[[], float]) -> Clone:
        self.close()
        if self._failures >= _MOST_FAILURES:
            raise SourceUnavailableError(f"it could not be made {self._failures} times", where="planner clone")
        self._failures += 1  # until it is there
        self._server = CloneServer(self.start_server, seconds_left())
        if not wanted.sorts_by_byte:
            _sort_otherwise(self._server)
        clone = build(_connection(self._server, stack), wanted, seconds_left)
        self.built, self._failures = self.built + 1, 0
        self.missing = clone.missing
        return clone


def _connection(server: CloneServer, stack: ExitStack) -> Connection:
    """Without limits: the server is our own, and nobody else waits there."""
    return stack.enter_context(psycopg.connect(server.dsn, autocommit=True, prepare_threshold=None))


def _sort_otherwise(server: CloneServer) -> None:
    """Holds for new connections. The database is empty: nothing is sorted in another order yet."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        name = sql.Literal(NOT_BY_BYTE)
        if connection.execute(sql.SQL("SELECT 1 FROM pg_collation WHERE collname = {}").format(name)).fetchone():
            change = "UPDATE pg_database SET datcollate = {0}, datctype = {0} WHERE datname = current_database()"
            connection.execute(sql.SQL(change).format(name))
