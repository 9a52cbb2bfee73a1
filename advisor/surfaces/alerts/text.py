"""Texts of others as data: nothing in them reaches a terminal, a log or a database as a control character."""

from bisect import bisect_right
from itertools import accumulate


def visible(text: str, most: int) -> str:
    """`text` with every character that cannot be seen as its escape, cut to `most` characters and a mark.

    NUL, ESC, line breaks and marks that turn or hide text read as `\\x00`, `\\x1b`, `\\n`, `\\u202e`.
    """
    kept = text[:most]
    shown = kept
    if not kept.isprintable():
        escapes = [char if char.isprintable() else _escape(char) for char in kept]
        fit = bisect_right(list(accumulate(map(len, escapes))), most)
        kept, shown = kept[:fit], "".join(escapes[:fit])
    left = len(text) - len(kept)
    return f"{shown}… (cut, {left:,} characters more)" if left else shown


def one_line(text: str, most: int) -> str:
    """Prose: line breaks and tabs are spaces, the rest as `visible`."""
    return visible(text if text.isprintable() else " ".join(text.split()), most)


def _escape(char: str) -> str:
    """Up to ten times as long as what it stands for."""
    return char.encode("unicode_escape").decode("ascii")
