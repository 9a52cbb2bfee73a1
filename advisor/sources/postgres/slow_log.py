"""Follows the slow-query log, as a file here or through the server, and sums it up by the shape of its statements."""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg

from advisor.clients.named_sql import MARK
from advisor.clients.postgres import PostgresSession
from advisor.model.database.workload import LoggedStatement
from advisor.sources.postgres.log_lines import LogFormat, complete_bytes, read_piece
from advisor.sources.postgres.log_message import LogEntry
from advisor.sql.statement_facts import fingerprint

_AT_MOST_BYTES = 4 * 1024 * 1024
_FIRST_BYTES = 1024 * 1024
_KEPT = 20_000
_ODD_RATIO = 0.05
"""More records than this share that are not understood are told in the report."""
_LONG_SECONDS = 0.1
"""The guide's line for a slow statement: one that took as long should be told with its text."""
_JSON_SINCE = 150000
_READABLE = "csvlog, jsonlog, stderr and syslog are read, and what clouds and containers put around them"
_GRANT = "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO CURRENT_USER"


class _Log(Protocol):
    """Where the log lies."""

    def path(self) -> str:
        """The file that is written to now, "" when there is none."""

    def size(self, path: str) -> int:
        """Its length in bytes; 0 when it is gone."""

    def read(self, path: str, offset: int, length: int) -> bytes:
        """Some of it."""


class SlowLogReader:
    """Reads on from where it stopped, at most 4 MiB in one look; begins with the last MiB, wherever that is."""

    def __init__(self, place: str) -> None:
        """place: "server", or "file:" and a path on this machine."""
        self._place = place
        self._path = ""
        self._offset = 0
        self._begins_anywhere = False
        self._understood = self._not_understood = self._elsewhere = 0
        self._longest_alone = 0.0
        self._recent: deque[tuple[datetime, str, LogEntry]] = deque(maxlen=_KEPT)

    def read(
        self, session: PostgresSession, server_version: int, at: datetime, window_seconds: float
    ) -> tuple[tuple[LoggedStatement, ...], str]:
        """The slow statements of the window, the longest in total first, and why the log cannot be read, if so."""
        log: _Log = _FileHere(self._place) if self._place != "server" else _FileThere(session, server_version)
        problem = ""
        self._understood = self._not_understood = self._elsewhere = 0
        self._longest_alone, log_statement = 0.0, ""
        try:
            server = session.row("server")
            database, zone, log_statement = (server[name] for name in ("database", "log_timezone", "log_statement"))
            for entry in self._new_entries(log):
                if entry.database not in ("", database):
                    self._elsewhere += 1
                elif not entry.text.endswith(MARK):
                    self._recent.append((moment_of(entry, zone, at), fingerprint(entry.text), entry))
        except psycopg.errors.InsufficientPrivilege:
            problem = f"the slow-query log may not be read: {_GRANT}"
        except (OSError, psycopg.Error) as error:
            problem = f"the slow-query log cannot be read: {(str(error) or type(error).__name__).splitlines()[0]}"
        problem = problem or self._odd() or self._textless(log_statement)
        oldest = at - timedelta(seconds=window_seconds)
        return _summed([known for known in self._recent if known[0] >= oldest]), problem

    def tally(self) -> str:
        """How the last reading fared, in words."""
        others = f", {self._elsewhere} slow statements of other databases" if self._elsewhere else ""
        return f"{self._understood} records understood, {self._not_understood} not{others}"

    def _textless(self, log_statement: str) -> str:
        """Whether slow statements cannot be told, as Postgres does not repeat a text that it logged before it ran."""
        if log_statement != "all" or self._longest_alone < _LONG_SECONDS:
            return ""
        return "the slow-query log tells durations without statements, as they came before: set log_statement = none"

    def _odd(self) -> str:
        """What is wrong with what was read last, "" when hardly anything is."""
        found = self._understood + self._not_understood
        if self._not_understood <= found * _ODD_RATIO:
            return ""
        if not self._understood:
            return f"understood nothing of {found} lines of the slow-query log {self._path}: {_READABLE}"
        return f"{self._not_understood} of {found} records of the slow-query log {self._path} were not understood"

    def _new_entries(self, log: _Log) -> Iterator[LogEntry]:
        path = log.path()
        if not path:
            raise OSError("the server writes no log file; logging_collector is off")
        if self._path and path != self._path:
            yield from self._rest(log)  # the log was rotated: what is left of the former file comes first
            self._path, self._offset, self._begins_anywhere = path, 0, False
        elif not self._path:
            self._path, self._offset = path, max(0, log.size(path) - _FIRST_BYTES)
            self._begins_anywhere = self._offset > 0
        elif log.size(path) < self._offset:
            self._offset, self._begins_anywhere = 0, False
        yield from self._rest(log)

    def _rest(self, log: _Log) -> Iterator[LogEntry]:
        data = log.read(self._path, self._offset, _AT_MOST_BYTES)
        log_format, is_full = LogFormat.of(self._path, data), len(data) == _AT_MOST_BYTES
        whole = complete_bytes(data, log_format, more_follows=is_full)
        piece = read_piece(data[:whole].decode(errors="replace"), log_format, begins_anywhere=self._begins_anywhere)
        if is_full and not whole:
            self._offset, self._begins_anywhere = self._offset + len(data), True  # a record longer than one reading
        elif whole:
            self._offset, self._begins_anywhere = self._offset + whole, False
        self._understood += piece.understood
        self._not_understood += piece.not_understood
        self._longest_alone = max(self._longest_alone, piece.longest_alone)
        yield from piece.entries


