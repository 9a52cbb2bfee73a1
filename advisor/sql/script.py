"""A file of SQL as its statements: what cannot be read is one of them, and hides no other. Pure."""

import re

from advisor.sql.parse import pieces

_LINE_ENDS = re.compile(r";[ \t]*(?:\r?\n|$)")


def statements(text: str) -> list[str]:
    """The statements of `text` in order, without their semicolons; the last one needs none. Comments alone are none.

    One that is cut off, or does not parse, is one of them all the same. After what is no word at all, such as a quote
    that does not end, the next statement begins behind the first line that a semicolon ends.
    """
    found: list[str] = []
    rest = text.removeprefix("\ufeff")
    while rest:
        (*whole, last), fault = pieces(rest)
        begin = 0
        for piece in whole:
            found.extend([rest[begin : piece.end]] if piece.has_words else [])
            begin = piece.end + 1
        if fault is None:
            found.extend([rest[begin:]] if last.has_words or "\0" in rest[begin:] else [])
            break
        ends = _LINE_ENDS.search(rest, fault)
        found.append(rest[begin : ends.start() if ends else len(rest)])
        rest = rest[ends.end() :] if ends else ""
    return [part.strip() for part in found]
