"""The knob `postgres.autovacuum`: storage parameters of one table, which take effect with autovacuum's next round.

A value is a list such as "autovacuum_vacuum_cost_limit=2000, autovacuum_vacuum_scale_factor=0.02"; "default" stands
for a parameter the table does not set. Both values of an order name the same parameters; all others are left alone.
"""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager

from psycopg import sql
from psycopg.rows import DictRow

from advisor.clients.postgres import PostgresSession
from advisor.knobs.postgres.builder_session import builder_session
from advisor.knobs.postgres.quiet import QuietMoment
from advisor.model.errors import KnobBusyError, KnobError
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.settings.postgres import PostgresSettings

DEFAULT = "default"
PARAMETERS = (
    "autovacuum_enabled",
    "autovacuum_analyze_scale_factor",
    "autovacuum_analyze_threshold",
    "autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_threshold",
)
"""What the knob may touch."""

_SETTING = re.compile(r"([a-z_]+)=(default|true|false|on|off|yes|no|\d+(?:\.\d+)?)")


class PostgresAutovacuumKnob:
    """Implements Knob on one database. Every call uses a connection of its own."""

    def __init__(self, settings: PostgresSettings) -> None:
        self._settings = settings
        self._quiet = QuietMoment(settings.quiet)

    def inspect(self, order: Order) -> KnobStatus:
        with self._session() as session:
            status = _stand(_table(session, order), order)
            return self._quiet.weighed(session, status, behind_transactions=False)

    def apply(self, order: Order) -> None:
        self._move(order, _values(order.new, order), wanted=KnobState.NEW, expected=KnobState.OLD)

    def restore(self, order: Order) -> None:
        """Put every parameter back, RESET where the table had set none; somebody else's value is left alone."""
        self._move(order, _values(order.old, order), wanted=KnobState.OLD, expected=KnobState.NEW)

    def renew(self, order: Order) -> None:
        """A storage parameter has no dead man's switch."""

    def _move(self, order: Order, values: Mapping[str, str], *, wanted: KnobState, expected: KnobState) -> None:
        """One ALTER TABLE for all parameters: they change together or not at all."""
        where = str(order.target)
        with self._session() as session:
            table = _table(session, order)
            status = _stand(table, order)
            if status.kind is wanted or (status.kind is KnobState.FOREIGN and wanted is KnobState.OLD):
                return
            if status.kind is not expected or table is None:
                raise KnobBusyError(f"{status.kind}: {status.detail}", where=where)
            if table["is_replica"]:
                raise KnobError(
                    "this server is a replica", where=where, fix="point postgres.builder_dsn at the primary"
                )
            if not table["is_owner"]:
                fix = f'GRANT "{table["owner"]}" TO the building role'
                raise KnobError("the building role does not own the table", where=where, fix=fix)
            if wanted is KnobState.NEW:  # a way back that is owed waits for no quiet moment
                self._quiet.check(session, where, behind_transactions=False)
            self._quiet.run(session, _alter(order, values), where)

    def _session(self) -> AbstractContextManager[PostgresSession]:
        return builder_session(self._settings, "maintenance.sql")


def _stand(table: DictRow | None, order: Order) -> KnobStatus:
    old, new = _values(order.old, order), _values(order.new, order)
    if set(old) != set(new) or old == new:
        raise KnobError("the order's old and new values do not name the same parameters", where=str(order.target))
    if table is None or table["kind"] != "r":
        return KnobStatus(kind=KnobState.FOREIGN, detail="there is no such ordinary table")
    options = dict(text.split("=", 1) for text in table["options"])
    live = {name: options.get(name, DEFAULT) for name in new}
    text = parameters_text(live)
    if _same(live, new):
        return KnobStatus(kind=KnobState.NEW, live=text, detail="set on the table")
    if _same(live, old):
        return KnobStatus(kind=KnobState.OLD, live=text, detail="as it was")
    return KnobStatus(kind=KnobState.FOREIGN, live=text, detail="somebody else set the table's parameters")


def _same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """0.10 and 0.1 are one value, and so are on and true."""
    return all(_plain(one[name]) == _plain(other[name]) for name in other)


def _plain(value: str) -> str | float:
    known = {"on": "true", "off": "false", "yes": "true", "no": "false"}
    try:
        return float(value)
    except ValueError:
        return known.get(value, value)


def _values(value: KnobValue, order: Order) -> dict[str, str]:
    """The parameters of a value, by a strict grammar. Raises KnobError."""
    found = {}
    for part in str(value).split(", "):
        setting = _SETTING.fullmatch(part)
        if setting is None or setting[1] not in PARAMETERS:
            raise KnobError(
                f"{part!r} is not a parameter this knob sets",
                where=str(order.target),
                fix=f"one of {', '.join(PARAMETERS)}",
            )
        found[setting[1]] = setting[2]
    return found


def parameters_text(values: Mapping[str, str]) -> str:
    """A value as the orders carry it."""
    return ", ".join(f"{name}={values[name]}" for name in sorted(values))


def _alter(order: Order, values: Mapping[str, str]) -> sql.Composed:
    set_now = {name: value for name, value in values.items() if value != DEFAULT}
    parts: list[sql.Composable] = []
    if set_now:
        pairs = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(value)) for name, value in set_now.items()]
        parts.append(sql.SQL("SET ({})").format(sql.SQL(", ").join(pairs)))
    reset = [sql.Identifier(name) for name in values if name not in set_now]
    if reset:
        parts.append(sql.SQL("RESET ({})").format(sql.SQL(", ").join(reset)))
    name = sql.Identifier(order.target.get("schema"), order.target.get("table"))
    return sql.SQL("ALTER TABLE {} {}").format(name, sql.SQL(", ").join(parts))


def _table(session: PostgresSession, order: Order) -> DictRow | None:
    rows = session.rows("table", {"schema": order.target.get("schema"), "table": order.target.get("table")})
    return rows[0] if rows else None