class _FileHere:
    def __init__(self, place: str) -> None:
        self._path = Path(place.removeprefix("file:"))

    def path(self) -> str:
        return str(self._path)

    def size(self, path: str) -> int:
        return Path(path).stat().st_size

    def read(self, path: str, offset: int, length: int) -> bytes:
        with Path(path).open("rb") as file:
            file.seek(offset)
            return file.read(length)


class _FileThere:
    def __init__(self, session: PostgresSession, server_version: int) -> None:
        self._session = session
        self._query = "current_log" if server_version >= _JSON_SINCE else "current_log_before_15"

    def path(self) -> str:
        return str(self._session.row(self._query)["path"] or "")

    def size(self, path: str) -> int:
        rows = self._session.rows("log_size", {"name": path.rsplit("/", 1)[-1]})
        return int(rows[0]["size"]) if rows else 0

    def read(self, path: str, offset: int, length: int) -> bytes:
        found = self._session.rows("log_bytes", {"path": path, "offset": offset, "length": length})[0]["bytes"]
        return bytes(found) if found is not None else b""


def moment_of(entry: LogEntry, zone: str, now: datetime) -> datetime:
    """When it was logged, never later than `now`; `now` where that is not known. zone: the server's log_timezone."""
    if entry.at is None:
        return now
    try:
        at = entry.at if entry.at.tzinfo else entry.at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError):
        return now
    return min(at, now)


def _summed(recent: list[tuple[datetime, str, LogEntry]]) -> tuple[LoggedStatement, ...]:
    groups: dict[str, list[tuple[datetime, LogEntry]]] = {}
    for at, shape, entry in recent:
        groups.setdefault(shape, []).append((at, entry))
    found = [_sum_of(shape, group) for shape, group in groups.items()]
    return tuple(sorted(found, key=lambda statement: -statement.total_seconds))


def _sum_of(shape: str, group: list[tuple[datetime, LogEntry]]) -> LoggedStatement:
    slowest = max((entry for _, entry in group), key=lambda entry: entry.seconds)
    return LoggedStatement(
        fingerprint=shape,
        text=slowest.text,
        count=len(group),
        total_seconds=sum(entry.seconds for _, entry in group),
        longest_seconds=slowest.seconds,
        last_at=max(at for at, _ in group),
        application=slowest.application,
    )
