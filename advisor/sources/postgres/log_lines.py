"""A piece of Postgres' log as records: csvlog, jsonlog, stderr, syslog, and what containers put before a line. Pure."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from advisor.sources.postgres.log_export import is_laid_out, records_in_line, records_laid_out
from advisor.sources.postgres.log_message import (
    NOT_UNDERSTOOD,
    LogEntry,
    LogRecord,
    record_of_json,
    record_of_message,
    record_of_text,
)

_DATABASE, _SEVERITY, _MESSAGE, _APPLICATION, _COLUMNS = 2, 11, 13, 22, 23
_CSV_START = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^,\n\"]{1,40},(?=[\",])", re.MULTILINE)
_CSV_START_BYTES = re.compile(_CSV_START.pattern.encode(), re.MULTILINE)
_CONTAINER = re.compile(r"^\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) (?P<part>[FP]) ")
_SYSLOG = re.compile(
    r"^(?:(?:<\d+>)?(?:\d )?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\d\d-\d\dT\S+) \S+ "
    r"(?:[^\s\[]+\[(?P<pid>\d+)\]:|[a-z][^\s\[:]*:|[^\s\[]+ (?P<id>\d+) \S+ \S+) "
    r"|\d{4}-\d\d-\d\dT\S+ app\[postgres\.(?P<heroku>\d+)\]: \[\w+\] )"
    r"(?:\[(?P<number>\d+)-(?P<part>\d+)\](?: |$))?"
)
# `docker compose logs` names the service before each line, `kubectl logs --timestamps` the time.
_NAMED = re.compile(r"^(?:[\w.-]+ +\| |\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?=\t|\d{4}-\d\d-\d\d))")
# The severity of a message, or DETAIL and the like of the one before it: in capitals in every language that has them.
_WORD = re.compile(r"^[^\t][^\n]{0,300}?(?<![^\W\d_])(?P<word>[^\W\d_]+) ?:  ")
# Postgres begins a further line with a tab, which some downloads turn into blanks.
_TAB = re.compile(r"^(?:#011|\t| {4,})")


class LogFormat(StrEnum):
    CSV = "csvlog"
    LINES = "lines"

    @classmethod
    def of(cls, path: str, data: bytes) -> "LogFormat":
        """By the ending that Postgres gives its files, else by what is in it."""
        is_csv = path.endswith(".csv") or (not path.endswith(".json") and _CSV_START_BYTES.search(data) is not None)
        return cls.CSV if is_csv else cls.LINES


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPiece:
    """The slow statements of a piece of the log; how many of its records were understood, and how many were not.

    longest_alone: seconds of the longest statement whose text is not told.
    """

    entries: tuple[LogEntry, ...] = ()
    understood: int = 0
    not_understood: int = 0
    longest_alone: float = 0.0


def complete_bytes(data: bytes, log_format: LogFormat, *, more_follows: bool = False) -> int:
    """How much of `data` is whole records; the rest is still being written.

    more_follows: `data` was cut off, so that its last record may go on behind it.
    """
    end = data.rfind(b"\n") + 1
    if log_format is LogFormat.CSV:
        starts = [found.start() for found in _CSV_START_BYTES.finditer(data, 0, end)]
        if not starts:
            return end
        return end if data.count(b'"', starts[-1], end) % 2 == 0 else starts[-1]
    while more_follows and end:
        begin = data.rfind(b"\n", 0, end - 1) + 1
        line, end = data[begin:end].decode(errors="replace"), begin
        if not _is_continued(line):
            return begin
    return end


def read_piece(text: str, log_format: LogFormat, *, begins_anywhere: bool = False) -> LogPiece:
    """What whole records say. begins_anywhere: the first of them may be the end of one, and is then passed over."""
    read = _csv_records if log_format is LogFormat.CSV else _line_records
    text = text.removeprefix("\ufeff")
    found = list(read(text, begins_anywhere))
    entries = [record.entry for record in found if record.entry is not None]
    logged = {entry.text for entry in entries if not entry.is_plan}
    return LogPiece(
        entries=tuple(entry for entry in entries if not entry.is_plan or entry.text not in logged),
        understood=sum(record.is_understood for record in found),
        not_understood=sum(not record.is_understood for record in found),
        longest_alone=max((record.seconds_alone for record in found), default=0.0),
    )


def _csv_records(text: str, begins_anywhere: bool) -> Iterator[LogRecord]:
    """Each begins with its time. A statement may hold such a line too: it goes on until its quotes are closed."""
    csv.field_size_limit(16 * 1024 * 1024)
    starts = [found.start() for found in _CSV_START.finditer(text)]
    if text[: starts[0] if starts else len(text)].strip() and not begins_anywhere:
        yield NOT_UNDERSTOOD
    held = ""
    for begin, end in pairwise([*starts, len(text)]):
        piece = text[begin:end]
        whole = _csv_row(held + piece)
        if whole is None and held and (whole := _csv_row(piece)) is not None:
            yield NOT_UNDERSTOOD  # what was held was never finished
        held = "" if whole is not None else held + piece
        if whole is not None:
            yield record_of_message(whole[_MESSAGE], whole[0], whole[_DATABASE], whole[_APPLICATION])
    if held:
        yield NOT_UNDERSTOOD


def _csv_row(text: str) -> list[str] | None:
    if text.count('"') % 2:
        return None
    try:
        rows = list(csv.reader([text]))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 and len(rows[0]) >= _COLUMNS and rows[0][_SEVERITY] else None


def _line_records(text: str, begins_anywhere: bool) -> Iterator[LogRecord]:
    lines = text.split("\n")
    whole = [line.rstrip("\r") for line in lines if line.strip()]
    if is_laid_out(whole):
        yield from records_laid_out(whole)
        return
    if begins_anywhere and not _begins_a_record(lines[0]):
        del lines[0]
        while lines and _is_continued(lines[0]):
            del lines[0]
    for record in _records(line.rstrip("\r") for line in lines if line.strip()):
        if record.startswith(("{", "[{")):
            yield from records_in_line(record)
        else:
            yield record_of_text(record)


def _begins_a_record(line: str) -> bool:
    bare = _bare(line)
    return (
        not _is_continued(line)
        and (record_of_json(bare) if bare.startswith("{") else record_of_text(bare)).is_understood
    )


def _records(lines: Iterable[str]) -> Iterator[str]:
    """Lines put together: those that begin with a tab, and the later parts that syslog or a container cut off.

    Through syslog the lines of several processes come mixed.
    """
    held: dict[str, str] = {}
    is_open = False
    for line in lines:
        bare, process = _bare(line), _process(line)
        if process in held and (is_open or _is_continued(line)):
            is_tabbed = not is_open and _TAB.match(bare) is not None
            held[process] += "\n\t" + _TAB.sub("", bare) if is_tabbed else bare
        else:
            if process in held:
                yield held[process]
            held[process] = bare
        is_open = _is_cut(line)
    yield from held.values()


def _is_cut(line: str) -> bool:
    """Whether a container's log cut the line here: the next one goes on with it."""
    container, wrapped = _CONTAINER.match(line), _of_docker(line)
    return (container is not None and container["part"] == "P") or (wrapped is not None and not wrapped.endswith("\n"))


