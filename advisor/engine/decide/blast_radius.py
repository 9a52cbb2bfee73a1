"""How much a change touches, as far as a snapshot shows. Pure."""

from dataclasses import dataclass

from advisor.model.knob import Carrier, KnobTarget
from advisor.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """on_table: whether it works on a table, and then touches no instance. None: not known."""

    on_table: bool
    instances: int | None = None
    table_bytes: int | None = None


def extent_of(target: KnobTarget, snapshot: Snapshot | None) -> Extent:
    """The size of the table named in `target`, else the instances of its application that show the knob."""
    if target.kind.carrier is Carrier.DATABASE:
        return Extent(on_table=True, table_bytes=_table_bytes(target, snapshot))
    return Extent(on_table=False, instances=_instances(target, snapshot))


def _table_bytes(target: KnobTarget, snapshot: Snapshot | None) -> int | None:
    look = snapshot.databases.get(target.get("database")) if snapshot is not None else None
    table = look.table(target.get("schema"), target.get("table")) if look is not None else None
    return table.size_bytes if table is not None else None


def _instances(target: KnobTarget, snapshot: Snapshot | None) -> int | None:
    app, pool = target.get("app"), target.get("pool")
    if snapshot is None or not app:
        return None
    shown = snapshot.shown(target)
    if shown:
        return len({key.label("instance") for key in shown})
    counter = target.kind.instances_signal
    of = {"app": app, "pool": pool} if pool else {"app": app}
    counted = snapshot.value(counter, **of) if counter else None
    return round(counted) if counted is not None else None
