"""What one record of a log says: a slow statement, something else that a Postgres logs, or nothing known. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

# "duration: 1.5 ms  statement: ..." in whatever language: a word, a number, a unit, what was done, and the statement.
# Before it the state, with log_error_verbosity = verbose. Alone, where the statement was logged before it ran.
_TIMED = r"(?:[0-9A-Z]{5}: )?[^\W\d_]+ ?: (?P<number>\d+(?:\.\d+)?) [^\W\d_]{1,8}"
_DURATION = re.compile(_TIMED + r",? {1,2}(?P<what>[^\n:]{1,200}?) ?:[ \n](?P<text>.+)", re.DOTALL)
_DURATION_ALONE = re.compile(_TIMED + r"\s*")
# What auto_explain writes, in its four forms; of two of them the statement is read.
_PLAN = re.compile(r"\s*(?:Query Text: |\{\s*\"Query Text\": |<explain )")
_TEXT_OF_PLAN = re.compile(
    r"Query Text: (?P<text>.+?)\n(?=Query Parameters: |[A-Z][^\n]*\(cost=\d)"
    r"|\"Query Text\": (?P<json>\"(?:\\.|[^\"\\])*\")",
    re.DOTALL,
)
# Parsing and binding are logged beside the execution that they belong to, in the languages that Postgres speaks.
_NOT_RUN = re.compile(
    r"^(?:parse|bind|parsen|binden|analyse|lien|analisi|analys|análise|ligação|parsowan|dowiąz"
    r"|разбор|аналізування|сообщение bind|повідомлення bind|パース|バインド|解析|绑定|綁定|მიბმა)"
    r"|(?:구문분석|접속|დამუშავება)$",
    re.IGNORECASE,
)
# "LOG:  ", "FEHLER:  ", "INSTRUCTION :  ": two blanks follow in every language.
_SEVERITY = re.compile(r"(?P<word>[^\W\d_]+) ?:  ")
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d* ?"
    r"(?P<zone>UTC|GMT|Z\b|[+-]\d\d(?::?\d\d)?\b|[A-Z]{2,5}\b)"
)
# Only prefixes in which it is certain: `db=%d`, `%u@%d ` and those of RDS with `%u@%d:[%p]:`; not `%u@%h ` and
# `%u@%d/%a `. Heroku's says `database="%d"`.
_DATABASE = re.compile(
    r"\bdb=(?P<named>[^,\s\]]+)|\bdatabase=\"(?P<quoted>[^\"]+)\"|"
    r"[^\s:@\[]+@(?P<bare>(?!\d+(?:\.\d+){3}\b)[^\s:@\[/,]+)(?: $|:\[\d+\]:)"
)
_TEXTS = ("message", "textPayload", "log", "MESSAGE")
_SEVERITIES = ("error_severity", "errorLevel")
_INNER = ("record", "properties", "jsonPayload")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One statement that took longer than log_min_duration_statement.

    at: None where the log does not tell; without a zone where it names one by letters, that of log_timezone.
    is_plan: auto_explain wrote it, maybe beside the statement itself.
    """

    text: str
    seconds: float
    at: datetime | None = None
    database: str = ""
    application: str = ""
    is_plan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One record. is_understood: a Postgres wrote it. entry: the slow statement that it tells of, if it does.

    seconds_alone: how long a statement took whose text is not told.
    """

    is_understood: bool
    entry: LogEntry | None = None
    seconds_alone: float = 0.0


NOT_UNDERSTOOD = LogRecord(is_understood=False)
UNDERSTOOD = LogRecord(is_understood=True)


def record_of_message(message: str, when: str, database: str = "", application: str = "") -> LogRecord:
    """What a message says that is known to be a Postgres' own."""
    if alone := _DURATION_ALONE.fullmatch(message):
        return LogRecord(is_understood=True, seconds_alone=float(alone["number"]) / 1000)
    found = _DURATION.fullmatch(message)
    if found is None or _NOT_RUN.search(found["what"]):
        return UNDERSTOOD
    is_plan = _PLAN.match(found["text"]) is not None
    text = (_text_of(found["text"]) if is_plan else found["text"]).strip()
    if not text:
        return UNDERSTOOD
    entry = LogEntry(
        text=text,
        seconds=float(found["number"]) / 1000,
        at=_time(when),
        database=database,
        application=application,
        is_plan=is_plan,
    )
    return LogRecord(is_understood=True, entry=entry)


def _text_of(plan: str) -> str:
    """The statement of a plan of auto_explain, "" where its form is another."""
    found = _TEXT_OF_PLAN.search(plan)
    if found is None:
        return ""
    return found["text"] or str(json.loads(found["json"], strict=False))


def record_of_text(text: str, when: str = "") -> LogRecord:
    """What a record of plain text says. log_line_prefix is anybody's; what counts is the severity."""
    found = _SEVERITY.search(text)
    if found is None:
        return NOT_UNDERSTOOD
    head = text[: found.start()]
    named = _DATABASE.search(head)
    database = (named["named"] or named["quoted"] or named["bare"]) if named else ""
    return record_of_message(text[found.end() :].replace("\n\t", "\n"), head if _TIME.search(head) else when, database)


def record_of_json(line: str) -> LogRecord:
    """What an object says: jsonlog, or what a platform wraps around a message."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return NOT_UNDERSTOOD
    return record_of_object(found) if isinstance(found, dict) else NOT_UNDERSTOOD


def record_of_object(found: Mapping[str, Any]) -> LogRecord:
    """The same of an object that was read."""
    records = [record for fields in _fields(found) if (record := _of_fields(fields, found)) is not None]
    entries = [record for record in records if record.entry is not None]
    return next(iter(entries), UNDERSTOOD if any(record.is_understood for record in records) else NOT_UNDERSTOOD)


def _fields(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield found
    for name in _INNER:
        if isinstance(inner := found.get(name), dict):
            yield inner


def _of_fields(fields: Mapping[str, Any], outer: Mapping[str, Any]) -> LogRecord | None:
    """None where there is no message."""
    text = next((fields[name] for name in _TEXTS if isinstance(fields.get(name), str)), None)
    if text is None:
        return UNDERSTOOD if fields.get("logger") and isinstance(fields.get("msg"), str) else None
    when = _word(fields, "timestamp", "log_time") or _word(outer, "timestamp", "ts", "time")
    if any(isinstance(fields.get(name), str) for name in _SEVERITIES) and not _begins_as_a_line(text):
        database, application = _word(fields, "dbname", "database_name"), _word(fields, "application_name")
        return record_of_message(text, when, database, application)
    return record_of_text(text.rstrip("\r\n"), when)


def _begins_as_a_line(text: str) -> bool:
    """Whether the message still has its prefix and severity, as some platforms leave it."""
    return _TIME.match(text) is not None


def _word(fields: Mapping[str, Any], *names: str) -> str:
    return next((fields[name] for name in names if isinstance(fields.get(name), str)), "")


def _time(text: str) -> datetime | None:
    found = _TIME.search(text)
    if found is None:
        return None
    moment = datetime.fromisoformat(f"{found['day']} {found['time']}")
    zone = found["zone"]
    if zone in ("UTC", "GMT", "Z"):
        return moment.replace(tzinfo=UTC)
    if zone.isalpha():
        return moment
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment.replace(tzinfo=timezone(-offset if zone[0] == "-" else offset)).astimezone(UTC)
