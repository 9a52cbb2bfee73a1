"""POST /slack/interactions: open to whoever has no token, closed to whoever cannot sign as Slack does."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

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
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Taken; what became of it is told in Slack, or in the form that was sent.",
        "content": {"text/plain": {}, "application/json": {"schema": {"type": "object"}}},
    },
    400: {"description": "Signed, and not to be understood."},
    401: {"description": "Not signed by Slack, or too long ago."},
    409: {"description": "Signed, and taken before."},
    413: {"description": "Larger than anything that Slack sends."},
    503: {"description": "Signed, and nothing was decided: too many wait, or the advisor stops."},
}


def router(receiver: Receiver) -> APIRouter:
    """The one route of Slack's, which checks its signature itself.

    Refusals are HTTPExceptions, to which the application gives their form.
    """
    routes = APIRouter(tags=["slack"])

    @routes.post(
        PATH,
        summary="What somebody pressed in Slack",
        responses=_RESPONSES,
        openapi_extra={"requestBody": _BODY},
        response_class=PlainTextResponse,
    )
    async def interactions(request: Request) -> Response:
        body = await _body(request)
        delivery = Delivery(
            body=body,
            content_type=request.headers.get("Content-Type", "").lower(),
            moment=request.headers.get(TIME_HEADER),
            signature=request.headers.get(SIGNATURE_HEADER),
        )
        response = await run_in_threadpool(receiver.receive, delivery)
        if response.status != 200:
            headers = {"WWW-Authenticate": "Slack-Signature"} if response.status == 401 else None
            raise HTTPException(response.status, response.text, headers)
        if response.answer is not None:
            return JSONResponse(response.answer)
        return PlainTextResponse(response.text)

    return routes


async def _body(request: Request) -> bytes:
    """Raises HTTPException as soon as it is longer than anything of Slack's, or ends before its end."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_BYTES:
                raise HTTPException(413, f"the body is over {_LONGEST_BYTES // 1024} KiB")
    except ClientDisconnect:
        raise HTTPException(400, "the sender hung up before the body had come") from None
    return bytes(body)
