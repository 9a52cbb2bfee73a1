"""What the doctor found about one thing that the advisor leans on."""

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check. fix: the exact command or setting that puts it right, "" when nothing has to be done."""

    name: str
    status: CheckStatus
    detail: str
    fix: str = ""
