"""Which statements no rule can judge, and why. A statement is read once; its answer is remembered."""

from collections.abc import Sequence

from advisor.model.database.workload import SkippedStatement, Statement
from advisor.sql.parse import UnreadableStatementError
from advisor.sql.shape import table_uses

_REMEMBERED = 5000


class SkippedReader:
    """Sorts out what is cut short, is a utility command, or does not parse."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def among(self, statements: Sequence[Statement]) -> tuple[SkippedStatement, ...]:
        """The statements that cannot be judged, in their order."""
        if len(self._reasons) > _REMEMBERED:
            self._reasons.clear()
        found = []
        for statement in statements:
            if statement.queryid not in self._reasons:
                self._reasons[statement.queryid] = _reason(statement.text)
            if reason := self._reasons[statement.queryid]:
                found.append(
                    SkippedStatement(
                        queryid=statement.queryid, text=statement.text[:200], calls=statement.calls, reason=reason
                    )
                )
        return tuple(found)


def _reason(text: str) -> str:
    """Why `text` is not judged, "" when it is."""
    try:
        table_uses(text)
    except UnreadableStatementError as error:
        is_cut = "syntax error at end of input" in error.what or "unterminated" in error.what
        return f"cut short: {error.what}" if is_cut else error.what
    return ""
