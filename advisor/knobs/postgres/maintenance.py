"""The knobs `postgres.analyze` and `postgres.vacuum`: work done once, which nothing undoes and nothing has to.

The old value is when the table was last seen to, as the statistics said when it was proposed ("never" for not at all).
Done is proven by that time: one by hand that is later. When autovacuum came first the change is somebody else's.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import sql
from psycopg.rows import DictRow

from advisor.clients.postgres import PostgresSession
from advisor.knobs.postgres.builder_session import builder_session
from advisor.knobs.postgres.quiet import QuietMoment
from advisor.model.database.maintenance import NEVER
from advisor.model.errors import KnobBusyError, KnobError
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.settings.postgres import PostgresSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """word: the order's new value. by_hand, by_itself: columns that tell when it was last done.

    behind_transactions: in vain while an older transaction may still see what it would remove.
    """

    word: str
    command: sql.SQL
    by_hand: str
    by_itself: str
    behind_transactions: bool


ANALYZE = Task(
    word="ANALYZE",
    command=sql.SQL("ANALYZE {}"),
    by_hand="last_analyze",
    by_itself="last_autoanalyze",
    behind_transactions=False,
)
# Without TRUNCATE false a VACUUM may lock the table exclusively for a moment, on its replicas too.
VACUUM = Task(
    word="VACUUM",
    command=sql.SQL("VACUUM (TRUNCATE false) {}"),
    by_hand="last_vacuum",
    by_itself="last_autovacuum",
    behind_transactions=True,
)


class PostgresMaintenanceKnob:
    """Implements Knob on one database for one task. Every call uses a connection of its own."""

    def __init__(self, task: Task, settings: PostgresSettings) -> None:
        self._task = task
        self._settings = settings
        self._quiet = QuietMoment(settings.quiet)

    def inspect(self, order: Order) -> KnobStatus:
        with self._session() as session:
            status = self._stand(_table(session, order), order)
            return self._quiet.weighed(session, status, behind_transactions=self._task.behind_transactions)

    def apply(self, order: Order) -> None:
        """Do it, and return when the statistics show it."""
        where = str(order.target)
        if order.new != self._task.word:
            raise KnobError(f"the order is not {self._task.word}", where=where)
        with self._session() as session:
            table = _table(session, order)
            status = self._stand(table, order)
            if status.kind is KnobState.NEW:
                return
            if status.kind is not KnobState.OLD or table is None:
                raise KnobBusyError(f"{status.kind}: {status.detail}", where=where)
            check_may_maintain(table, where)
            self._quiet.check(session, where, behind_transactions=self._task.behind_transactions)
            name = sql.Identifier(order.target.get("schema"), order.target.get("table"))
            self._quiet.run(session, self._task.command.format(name), where)

    def restore(self, order: Order) -> None:
        """Nothing to undo: fresh statistics and removed dead rows stay."""

    def renew(self, order: Order) -> None:
        """Work that is done has no dead man's switch."""

    def _session(self) -> AbstractContextManager[PostgresSession]:
        return builder_session(self._settings, "maintenance.sql")

    def _stand(self, table: DictRow | None, order: Order) -> KnobStatus:
        if table is None:
            return KnobStatus(kind=KnobState.FOREIGN, detail="there is no such table")
        old = _moment(order)
        by_hand, by_itself = table[self._task.by_hand], table[self._task.by_itself]
        latest = max((at for at in (by_hand, by_itself) if at is not None), default=None)
        live = moment_text(latest)
        if by_hand is not None and (old is None or by_hand > old):
            return KnobStatus(kind=KnobState.NEW, live=live, detail=f"done at {live}", is_one_way=True)
        if self._task is VACUUM and table["is_being_vacuumed"]:
            return KnobStatus(kind=KnobState.PENDING, live=live, detail="a VACUUM is under way")
        if latest == old:
            return KnobStatus(kind=KnobState.OLD, live=live, detail=f"last done: {live}")
        if latest is not None and (old is None or latest > old):
            return KnobStatus(kind=KnobState.FOREIGN, live=live, detail="autovacuum has done it by itself")
        return KnobStatus(kind=KnobState.UNKNOWN, live=live, detail="the statistics were reset: nobody can tell")


def check_may_maintain(table: DictRow, where: str) -> None:
    """Raises KnobError when this server or this role cannot do it, with the GRANT that lets it."""
    if table["is_replica"]:
        raise KnobError("this server is a replica", where=where, fix="point postgres.builder_dsn at the primary")
    if not table["may_maintain"]:
        fix = f'GRANT "{table["owner"]}" TO the building role, or from 17 on GRANT pg_maintain'
        raise KnobError("the building role does not own the table", where=where, fix=fix)


def _table(session: PostgresSession, order: Order) -> DictRow | None:
    rows = session.rows("table", {"schema": order.target.get("schema"), "table": order.target.get("table")})
    return rows[0] if rows else None


def _moment(order: Order) -> datetime | None:
    if order.old == NEVER:
        return None
    try:
        return datetime.fromisoformat(str(order.old))
    except ValueError as error:
        raise KnobError(f"{order.old!r} is no time at which it was last done", where=str(order.target)) from error


def moment_text(at: datetime | None) -> str:
    """A time as the orders carry it."""
    return NEVER if at is None else at.astimezone(UTC).isoformat()
