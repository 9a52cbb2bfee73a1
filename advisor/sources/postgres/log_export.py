"""A log that was downloaded from a cloud: JSON laid out for people, one field a line, or a list in one. Pure."""

import json
import re
from collections.abc import Iterator, Sequence

from advisor.sources.postgres.log_message import NOT_UNDERSTOOD, LogRecord, record_of_object, record_of_text

_STRING = r"\"(?:\\.|[^\"\\])*\""
_LAID_OUT = re.compile(rf"^ *(?:[\[\]{{}}]+,?|(?:{_STRING}: )?(?:{_STRING}|[\w.+-]+|[\[{{][\]}}]?),?)$")
_MESSAGE = re.compile(rf"^ +\"(?:message|textPayload|log|MESSAGE)\": (?P<text>{_STRING}),?$")


def is_laid_out(lines: Sequence[str]) -> bool:
    """Whether these lines are a piece of such JSON; the first may be cut off. One object a line is none."""
    return len(lines) > 1 and all(_LAID_OUT.match(line) for line in lines[1:]) and any(map(_MESSAGE.match, lines))


def records_laid_out(lines: Sequence[str]) -> Iterator[LogRecord]:
    """One for each message; the fields around it say nothing that the message does not."""
    for line in lines:
        if found := _MESSAGE.match(line):
            yield record_of_text(str(json.loads(found["text"], strict=False)).rstrip())


def records_in_line(line: str) -> Iterator[LogRecord]:
    """Of an object, one with the comma of its list, or a whole list of them in one line."""
    text = line.strip().removeprefix("[").removesuffix(",").removesuffix("]")
    try:
        found = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        found = [None]
    for one in found:
        yield record_of_object(one) if isinstance(one, dict) else NOT_UNDERSTOOD
