"""Sees to it that the limits of a session are in force, whatever stands between us and the server.

A pooler may refuse or forget what a client asks for when it connects, and in transaction mode each statement may run in
another server's session; a plain SET would stay there for the application. So behind one, all of our session is one
read-only transaction with limits of its own, and it is rolled back.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from psycopg.pq import TransactionStatus

from advisor.clients.postgres_address import PostgresAddress
from advisor.model.errors import ConfigurationError

_FIX = "give the address of Postgres itself, or of a pool in session or transaction mode"
_IN_FORCE = (
    "SELECT pg_catalog.pg_backend_pid(), (SELECT pg_catalog.jsonb_object_agg(name, setting) "
    "FROM pg_catalog.pg_settings WHERE name = ANY (%s)) /* advisor */"
)
_SET = (
    "SELECT pg_catalog.count(pg_catalog.set_config(key, value, true)) "
    "FROM pg_catalog.jsonb_each_text(%s::pg_catalog.jsonb) /* advisor */"
)


class Limits(Protocol):
    """What `held` needs to know of them."""

    @property
    def is_read_only(self) -> bool: ...

    def settings(self) -> dict[str, str]:
        """By the server's names."""


@contextmanager
def held(connection: psycopg.Connection[Any], address: PostgresAddress, limits: Limits, where: str) -> Iterator[None]:
    """Raises ConfigurationError where a limit cannot be put in force: then nothing may be read."""
    wanted = limits.settings()
    if _is_held(connection, wanted, where):
        yield
        return
    if not limits.is_read_only:
        what = "a pooler stands between, which does not hold a session to its limits"
        raise ConfigurationError(what, where=where, fix="give the address of Postgres itself")
    connection.prepare_threshold = None
    try:
        connection.execute("BEGIN READ ONLY /* advisor */")
        # These first: what the user asks for must not undo them.
        local = {**address.settings(), **wanted, "transaction_read_only": "on"}
        del local["default_transaction_read_only"]
        connection.execute(_SET, (json.dumps(local),))
        found = _in_force(connection, list(local))[1]
    except psycopg.Error as error:
        raise _refused(error, where) from error
    missing = [name for name in (*wanted, "transaction_read_only") if name in local and found[name] != local[name]]
    if missing:
        raise ConfigurationError(f"{', '.join(missing)} cannot be set through this pooler", where=where, fix=_FIX)
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK /* advisor */")


@contextmanager
def refusable(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """What the server refuses in here spoils no transaction that it is part of."""
    if connection.info.transaction_status is not TransactionStatus.INTRANS:
        yield
        return
    connection.execute("SAVEPOINT advisor /* advisor */")
    try:
        yield
    except psycopg.Error:
        if not connection.closed:
            connection.execute("ROLLBACK TO SAVEPOINT advisor /* advisor */")
        raise
    connection.execute("RELEASE SAVEPOINT advisor /* advisor */")


def _is_held(connection: psycopg.Connection[Any], wanted: Mapping[str, str], where: str) -> bool:
    """Whether the server itself talks to us, with all that we asked for; a pooler tells a process number of its own."""
    try:
        pid, found = _in_force(connection, list(wanted))
    except psycopg.Error as error:
        raise _refused(error, where) from error
    return bool(pid == connection.info.backend_pid and all(found.get(key) == wanted[key] for key in wanted))


def _in_force(connection: psycopg.Connection[Any], names: list[str]) -> tuple[int, dict[str, str]]:
    row = connection.execute(_IN_FORCE, (names,)).fetchone()
    if row is None:
        raise psycopg.OperationalError("the settings of the session cannot be read")
    return row[0], row[1] or {}


def _refused(error: psycopg.Error, where: str) -> Exception:
    """Words of the pooler; trouble with the server itself stays what it is."""
    words = (str(error).strip() or type(error).__name__).splitlines()[0]
    if isinstance(error, psycopg.errors.ProtocolViolation) or "pooling mode" in words:
        return ConfigurationError(f"nothing can be read through this pooler: {words}", where=where, fix=_FIX)
    return error
