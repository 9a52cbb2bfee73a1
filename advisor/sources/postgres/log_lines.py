"""What a piece of Postgres' log says about slow statements: csvlog, jsonlog or plain text. Pure."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

_DURATION = re.compile(r"duration: (\d+(?:\.\d+)?) ms  (?:statement|execute [^:]*): (.+)", re.DOTALL)
_PLAIN = re.compile(r"^(?P<head>.*?)LOG:  (?P<message>duration: .*)$", re.DOTALL)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (UTC|GMT)")
_DATABASE, _MESSAGE, _APPLICATION, _COLUMNS = 2, 13, 22, 23


class LogFormat(StrEnum):
    CSV = "csvlog"
    JSON = "jsonlog"
    PLAIN = "stderr"

    @classmethod
    def of(cls, path: str) -> "LogFormat":
        """By the ending that Postgres gives its files."""
        return {"csv": cls.CSV, "json": cls.JSON}.get(path.rsplit(".", 1)[-1], cls.PLAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One statement that took longer than log_min_duration_statement. at: None where the log's time zone is not UTC."""

    text: str
    seconds: float
    at: datetime | None = None
    database: str = ""
    application: str = ""


def complete_bytes(data: bytes, log_format: LogFormat) -> int:
    """How much of `data` is whole records; the rest is still being written."""
    end = data.rfind(b"\n") + 1
    if log_format is LogFormat.CSV:
        while end and data.count(b'"', 0, end) % 2:  # the line break is inside a quoted field
            end = data.rfind(b"\n", 0, end - 1) + 1
    return end


def entries(text: str, log_format: LogFormat) -> Iterator[LogEntry]:
    """The slow statements in whole records. A record that cannot be read is passed over."""
    match log_format:
        case LogFormat.CSV:
            yield from _csv_entries(text)
        case LogFormat.JSON:
            yield from _json_entries(text)
        case LogFormat.PLAIN:
            yield from _plain_entries(text)


def _csv_entries(text: str) -> Iterator[LogEntry]:
    csv.field_size_limit(16 * 1024 * 1024)
    for row in csv.reader(io.StringIO(text)):
        if len(row) >= _COLUMNS:
            yield from _entry(row[_MESSAGE], row[0], row[_DATABASE], row[_APPLICATION])


def _json_entries(text: str) -> Iterator[LogEntry]:
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            words = [str(record.get(name, "")) for name in ("message", "timestamp", "dbname", "application_name")]
            yield from _entry(*words)


def _plain_entries(text: str) -> Iterator[LogEntry]:
    """log_line_prefix is anybody's; what counts is "LOG:  duration: ...". Lines that begin with a tab go on."""
    for record in re.split(r"\n(?!\t)", text.rstrip("\n")):
        found = _PLAIN.match(record)
        if found is not None:
            yield from _entry(found["message"].replace("\n\t", "\n"), found["head"])


def _entry(message: str, when: str, database: str = "", application: str = "") -> Iterator[LogEntry]:
    found = _DURATION.fullmatch(message)
    if found is not None:
        yield LogEntry(
            text=found[2].strip(),
            seconds=float(found[1]) / 1000,
            at=_time(when),
            database=database,
            application=application,
        )


def _time(text: str) -> datetime | None:
    found = _TIME.search(text)
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None
