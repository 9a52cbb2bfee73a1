"""The doctor's findings; the schema "advisor/check/v1"."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from advisor.model.check import CheckLine, CheckStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """status: the worst of all lines."""

    schema: str = field(default="advisor/check/v1", init=False)
    status: CheckStatus
    checks: tuple[CheckLine, ...]


def check_view(lines: Sequence[CheckLine]) -> CheckView:
    worst = max((line.status for line in lines), key=list(CheckStatus).index, default=CheckStatus.OK)
    return CheckView(status=worst, checks=tuple(lines))
