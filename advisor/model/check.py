"""What the doctor found about one thing that the advisor leans on."""

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check.

    fix: the exact command or setting that puts it right, "" when nothing has to be done.
    is_connection: whether this is the attempt to reach a source; when all of these fail, nothing can be observed.
    """

    name: str
    status: CheckStatus
    detail: str
    fix: str = ""
    is_connection: bool = False
