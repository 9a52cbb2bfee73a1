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
MOST_HELD_BYTES = 4 * MOST_BYTES
"""Of all bodies that are being read or looked through at once; whoever comes then is to come again."""
_BODY_SECONDS = 30.0
_RETRY_SECONDS = "5"
_REFUSALS: dict[int | str, dict[str, object]] = {
    400: {"description": "No JSON, an unknown version, or alerts that are no list."},
    408: {"description": f"The body did not come within {_BODY_SECONDS:g} s."},
    413: {"description": f"Over {MOST_BYTES // 1024**2} MiB."},
    415: {"description": "Another type than application/json."},
    503: {"description": "Too much waits; the sender is to come again."},
}
_GROUP = {
    "alerts": {"type": "array", "items": {}},
    "groupKey": {"description": "A text; anything else counts as none."},
    "receiver": {"description": "A text; anything else counts as none."},
    "truncatedAlerts": {"description": "A count of alerts that were not sent; anything else counts as none."},
}
_ANYTHING = {"type": ["integer", "number", "string", "boolean", "object", "array"]}
"""But null: who sends an orgId is Grafana, whatever it is."""
_SENDERS = [
    {"required": ["version", "alerts"], "properties": {"version": {"const": "4"}, **_GROUP}},
    {
        "required": ["version", "alerts", "orgId"],
        "properties": {"version": {"const": "1"}, "orgId": _ANYTHING, **_GROUP},
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


class _Refusal(HTTPException):
    """fix: what the sender's owner can do, for the problem that the application makes of it."""

    def __init__(self, status: int, detail: str, fix: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.fix = fix


@dataclass(slots=True, kw_only=True)
class _Webhook:
    """held: bytes of bodies that are in memory now. Used by the server's event loop alone."""

    inbox: Inbox
    counted: Callable[[str, str, int], None]
    held: int = 0

    async def take_alerts(self, request: Request) -> AlertReceipt:
        """What became of each alert. Alertmanager sends again only after a 5xx, Grafana never."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise self._refusal(415, "the body's type is another", "send Content-Type: application/json", request)
        pieces: list[bytes] = []
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                await self._read(request, pieces)
            return await run_in_threadpool(lambda: self.inbox.take(read_group(b"".join(pieces))))
        except TimeoutError:
            what = f"the body did not come within {_BODY_SECONDS:g} s"
            raise self._refusal(408, what, "see the network between the two", request) from None
        except _TooLongError:
            what = f"the body is over {MOST_BYTES // 1024**2} MiB"
            raise self._refusal(413, what, "set max_alerts in the receiver's webhook_config", request) from None
        except _TooManyError:
            raise self._refusal(503, "too many bodies come at once", "send the group again", request) from None
        except BodyError as error:
            what = f"{error.where}: {error.what}" if error.where else error.what
            raise self._refusal(400, what, error.fix, request) from None
        except ClientDisconnect:
            raise self._refusal(400, "the sender hung up before the body had come", "", request) from None
        except InboxFullError as error:
            raise _Refusal(503, error.what, error.fix, {"Retry-After": _RETRY_SECONDS}) from None
        finally:
            self.held -= sum(map(len, pieces))

    async def _read(self, request: Request, pieces: list[bytes]) -> None:
        """The body, piece by piece, so that neither what is too long nor many at once are ever held whole.

        Raises _TooLongError, _TooManyError, ClientDisconnect.
        """
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > MOST_BYTES:
            raise _TooLongError
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > MOST_BYTES:
                raise _TooLongError
            if self.held + len(piece) > MOST_HELD_BYTES:
                raise _TooManyError
            pieces.append(piece)
            self.held += len(piece)

    def _refusal(self, status: int, what: str, fix: str, request: Request) -> HTTPException:
        """Counted and said in the log: hardly any sender comes again."""
        self.counted("unknown", f"http_{status}", 1)
        sender = request.client.host if request.client is not None else "unknown"
        log.warning("alert_body_refused", status=status, sender=sender, reason=what, fix=fix)
        return _Refusal(status, what, fix, {"Retry-After": _RETRY_SECONDS} if status == 503 else None)


class _TooLongError(Exception):
    """The body is longer than is read."""


class _TooManyError(Exception):
    """So much is held already that no more may come."""
