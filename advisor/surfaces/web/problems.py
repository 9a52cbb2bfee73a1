"""What went wrong, as RFC 9457 problems: what, where and the fix, without traceback and without secrets."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as BareHTTPException
from starlette.responses import Response

from advisor.model.errors import (
    AdvisorError,
    ChangeAlreadyOpenError,
    ConflictError,
    IllegalTransitionError,
    JournalError,
    PlanChangedError,
    StaleEpochError,
    TransientError,
)
from advisor.surfaces.redaction import redact
from advisor.surfaces.views.plain_data import plain_mapping

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"
_LOST = (ChangeAlreadyOpenError, ConflictError, IllegalTransitionError, PlanChangedError)
_LATER = (StaleEpochError, JournalError, TransientError)


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


def refusal(error: BareHTTPException) -> Response:
    """Of this program's own refusals, and of those of the libraries: no such path, no such method."""
    fix = error.fix if isinstance(error, RefusedError) else "see /docs for what there is"
    return problem(error.status_code, error.detail, fix=fix, headers=error.headers)


def tell_problems(app: FastAPI) -> None:
    """Every error of `app`, whoever raises it, becomes a problem."""

    @app.exception_handler(BareHTTPException)
    async def refused(_: Request, error: BareHTTPException) -> Response:
        return refusal(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return _invalid(error.errors())

    @app.exception_handler(AdvisorError)
    async def failed(request: Request, error: AdvisorError) -> Response:
        return _failed(error, request.url.path)

    @app.exception_handler(Exception)
    async def crashed(_: Request, __: Exception) -> Response:
        """The server logs it, once; the caller learns nothing of it."""
        return problem(500, "something went wrong here; the log says what")


def _invalid(errors: Sequence[Mapping[str, Any]]) -> Response:
    """Says where and why, never with what was sent: that may be a secret in the wrong place."""
    if any(error["type"] == "json_invalid" for error in errors):
        return problem(400, "the body is not JSON", fix="send one JSON object")
    faults = [Fault(where=".".join(map(str, error["loc"])), what=str(error["msg"])) for error in errors]
    return problem(422, f"{faults[0].where}: {faults[0].what}", fix="see /openapi.json", faults=faults)


def _failed(error: AdvisorError, path: str) -> Response:
    if isinstance(error, _LOST):
        return problem(409, f"{error.where}: {error.what}" if error.where else error.what, fix=error.fix)
    log.warning("request_failed", path=path, error=str(error))
    if isinstance(error, _LATER):
        return problem(503, error.what, fix=error.fix, headers={"Retry-After": RETRY_SECONDS})
    return problem(500, error.what, fix=error.fix)
