"""Texts of others as data: nothing in them reaches a terminal, a log or a database as a control character."""


def visible(text: str, most: int) -> str:
    """`text` with every character that cannot be seen as its escape, and cut to `most` characters with a mark.

    NUL, ESC, line breaks and marks that turn or hide text read as `\\x00`, `\\x1b`, `\\n`, `\\u202e`.
    """
    kept = text[:most]
    if not kept.isprintable():
        kept = "".join(char if char.isprintable() else _escape(char) for char in kept)
    left = len(text) - most
    return kept if left <= 0 else f"{kept}… (cut, {left:,} characters more)"


def one_line(text: str, most: int) -> str:
    """Prose: line breaks and tabs are spaces, the rest as `visible`."""
    return visible(text if text.isprintable() else " ".join(text.split()), most)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
