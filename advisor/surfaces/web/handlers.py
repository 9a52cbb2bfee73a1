"""Every error that a route raises, as the problem that the caller is told."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
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
from advisor.surfaces.web.problems import RETRY_SECONDS, Fault, problem, refusal

log = structlog.get_logger()

_LOST = (ChangeAlreadyOpenError, ConflictError, IllegalTransitionError, PlanChangedError)
_MOST_FAULTS = 20
"""That are told; a body of a mebibyte has room for a hundred thousand."""
_LATER = (StaleEpochError, JournalError, TransientError)


def tell_problems(app: FastAPI) -> None:
    """Every error of `app`, whoever raises it, becomes a problem."""

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
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
    faults = list(dict.fromkeys(Fault(where=_place(error), what=str(error["msg"])) for error in errors[:_MOST_FAULTS]))
    return problem(422, f"{faults[0].where}: {faults[0].what}", fix="see /openapi.json", faults=faults)


def _place(error: Mapping[str, Any]) -> str:
    """Names of ours only: that of a field which is not known here is what was sent."""
    names = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
    return ".".join(map(str, names))


def _failed(error: AdvisorError, path: str) -> Response:
    if isinstance(error, _LOST):
        return problem(409, f"{error.where}: {error.what}" if error.where else error.what, fix=error.fix)
    log.warning("request_failed", path=path, error=str(error))
    if isinstance(error, _LATER):
        return problem(503, error.what, fix=error.fix, headers={"Retry-After": RETRY_SECONDS})
    return problem(500, error.what, fix=error.fix)
