"""One raw look at the statistics, and what changed between two of them. Pure."""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from advisor.model.database.maintenance import (
    Bloat,
    DatabaseAge,
    ForeignKey,
    OpenTransaction,
    TableMaintenance,
    VacuumSettings,
)
from advisor.model.database.workload import Activity, Index, Statement, Table

_Row = TypeVar("_Row", Table, TableMaintenance)

_NOBODY = Activity(
    total=0, active=0, idle_in_transaction=0, longest_idle_in_transaction_seconds=0, longest_query_seconds=0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawStatement:
    """Totals of one entry of pg_stat_statements since its reset: a statement of one role.

    queryid: "" when it is the entry's key. since: when the entry began to count, known from version 17 on.
    search_path: of the role.
    """

    text: str
    calls: int
    total_seconds: float
    rows: int
    blocks_hit: int
    blocks_read: int
    queryid: str = ""
    squared_seconds: float | None = None
    plan_seconds: float = 0.0
    temp_blocks: int = 0
    since: datetime | None = None
    search_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawLook:
    """Everything read at one moment, in totals. since_reset_seconds: how long the totals have been gathered.

    tables_since_seconds: the same of the table counters; infinite where they were never reset.
    has_all_statements: no entry was left out; where some were, one that is new to the list need not be new.
    standbys: physical replicas that follow. unseen: tables that less is known of, and the remedy.
    sees_everybody: what other roles do is shown. hidden_statements: entries of other roles, whose text is not shown.
    server_at: the same moment by the server's own clock, which may differ from ours.
    """

    at: datetime
    since_reset_seconds: float
    server_version: int
    is_in_recovery: bool
    max_connections: int
    reserved_connections: int
    standbys: int = 0
    server_at: datetime | None = None
    tables_since_seconds: float = math.inf
    has_statements: bool = False
    has_all_statements: bool = True
    has_hypopg: bool = False
    statements: Mapping[str, RawStatement] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    other_relations: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    activity: Activity = _NOBODY
    skipped: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    sees_everybody: bool = True
    hidden_statements: int = 0
    maintenance: tuple[TableMaintenance, ...] = ()
    bloat: tuple[Bloat, ...] = ()
    transactions: tuple[OpenTransaction, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    ages: tuple[DatabaseAge, ...] = ()
    vacuum: VacuumSettings = field(default_factory=VacuumSettings)


class LookHistory:
    """The looks of the last `keep_seconds`, oldest first; never more than `most_looks`.

    2 hours at the default of a look every 15 s are 480. Looks that follow faster must not fill the memory.
    """

    def __init__(self, keep_seconds: float = 7200.0, most_looks: int = 500) -> None:
        self._keep_seconds = keep_seconds
        self._looks: deque[RawLook] = deque(maxlen=most_looks)

    def add(self, look: RawLook) -> None:
        self._looks.append(_sharing(look, self._looks[-1]) if self._looks else look)
        while (look.at - self._looks[0].at).total_seconds() > self._keep_seconds:
            self._looks.popleft()

    def before(self, look: RawLook, window_seconds: float) -> RawLook | None:
        """The youngest look at least `window_seconds` before `look`, else the oldest there is before it."""
        earlier = [known for known in self._looks if known.at < look.at]
        old_enough = [known for known in earlier if (look.at - known.at).total_seconds() >= window_seconds]
        return old_enough[-1] if old_enough else next(iter(earlier), None)

    def between(self, start: datetime, end: datetime) -> list[RawLook]:
        """The looks in [start, end)."""
        return [look for look in self._looks if start <= look.at < end]


def _sharing(new: RawLook, old: RawLook) -> RawLook:
    """`new`, with whatever has not changed being the very objects of `old`: hours of looks must fit in memory."""
    same = {key: old.statements.get(key) for key, statement in new.statements.items()}
    tables = {(table.schema, table.name): table for table in old.tables}
    maintenance = {(found.schema, found.table): found for found in old.maintenance}
    return replace(
        new,
        statements={
            key: known if (known := same[key]) == statement and known is not None else statement
            for key, statement in new.statements.items()
        },
        tables=_either(new.tables, [tables.get((table.schema, table.name)) for table in new.tables]),
        maintenance=_either(
            new.maintenance, [maintenance.get((found.schema, found.table)) for found in new.maintenance]
        ),
        indexes=old.indexes if old.indexes == new.indexes else new.indexes,
        foreign_keys=old.foreign_keys if old.foreign_keys == new.foreign_keys else new.foreign_keys,
    )


def _either(new: Sequence[_Row], old: Sequence[_Row | None]) -> tuple[_Row, ...]:
    return tuple(was if was == now and was is not None else now for now, was in zip(new, old, strict=True))


def statement_differences(new: RawLook, old: RawLook | None) -> tuple[Statement, ...]:
    """What each statement did between two looks, all roles together; since the reset where there is no earlier look.

    A total that fell, be it of calls, of blocks or of time, or an entry that began to count after the earlier look, was
    reset in between: what it shows came after that. One that the earlier look had left out is not judged: what it did
    in between is not known.
    """
    found: dict[str, Statement] = {}
    for key, now in new.statements.items():
        before = _before(key, now, old)
        if before is None or now.calls <= before.calls:
            continue
        seen = _difference(key, now, before)
        known = found.get(seen.queryid)
        found[seen.queryid] = _sum(known, seen) if known is not None else seen
    return tuple(sorted(found.values(), key=lambda statement: -statement.total_seconds))


def _before(key: str, now: RawStatement, old: RawLook | None) -> RawStatement | None:
    """The totals to take off; None when they are not known."""
    nothing = RawStatement(text="", calls=0, total_seconds=0, rows=0, blocks_hit=0, blocks_read=0, squared_seconds=0.0)
    if old is None:
        return nothing
    before = old.statements.get(key)
    if before is None:
        began_since = now.since is not None and old.server_at is not None and now.since > old.server_at
        return nothing if began_since or old.has_all_statements else None
    was_reset = _fell(now, before) or (before.since is not None and before.since != now.since)
    return nothing if was_reset else before


def _fell(now: RawStatement, before: RawStatement) -> bool:
    """Totals only grow. After a reset calls may soon be more than ever, and what is dear about them less: the
    difference of the two would then be a plan that reads nothing.
    """
    return any(
        getattr(now, name) < getattr(before, name)
        for name in ("calls", "total_seconds", "rows", "blocks_hit", "blocks_read", "temp_blocks", "plan_seconds")
    )


def _difference(key: str, now: RawStatement, before: RawStatement) -> Statement:
    calls = now.calls - before.calls
    seconds = max(0.0, now.total_seconds - before.total_seconds)
    squared = None
    if now.squared_seconds is not None and before.squared_seconds is not None:
        squared = max(0.0, now.squared_seconds - before.squared_seconds)
    return Statement(
        queryid=now.queryid or key,
        text=now.text,
        calls=calls,
        total_seconds=seconds,
        mean_seconds=seconds / calls,
        rows=max(0, now.rows - before.rows),
        shared_blocks_hit=max(0, now.blocks_hit - before.blocks_hit),
        shared_blocks_read=max(0, now.blocks_read - before.blocks_read),
        squared_seconds=squared,
        plan_seconds=max(0.0, now.plan_seconds - before.plan_seconds),
        temp_blocks=max(0, now.temp_blocks - before.temp_blocks),
        search_paths=(now.search_path,),
    )


def _sum(one: Statement, other: Statement) -> Statement:
    """The same statement of two roles."""
    calls, seconds = one.calls + other.calls, one.total_seconds + other.total_seconds
    squared = None
    if one.squared_seconds is not None and other.squared_seconds is not None:
        squared = one.squared_seconds + other.squared_seconds
    return replace(
        one,
        calls=calls,
        total_seconds=seconds,
        mean_seconds=seconds / calls,
        rows=one.rows + other.rows,
        search_paths=tuple(dict.fromkeys((*one.search_paths, *other.search_paths))),
        shared_blocks_hit=one.shared_blocks_hit + other.shared_blocks_hit,
        shared_blocks_read=one.shared_blocks_read + other.shared_blocks_read,
        squared_seconds=squared,
        plan_seconds=one.plan_seconds + other.plan_seconds,
        temp_blocks=one.temp_blocks + other.temp_blocks,
    )


def index_scan_differences(new: RawLook, old: RawLook) -> dict[str, int]:
    """How often each index was read between two looks, one that is new from its beginning on.

    Nothing of one whose counter fell, as it was reset or the index is another.
    """
    before = {f"{one.schema}.{one.name}": one.scans for one in old.indexes}
    grown_by = {(name := f"{one.schema}.{one.name}"): one.scans - before.get(name, 0) for one in new.indexes}
    return {name: scans for name, scans in grown_by.items() if scans >= 0}


def table_differences(new: RawLook, old: RawLook | None) -> tuple[Table, ...]:
    """Each table with its counters as differences; rows and size as they are."""
    earlier = {(table.schema, table.name): table for table in old.tables} if old is not None else {}
    return tuple(_table_difference(table, earlier.get((table.schema, table.name))) for table in new.tables)


def _table_difference(now: Table, before: Table | None) -> Table:
    if before is None:
        return now

    def grown(new: int, old: int) -> int:
        return new - old if new >= old else new

    return replace(
        now,
        sequential_scans=grown(now.sequential_scans, before.sequential_scans),
        sequential_rows_read=grown(now.sequential_rows_read, before.sequential_rows_read),
        index_scans=grown(now.index_scans, before.index_scans),
        rows_inserted=grown(now.rows_inserted, before.rows_inserted),
        rows_updated=grown(now.rows_updated, before.rows_updated),
        rows_deleted=grown(now.rows_deleted, before.rows_deleted),
        rows_hot_updated=grown(now.rows_hot_updated, before.rows_hot_updated),
    )
