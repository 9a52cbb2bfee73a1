"""POST /api/v1/alerts. Who may send is the application's concern, and so is the form of an error.

Imports FastAPI: wiring imports it only where the webhook is served.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from advisor.surfaces.alerts.body import BodyError, read_group
from advisor.surfaces.alerts.inbox import Inbox, InboxFullError
from advisor.surfaces.views.alert import AlertReceipt

log = structlog.get_logger()

PATH = "/api/v1/alerts"
MOST_BYTES = 16 * 1024 * 1024
"""A group of 10,000 alerts is 5 to 10 MB, and senders do not send again what is refused with a 4xx."""
_BODY_SECONDS = 30.0
_TOO_LONG = f"the body is over {MOST_BYTES // 1024**2} MiB: set max_alerts in the receiver's webhook_config"
_REFUSALS: dict[int | str, dict[str, object]] = {
    400: {"description": "No JSON, an unknown version, or alerts that are no list."},
    408: {"description": f"The body did not come within {_BODY_SECONDS:g} s."},
    413: {"description": f"Over {MOST_BYTES // 1024**2} MiB."},
    415: {"description": "Another type than application/json."},
    503: {"description": "Too much waits; the sender is to come again."},
}
_GROUP = {
    "alerts": {"type": "array", "items": {}},
    "groupKey": {"type": "string"},
    "receiver": {"type": "string"},
    "truncatedAlerts": {"type": "integer", "minimum": 0},
}
_SENDERS = [
    {"required": ["version", "alerts"], "properties": {"version": {"const": "4"}, **_GROUP}},
    {
        "required": ["version", "alerts", "orgId"],
        "properties": {"version": {"const": "1"}, "orgId": {"type": "integer"}, **_GROUP},
    },
]
"""Alertmanager and Grafana. One alert that cannot be read is told in the answer, and refuses nothing else."""
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"anyOf": [{"type": "object", **one} for one in _SENDERS]}}},
    }
}


def router(inbox: Inbox, counted: Callable[[str, str, int], None]) -> APIRouter:
    """counted: told of each body that was refused, by sender ("unknown"), outcome ("http_400") and how many.

    Errors are HTTPExceptions, which the application turns into problems.
    """
    routes, hook = APIRouter(), _Webhook(inbox=inbox, counted=counted)
    routes.add_api_route(
        PATH,
        hook.take_alerts,
        methods=["POST"],
        status_code=202,
        summary="Take a notification of Alertmanager or Grafana, and look at what it is about.",
        response_model=AlertReceipt,
        response_class=JSONResponse,
        responses=_REFUSALS,
        openapi_extra=_BODY,
    )
    return routes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Webhook:
    inbox: Inbox
    counted: Callable[[str, str, int], None]

    async def take_alerts(self, request: Request) -> AlertReceipt:
        """What became of each alert. Alertmanager sends again only after a 5xx, Grafana never."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise self._refusal(415, "Content-Type: application/json is expected", request)
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                raw = await _body_of(request)
            return await run_in_threadpool(lambda: self.inbox.take(read_group(raw)))
        except TimeoutError:
            raise self._refusal(408, f"the body did not come within {_BODY_SECONDS:g} s", request) from None
        except _TooLongError:
            raise self._refusal(413, _TOO_LONG, request) from None
        except BodyError as error:
            raise self._refusal(400, str(error), request) from None
        except ClientDisconnect:
            raise self._refusal(400, "the sender hung up before the body had come", request) from None
        except InboxFullError as error:
            raise HTTPException(status_code=503, detail=str(error)) from None

    def _refusal(self, status: int, detail: str, request: Request) -> HTTPException:
        """Counted and said in the log: it does not come again."""
        self.counted("unknown", f"http_{status}", 1)
        sender = request.client.host if request.client is not None else "unknown"
        log.warning("alert_body_refused", status=status, sender=sender, reason=detail)
        return HTTPException(status_code=status, detail=detail)


class _TooLongError(Exception):
    """The body is longer than is read."""


async def _body_of(request: Request) -> bytes:
    """The body, read piece by piece, so that what is too long is never held whole. Raises _TooLongError."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > MOST_BYTES:
        raise _TooLongError
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MOST_BYTES:
            raise _TooLongError
        pieces.append(piece)
    return b"".join(pieces)
