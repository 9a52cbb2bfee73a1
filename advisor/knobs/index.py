"""The knob `postgres.index`: builds an index without blocking writes, and drops what it built.

An index is ours by name, definition and the comment on it. Only ours is ever dropped; one of the same name that is
anything else belongs to somebody. A failed or interrupted concurrent build leaves an INVALID index, which costs
writes and serves nobody: it counts as fallen back, and is dropped.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from advisor.knobs.index_definition import IndexDefinition, definition_of, mark
from advisor.model.errors import KnobBusyError, KnobError, TransientError
from advisor.model.knob import Order, Standing, StandingKind
from advisor.settings.connections import PostgresSettings

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_OLDEST_TRANSACTION_SECONDS = 30.0
_KINDS = {"v": "view", "m": "materialised view", "f": "foreign table", "p": "partitioned table"}
_LATER = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.DiskFull,
)


class PostgresIndexKnob:
    """Implements Knob on one database. Every call uses a connection of its own."""

    def __init__(self, settings: PostgresSettings) -> None:
        if settings.builder_dsn is None:
            raise ValueError("a PostgresIndexKnob needs a builder_dsn")
        self._dsn = settings.builder_dsn
        self._settings = settings

    def inspect(self, order: Order) -> Standing:
        wanted = definition_of(order)
        with self._session() as session:
            return _stand(session, wanted, order.change_id)

    def apply(self, order: Order) -> None:
        """Build it, and return when it is valid. Waits for locks only as long as lock_timeout says."""
        wanted = definition_of(order)
        with self._session() as session:
            standing = _stand(session, wanted, order.change_id)
            if standing.kind is StandingKind.NEW:
                return
            if standing.kind is not StandingKind.OLD:
                raise KnobBusyError(f"{standing.kind}: {standing.detail}", where=str(order.target))
            self._check_may_build(session, wanted)
            try:
                session.execute(wanted.create())
                session.execute(wanted.comment(order.change_id))
            except psycopg.Error as error:
                self._clean_up(wanted, order.change_id)
                kind = KnobBusyError if isinstance(error, _LATER) else KnobError
                raise kind(f"the build failed: {_first_line(error)}", where=str(order.target)) from error

    def restore(self, order: Order) -> None:
        """Drop it if it is ours."""
        wanted = definition_of(order)
        with self._session() as session:
            standing = _stand(session, wanted, order.change_id)
            if standing.kind in (StandingKind.OLD, StandingKind.FOREIGN):
                return
            if standing.kind is StandingKind.PENDING:
                raise KnobBusyError(f"it is being built: {standing.detail}", where=str(order.target))
            try:
                session.execute(wanted.drop())
            except _LATER as error:
                raise KnobBusyError(f"cannot be dropped now: {_first_line(error)}", where=str(order.target)) from error

    def hold(self, order: Order) -> None:
        """An index has no dead man's switch."""

    def _check_may_build(self, session: "_Session", wanted: IndexDefinition) -> None:
        where = f"{wanted.schema}.{wanted.table}"
        if session.rows("recovery")[0]["is_replica"]:
            raise KnobError("this server is a replica", where=where, fix="point postgres.builder_dsn at the primary")
        found = session.rows("relation", {"schema": wanted.schema, "table": wanted.table})
        if not found:
            raise KnobError("there is no such table", where=where)
        if found[0]["kind"] != "r":
            kind = _KINDS.get(found[0]["kind"], "relation of another kind")
            raise KnobError(f"it is a {kind}", where=where, fix="build the index on the ordinary tables beneath")
        if session.rows("builds", {"schema": wanted.schema, "table": wanted.table}):
            raise KnobBusyError("another index is being built", where=where)
        oldest = session.rows("longest_transaction")
        if oldest and oldest[0]["seconds"] > _OLDEST_TRANSACTION_SECONDS:
            pid, seconds = oldest[0]["pid"], oldest[0]["seconds"]
            raise KnobBusyError(f"the build would wait for a transaction of {seconds:.0f} s (pid {pid})", where=where)

    def _clean_up(self, wanted: IndexDefinition, change_id: str) -> None:
        """Drop the INVALID remains of a failed build. What cannot be dropped now is seen by the next inspect."""
        try:
            with self._session() as session:
                if _stand(session, wanted, change_id).kind is StandingKind.LAPSED:
                    session.execute(wanted.drop())
        except (TransientError, psycopg.Error):
            return

    @contextmanager
    def _session(self) -> Iterator["_Session"]:
        options = (
            f"-c lock_timeout={round(self._settings.lock_timeout_seconds * 1000)}"
            f" -c statement_timeout={round(self._settings.build_timeout_seconds * 1000)} -c search_path=pg_catalog"
        )
        where = f"postgres:{self._settings.name}"
        try:
            connection = psycopg.connect(
                self._dsn.get_secret_value(),
                autocommit=True,
                row_factory=dict_row,
                connect_timeout=5,
                application_name="advisor-index-builder",
                options=options,
            )
        except psycopg.OperationalError as error:
            raise KnobBusyError("the server cannot be reached by the role that builds indexes", where=where) from error
        with connection:
            yield _Session(connection)


class _Session:
    """Named queries and composed statements on one connection."""

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self._connection = connection

    def rows(self, name: str, values: Mapping[str, Any] | None = None) -> list[DictRow]:
        return self._connection.execute(sql.SQL(_queries()[name]), values).fetchall()

    def execute(self, statement: sql.Composed) -> None:
        self._connection.execute(statement)


def _stand(session: _Session, wanted: IndexDefinition, change_id: str) -> Standing:
    """Where the index stands. A build that is under way is only watched."""
    found = session.rows("index", {"schema": wanted.schema, "index": wanted.name})
    if not found:
        return Standing(kind=StandingKind.OLD, live=None, detail="there is no such index")
    index = found[0]
    live = f"{wanted.schema}.{wanted.name}"
    same = index["is_plain"] and index["table"] == wanted.table and tuple(index["columns"]) == wanted.columns
    if not same or index["comment"] not in (None, mark(change_id)):
        return Standing(kind=StandingKind.FOREIGN, live=live, detail="an index of this name is not ours")
    if index["is_valid"]:
        return Standing(kind=StandingKind.NEW, live=live, detail="valid")
    for build in session.rows("builds", {"schema": wanted.schema, "table": wanted.table}):
        if build["oid"] == index["oid"]:
            detail = f"{build['phase']}, block {build['done']} of {build['total']}"
            return Standing(kind=StandingKind.PENDING, live=live, detail=detail)
    return Standing(kind=StandingKind.LAPSED, live=live, detail="INVALID remains of a build that did not end")


@cache
def _queries() -> Mapping[str, str]:
    parts = _NAME.split(files("advisor.knobs").joinpath("index.sql").read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _first_line(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
