"""What the doctor found about one thing that the advisor leans on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from advisor.model.errors import AdvisorError


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


def ok(name: str, detail: str) -> CheckLine:
    """All is well with `name`."""
    return CheckLine(name=name, status=CheckStatus.OK, detail=detail)


def warning(name: str, detail: str, fix: str) -> CheckLine:
    """Something less can be done for want of `fix`."""
    return CheckLine(name=name, status=CheckStatus.WARNING, detail=detail, fix=fix)


def failed(name: str, detail: str, fix: str) -> CheckLine:
    """What is configured does not work."""
    return CheckLine(name=name, status=CheckStatus.FAILED, detail=detail, fix=fix)


def guarded(
    name: str, look: Callable[[], Iterator[CheckLine]], *, is_connection: bool = False
) -> tuple[CheckLine, ...]:
    """The lines up to the first error, and that one as a failure of `name`.

    is_connection: whether the line `name` is the attempt to reach a source.
    """
    lines: list[CheckLine] = []
    try:
        lines.extend(look())  # keeps what came before the error
    except AdvisorError as error:
        lines.append(failed(name, str(error), error.fix))
    return tuple(replace(line, is_connection=is_connection and line.name == name) for line in lines)
