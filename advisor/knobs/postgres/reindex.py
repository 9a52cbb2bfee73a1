"""The knob `postgres.reindex`: rebuilds one index beside itself, without blocking writes.

The old value is the file the index lies in; done is proven by another one. An interrupted rebuild leaves an INVALID
copy, which costs writes and serves nobody, and is dropped. There is no way back to bloat.
"""

import re
from contextlib import AbstractContextManager

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from advisor.clients.postgres import PostgresSession
from advisor.knobs.postgres.builder_session import builder_session
from advisor.knobs.postgres.maintenance import check_may_maintain
from advisor.knobs.postgres.quiet import QuietMoment
from advisor.model.errors import KnobBusyError, KnobError, TransientError
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.settings.postgres import PostgresSettings

_FILE = re.compile(r"file (\d+)")
_WORD = "REINDEX"


class PostgresReindexKnob:
    """Implements Knob on one database. Every call uses a connection of its own."""

    def __init__(self, settings: PostgresSettings) -> None:
        self._settings = settings
        self._quiet = QuietMoment(settings.quiet)

    def inspect(self, order: Order) -> KnobStatus:
        with self._session() as session:
            return self._quiet.weighed(session, _stand(session, order), behind_transactions=True)

    def apply(self, order: Order) -> None:
        """Rebuild it, and return when the new copy serves. An interrupted one is cleaned up."""
        where = str(order.target)
        if order.new != _WORD:
            raise KnobError(f"the order is not {_WORD}", where=where)
        with self._session() as session:
            status = _stand(session, order)
            if status.kind is KnobState.NEW:
                return
            if status.kind is not KnobState.OLD:
                raise KnobBusyError(f"{status.kind}: {status.detail}", where=where)
            values = {"schema": order.target.get("schema"), "table": order.target.get("table")}
            for table in session.rows("table", values):
                check_may_maintain(table, where)
            self._quiet.check(session, where, behind_transactions=True)
            try:
                self._quiet.run(session, sql.SQL("REINDEX INDEX CONCURRENTLY {}").format(_name(order)), where)
            except (KnobError, KnobBusyError):
                self._clean_up(order)
                raise

    def restore(self, order: Order) -> None:
        """Drop what an interrupted rebuild left; a rebuilt index stays as it is."""
        with self._session() as session:
            index = _index(session, order)
            if index is None:
                return
            if session.rows("builds", {"oid": index["oid"]}):
                raise KnobBusyError("it is being rebuilt", where=str(order.target))
            for remains in session.rows("remains", {"oid": index["oid"]}):
                name = sql.Identifier(order.target.get("schema"), remains["name"])
                statement = sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(name)
                self._quiet.run(session, statement, str(order.target))

    def renew(self, order: Order) -> None:
        """An index has no dead man's switch."""

    def _clean_up(self, order: Order) -> None:
        """Drop the remains of a failed rebuild. What cannot be dropped now is seen by the next inspect."""
        try:
            self.restore(order)
        except (TransientError, KnobError, psycopg.Error):
            return

    def _session(self) -> AbstractContextManager[PostgresSession]:
        return builder_session(self._settings, "maintenance.sql")


def _stand(session: PostgresSession, order: Order) -> KnobStatus:
    found = _FILE.fullmatch(str(order.old))
    if found is None:
        raise KnobError(f"{order.old!r} is not the file of an index", where=str(order.target))
    index = _index(session, order)
    if index is None or index["table"] != order.target.get("table"):
        return KnobStatus(kind=KnobState.FOREIGN, detail="there is no such index on the table")
    for build in session.rows("builds", {"oid": index["oid"]}):
        detail = f"{build['command']}: {build['phase']}, block {build['done']} of {build['total']}"
        return KnobStatus(kind=KnobState.PENDING, live=f"file {index['file']}", detail=detail)
    # A rebuild that ended between the two looks has given the name to another index.
    index = _index(session, order) or index
    live = f"file {index['file']}"
    remains = [row["name"] for row in session.rows("remains", {"oid": index["oid"]})]
    if remains:
        detail = f"INVALID remains of a rebuild that did not end: {', '.join(remains)}"
        return KnobStatus(kind=KnobState.REMAINS, live=live, detail=detail)
    if index["file"] == int(found[1]):
        return KnobStatus(kind=KnobState.OLD, live=live, detail="not rebuilt since")
    return KnobStatus(kind=KnobState.NEW, live=live, detail="rebuilt since", is_one_way=True)


def _index(session: PostgresSession, order: Order) -> DictRow | None:
    rows = session.rows("index", {"schema": order.target.get("schema"), "index": order.target.get("index")})
    return rows[0] if rows else None


def _name(order: Order) -> sql.Identifier:
    return sql.Identifier(order.target.get("schema"), order.target.get("index"))
