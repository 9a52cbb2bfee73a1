"""What went wrong, as RFC 9457 problems: what, where and the fix, without traceback and without secrets."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from advisor.surfaces.redaction import redact
from advisor.surfaces.views.plain_data import plain_mapping

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One value of a request that does not do. where: such as "body.reason" or "query.limit"."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A refusal. type: always "about:blank", the status says it all; fix: what the caller can do; "" where nothing."""

    type: str = field(default="about:blank", init=False)
    title: str
    status: int
    detail: str
    fix: str = ""
    faults: tuple[Fault, ...] = ()


class RefusedError(HTTPException):
    """A request that is not carried out. headers: of the answer, with _ for -."""

    def __init__(self, status: int, what: str, *, fix: str = "", **headers: str) -> None:
        super().__init__(status, what, {name.replace("_", "-"): value for name, value in headers.items()})
        self.fix = fix


def problem(
    status: int, detail: str, *, fix: str = "", faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    told = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=redact(detail), fix=redact(fix), faults=tuple(faults)
    )
    return Response(json.dumps(plain_mapping(told)), status, dict(headers or {}), MEDIA_TYPE)


def refusal(error: HTTPException) -> Response:
    """Of this program's own refusals, which have a fix, and of those of the libraries: no such path or method."""
    fix = getattr(error, "fix", "see /docs for what there is")
    return problem(error.status_code, error.detail, fix=fix, headers=error.headers)
