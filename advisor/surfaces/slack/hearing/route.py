"""POST /slack/interactions: open to whoever has no token, closed to whoever cannot sign as Slack does."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from advisor.surfaces.slack.hearing.receiver import Delivery, Receiver
from advisor.surfaces.slack.hearing.signature import SIGNATURE_HEADER, TIME_HEADER

PATH = "/slack/interactions"
_LONGEST_BYTES = 1 << 20
"""Slack's own payloads are some kilobytes; a form may hold 250 KB."""

_BODY = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {"type": "object", "properties": {"payload": {"type": "string"}, "ssl_check": {"type": "string"}}}
        },
        "application/json": {"schema": {"type": "object"}},
    },
}
_TEXT_OR_JSON = {"text/plain": {}, "application/json": {"schema": {"type": "object"}}}
_RESPONSES = {
    200: {
        "description": "Taken; what became of it is told in Slack, or in the form that was sent.",
        "content": _TEXT_OR_JSON,
    },
    400: {"description": "Signed, and not to be understood.", "content": {"text/plain": {}}},
    401: {"description": "Not signed by Slack, or too long ago.", "content": {"text/plain": {}}},
    409: {"description": "Signed, and taken before.", "content": {"text/plain": {}}},
    413: {"description": "Larger than anything that Slack sends.", "content": {"text/plain": {}}},
}


def router(receiver: Receiver) -> APIRouter:
    """The one route of Slack's, which checks its signature itself."""
    routes = APIRouter(tags=["slack"])

    @routes.post(
        PATH,
        summary="What somebody pressed in Slack",
        responses=_RESPONSES,  # type: ignore[arg-type]
        openapi_extra={"requestBody": _BODY},
        response_class=PlainTextResponse,
    )
    async def interactions(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        delivery = Delivery(
            body=body,
            content_type=request.headers.get("Content-Type", "").lower(),
            moment=request.headers.get(TIME_HEADER),
            signature=request.headers.get(SIGNATURE_HEADER),
        )
        response = await run_in_threadpool(receiver.receive, delivery)
        if response.answer is not None:
            return JSONResponse(response.answer, status_code=response.status)
        return PlainTextResponse(response.text, status_code=response.status)

    return routes


async def _body(request: Request) -> bytes | None:
    """None as soon as it is longer than anything of Slack's."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BYTES:
            return None
    return bytes(body)
