"""Constants that normalised statements lack, from texts that sessions and the log show for a moment.

Of a real text nothing is kept but the constants that stand in an expression of a column, such as the key of a document:
no index can be made for `payload ->> $1`. What they are compared with is forgotten at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from advisor.model.database.workload import Statement
from advisor.sql.parse import UnreadableStatementError, hashed
from advisor.sql.seen_text import lacks_constants, with_seen_constants

_REMEMBERED = 5000
_LONGEST = 20_000
"""Letters of a text that is read for its constants."""


class SeenConstants:
    """Remembers, by a statement's number, what it lacks and what was seen of it."""

    def __init__(self) -> None:
        self._shapes: dict[str, str] = {}
        self._seen: dict[str, str] = {}

    def completed(self, statements: Sequence[Statement], texts: Iterable[str] = ()) -> tuple[Statement, ...]:
        """The statements, each with its `seen_text` where one is known. texts: real ones, of whatever statements."""
        if len(self._shapes) > _REMEMBERED:
            self._shapes.clear()
            self._seen.clear()
        for one in statements:
            if one.queryid not in self._shapes:
                self._shapes[one.queryid] = _shape_of_lacking(one.text)
        wanted = {shape for one in statements if (shape := self._shapes[one.queryid]) and one.queryid not in self._seen}
        if wanted:
            real = {shape: text for text in texts if (shape := _shape(text)) in wanted}
            for one in statements:
                if one.queryid not in self._seen and (text := real.get(self._shapes[one.queryid])):
                    self._seen[one.queryid] = _joined(one.text, text)
        return tuple(
            replace(one, seen_text=seen) if (seen := self._seen.get(one.queryid)) else one for one in statements
        )


def _joined(text: str, seen: str) -> str:
    try:
        return with_seen_constants(text, seen)
    except UnreadableStatementError:
        return text


def _shape_of_lacking(text: str) -> str:
    """ "" for a text that lacks nothing, or cannot be read."""
    try:
        return hashed(text) if "$" in text and lacks_constants(text) else ""
    except UnreadableStatementError:
        return ""


def _shape(text: str) -> str:
    try:
        return hashed(text) if len(text) <= _LONGEST else ""
    except UnreadableStatementError:
        return ""
