"""One raw look at the statistics, and what changed between two of them. Pure."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from advisor.model.workload import Activity, Index, Statement, Table

_NOBODY = Activity(
    total=0, active=0, idle_in_transaction=0, longest_idle_in_transaction_seconds=0, longest_query_seconds=0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawStatement:
    """Totals of one entry of pg_stat_statements since its reset."""

    text: str
    calls: int
    total_seconds: float
    rows: int
    blocks_hit: int
    blocks_read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RawLook:
    """Everything read at one moment, in totals. since_reset_seconds: how long the totals have been gathered."""

    at: datetime
    since_reset_seconds: float
    server_version: int
    is_in_recovery: bool
    max_connections: int
    reserved_connections: int
    has_statements: bool = False
    has_hypopg: bool = False
    statements: Mapping[str, RawStatement] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    indexes: tuple[Index, ...] = ()
    activity: Activity = _NOBODY
    skipped: tuple[str, ...] = ()


class LookHistory:
    """The looks of the last `keep_seconds`, oldest first; never more than `most_looks`.

    2 hours at the default of a look every 15 s are 480. Looks that follow faster must not fill the memory.
    """

    def __init__(self, keep_seconds: float = 7200.0, most_looks: int = 500) -> None:
        self._keep_seconds = keep_seconds
        self._looks: deque[RawLook] = deque(maxlen=most_looks)

    def add(self, look: RawLook) -> None:
        self._looks.append(look)
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


def statement_differences(new: RawLook, old: RawLook | None) -> tuple[Statement, ...]:
    """What each statement did between two looks; since the reset where there is no earlier look.

    A count that fell means that this entry was reset in between: what it shows now came after that.
    """
    found = []
    for queryid, now in new.statements.items():
        before = old.statements.get(queryid) if old is not None else None
        if before is None or now.calls < before.calls:
            before = RawStatement(text="", calls=0, total_seconds=0, rows=0, blocks_hit=0, blocks_read=0)
        calls = now.calls - before.calls
        if calls <= 0:
            continue
        seconds = max(0.0, now.total_seconds - before.total_seconds)
        found.append(
            Statement(
                queryid=queryid,
                text=now.text,
                calls=calls,
                total_seconds=seconds,
                mean_seconds=seconds / calls,
                rows=max(0, now.rows - before.rows),
                shared_blocks_hit=max(0, now.blocks_hit - before.blocks_hit),
                shared_blocks_read=max(0, now.blocks_read - before.blocks_read),
            )
        )
    return tuple(sorted(found, key=lambda statement: -statement.total_seconds))


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
    )
