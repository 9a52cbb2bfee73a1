"""Measures bloat a little at a time: pgstattuple reads a relation whole, so each is read seldom, few in one look."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from advisor.clients.postgres import PostgresSession
from advisor.model.database.maintenance import Bloat, BloatMethod
from advisor.ports.clock import Clock

_SMALLEST_BYTES = 1_000_000
_BYTES_PER_SECOND = 200_000_000
"""What a server reads of a relation in a second, roughly: larger ones than the budget allows are only estimated."""

_Place = tuple[int, int]
"""Object id and file: a rebuilt index has another one of either."""


class BloatReader:
    """Remembers what it measured for `interval_seconds`, or until the relation is rebuilt or vacuumed."""

    def __init__(self, interval_seconds: float, budget_seconds: float, clock: Clock) -> None:
        self._interval = timedelta(seconds=interval_seconds)
        self._budget_seconds = budget_seconds
        self._clock = clock
        self._measured: dict[_Place, Bloat] = {}
        self._estimated: dict[_Place, Bloat] = {}
        self._estimated_at: datetime | None = None
        self._refused: dict[_Place, datetime] = {}

    def read(self, session: PostgresSession, pgstattuple: str | None, at: datetime) -> tuple[Bloat, ...]:
        """What is known by now. pgstattuple: the extension's schema, None where it is not installed."""
        largest = round(self._budget_seconds * _BYTES_PER_SECOND)
        candidates = session.rows("bloat_candidates", {"smallest": _SMALLEST_BYTES})
        places = {(row["oid"], row["file"]) for row in candidates}
        self._measured = {place: found for place, found in self._measured.items() if place in places}
        if pgstattuple is not None:
            small = [row for row in candidates if row["size_bytes"] <= largest]
            self._measure(session, pgstattuple, small, at)
        unmeasured = places - set(self._measured)
        if unmeasured and self._is_estimate_due(unmeasured, at):
            self._estimate(session, candidates, at)
        known = [self._measured.get(place) or self._estimated.get(place) for place in sorted(places)]
        return tuple(found for found in known if found is not None)

    def _measure(self, session: PostgresSession, schema: str, candidates: Sequence[DictRow], at: datetime) -> None:
        started = self._clock.monotonic()
        for row in candidates:
            place = (row["oid"], row["file"])
            if not self._is_due(place, row["vacuumed_at"], at):
                continue
            if self._clock.monotonic() - started >= self._budget_seconds:
                return
            name = "index_bloat" if row["index"] else "table_bloat"
            try:
                size = session.rows(name, {"oid": row["oid"]}, schema=sql.Identifier(schema))[0]
            except (psycopg.errors.QueryCanceled, psycopg.errors.InsufficientPrivilege, psycopg.ProgrammingError):
                # Too slow, not allowed (pg_stat_scan_tables), or gone since: the estimate has to do.
                self._refused[place] = at
                self._measured.pop(place, None)
                continue
            self._measured[place] = _bloat(row, size, BloatMethod.MEASURED, at)

    def _is_due(self, place: _Place, vacuumed_at: datetime | None, at: datetime) -> bool:
        refused = self._refused.get(place)
        if refused is not None and at - refused < self._interval:
            return False
        known = self._measured.get(place)
        if known is None or at - known.measured_at >= self._interval:
            return True
        return vacuumed_at is not None and vacuumed_at > known.measured_at

    def _is_estimate_due(self, unmeasured: set[_Place], at: datetime) -> bool:
        if self._estimated_at is None or at - self._estimated_at >= self._interval:
            return True
        return at - self._estimated_at >= timedelta(minutes=1) and not unmeasured <= set(self._estimated)

    def _estimate(self, session: PostgresSession, candidates: Sequence[DictRow], at: datetime) -> None:
        by_oid = {row["oid"]: row for row in candidates}
        rows = session.rows("bloat_estimates", {"smallest_pages": _SMALLEST_BYTES // 8192 // 4})
        self._estimated = {
            (row["oid"], by_oid[row["oid"]]["file"]): _bloat(by_oid[row["oid"]], row, BloatMethod.ESTIMATED, at)
            for row in rows
            if row["oid"] in by_oid
        }
        self._estimated_at = at


def _bloat(relation: DictRow, size: DictRow, method: BloatMethod, at: datetime) -> Bloat:
    return Bloat(
        schema=relation["schema"],
        table=relation["table"],
        index=relation["index"],
        size_bytes=size["size_bytes"],
        wasted_bytes=min(size["wasted_bytes"], size["size_bytes"]),
        dead_bytes=size.get("dead_bytes", 0),
        method=method,
        measured_at=at,
        file=relation["file"],
    )
