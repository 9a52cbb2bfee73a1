"""The knob `postgres.index`: builds an index without blocking writes, and drops what it built.

An index is ours by name, definition and the comment on it, which also holds the term of its last writer. Only ours
is ever dropped; one of the same name that is anything else belongs to somebody. A failed or interrupted concurrent
build leaves an INVALID index, which costs writes and serves nobody, and is dropped.
"""

from contextlib import AbstractContextManager

import psycopg

from advisor.clients.postgres import PostgresSession, first_line
from advisor.knobs.postgres.builder_session import LATER, builder_session
from advisor.knobs.postgres.index_definition import IndexDefinition, Mark, definition_of, read_mark
from advisor.knobs.postgres.quiet import QuietMoment
from advisor.model.errors import AdvisorError, KnobBusyError, KnobError, PermanentError, StaleEpochError
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.settings.postgres import PostgresSettings

_KINDS = {"v": "view", "m": "materialised view", "f": "foreign table", "p": "partitioned table"}


class PostgresIndexKnob:
    """Implements Knob on one database. Every call uses a connection of its own."""

    def __init__(self, settings: PostgresSettings) -> None:
        if settings.builder_dsn is None:
            raise ValueError("a PostgresIndexKnob needs a builder_dsn")
        self._settings = settings
        self._quiet = QuietMoment(settings.quiet)

    def inspect(self, order: Order) -> KnobStatus:
        """Where the index stands; UNKNOWN with the reason where that will not go away by itself."""
        try:
            wanted = definition_of(order)
            with self._session() as session:
                status = _stand(session, wanted, order.change_id)
                return self._quiet.weighed(session, status, behind_transactions=True)
        except PermanentError as error:
            return KnobStatus(kind=KnobState.UNKNOWN, detail=str(error))

    def apply(self, order: Order) -> None:
        """Build it, and return when it is valid. Waits for locks only as long as lock_timeout says."""
        wanted = definition_of(order)
        with self._session() as session:
            _check_epoch(session, wanted, order)
            status = _stand(session, wanted, order.change_id)
            if status.kind is KnobState.NEW:
                _mark(session, wanted, order)
                return
            if status.kind is KnobState.FOREIGN:
                raise KnobError(status.detail, where=str(order.target), fix="hands off; look who made it")
            if status.kind is not KnobState.OLD:
                raise KnobBusyError(f"{status.kind}: {status.detail}", where=str(order.target))
            self._check_may_build(session, wanted)
            try:
                session.run(wanted.create())
            except psycopg.Error as error:
                if not isinstance(error, psycopg.errors.DuplicateTable):  # then it is somebody else's build
                    self._clean_up(wanted, order.change_id)
                kind = KnobBusyError if isinstance(error, LATER) else KnobError
                raise kind(f"the build failed: {first_line(error)}", where=str(order.target)) from error
            _mark(session, wanted, order)

    def restore(self, order: Order) -> None:
        """Drop it if it is ours."""
        wanted = definition_of(order)
        with self._session() as session:
            _check_epoch(session, wanted, order)
            status = _stand(session, wanted, order.change_id)
            if status.kind in (KnobState.OLD, KnobState.FOREIGN):
                return
            if status.kind is KnobState.PENDING:
                raise KnobBusyError(f"it is being built: {status.detail}", where=str(order.target))
            session.run(wanted.drop())

    def renew(self, order: Order) -> None:
        """An index has no dead man's switch; its mark takes the new term."""
        wanted = definition_of(order)
        with self._session() as session:
            _check_epoch(session, wanted, order)
            status = _stand(session, wanted, order.change_id)
            if status.kind is KnobState.NEW:
                _mark(session, wanted, order)
            elif status.kind is not KnobState.PENDING:
                raise KnobError(f"there is no index of ours to hold: {status.detail}", where=str(order.target))

    def _check_may_build(self, session: PostgresSession, wanted: IndexDefinition) -> None:
        where = f"{wanted.schema}.{wanted.table}"
        if session.rows("recovery")[0]["is_replica"]:
            raise KnobError("this server is a replica", where=where, fix="point postgres.builder_dsn at the primary")
        found = session.rows("relation", {"schema": wanted.schema, "table": wanted.table})
        if not found:
            raise KnobError("there is no such table", where=where, fix="it may have been dropped or renamed since")
        if found[0]["kind"] != "r":
            kind = _KINDS.get(found[0]["kind"], "relation of another kind")
            raise KnobError(f"it is a {kind}", where=where, fix="build the index on the ordinary tables beneath")
        if session.rows("builds", {"schema": wanted.schema, "table": wanted.table}):
            raise KnobBusyError("another index is being built", where=where)
        self._quiet.check(session, where, behind_transactions=True)

    def _clean_up(self, wanted: IndexDefinition, change_id: str) -> None:
        """Drop the INVALID remains of a failed build. What cannot be dropped now is seen by the next inspect."""
        try:
            with self._session() as session:
                if _stand(session, wanted, change_id).kind is KnobState.REMAINS:
                    session.run(wanted.drop())
        except AdvisorError:
            return

    def _session(self) -> AbstractContextManager[PostgresSession]:
        return builder_session(self._settings)


def _mark(session: PostgresSession, wanted: IndexDefinition, order: Order) -> None:
    """Write on the index whose it is, and in which term, unless that is there already."""
    mark = Mark(change=order.change_id, epoch=order.epoch)
    if read_mark(_comment(session, wanted)) != mark:
        session.run(wanted.comment(mark))


def _comment(session: PostgresSession, wanted: IndexDefinition) -> str | None:
    found = session.rows("index", {"schema": wanted.schema, "index": wanted.name})
    return found[0]["comment"] if found else None


def _check_epoch(session: PostgresSession, wanted: IndexDefinition, order: Order) -> None:
    mark = read_mark(_comment(session, wanted))
    if mark is not None and mark.epoch > order.epoch:
        what = f"term {mark.epoch} has written since; this process holds term {order.epoch}"
        raise StaleEpochError(what, where=str(order.target), fix="stop writing; the newer leader goes on")


def _stand(session: PostgresSession, wanted: IndexDefinition, change_id: str) -> KnobStatus:
    """Where the index stands. A build that is under way is only watched."""
    status = _by_catalogue(session, wanted, change_id)
    if status.kind is not KnobState.REMAINS:
        return status
    for build in session.rows("builds", {"schema": wanted.schema, "table": wanted.table}):
        if build["index"] == wanted.name:
            detail = f"{build['phase']}, block {build['done']} of {build['total']}"
            return KnobStatus(kind=KnobState.PENDING, live=status.live, detail=detail)
    # A build that ended between the two looks has left a valid index: only what is INVALID now is remains.
    return _by_catalogue(session, wanted, change_id)


def _by_catalogue(session: PostgresSession, wanted: IndexDefinition, change_id: str) -> KnobStatus:
    """By what the catalogue says: INVALID are remains, or what is still being built."""
    found = session.rows("index", {"schema": wanted.schema, "index": wanted.name})
    if not found:
        return KnobStatus(kind=KnobState.OLD, live=None, detail="there is no such index")
    index = found[0]
    live = f"{wanted.schema}.{wanted.name}"
    mark = read_mark(index["comment"])
    if not wanted.is_as(index) or (index["comment"] is not None and (mark is None or mark.change != change_id)):
        return KnobStatus(kind=KnobState.FOREIGN, live=live, detail="an index of this name is not ours")
    if index["is_valid"]:
        return KnobStatus(kind=KnobState.NEW, live=live, detail="valid")
    return KnobStatus(kind=KnobState.REMAINS, live=live, detail="INVALID remains of a build that did not end")