def _of_docker(line: str) -> str | None:
    """The line as it was, where Docker's `json-file` holds it; None where it does not."""
    if not line.startswith('{"log":'):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found["log"] if isinstance(found, dict) and isinstance(found["log"], str) else None


def _process(line: str) -> str:
    syslog = _SYSLOG.match(line)
    return (syslog["pid"] or syslog["id"] or syslog["heroku"] or "") if syslog is not None else ""


def _bare(line: str) -> str:
    """The line without what a container's log or syslog put around it."""
    wrapped = _of_docker(line)
    if wrapped is not None:
        return wrapped.rstrip("\r\n")
    if named := _NAMED.match(line):
        return line[named.end() :]
    container = _CONTAINER.match(line)
    if container is not None:
        return line[container.end() :]
    syslog = _SYSLOG.match(line)
    return line[syslog.end() :] if syslog is not None else line


def _is_later_part(line: str) -> bool:
    """Of syslog; not one that begins a message of its own, as the DETAIL of a statement with its parameters."""
    syslog = _SYSLOG.match(line)
    if syslog is None or syslog["part"] is None or int(syslog["part"]) == 1:
        return False
    found = _WORD.match(line[syslog.end() :])
    return found is None or found["word"] != found["word"].upper()


def _is_continued(line: str) -> bool:
    """Whether the line goes on with a record that began before it."""
    return _TAB.match(_bare(line)) is not None or _is_later_part(line)
