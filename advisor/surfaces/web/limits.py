"""How large a request's body may be, of what type, and how long it may take to arrive: a property of the route."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message, Receive

from advisor.surfaces.web.problems import RefusedError

MEBIBYTE = 1 << 20


class LimitedRoute(APIRoute):
    """Reads bodies of JSON, of a mebibyte at most, that arrive within ten seconds.

    A body that is longer is answered with 413, one of another type with 415, one that is late with 408. Another limit
    is another class: `limited(...)` as the `route_class` of a router.
    """

    body_bytes: ClassVar[int] = MEBIBYTE
    body_seconds: ClassVar[float] = 10.0
    media_type: ClassVar[str] = "application/json"

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_limited(request: Request) -> Response:
            if _has_body(request):
                self._check_head(request)
                return await handle(Request(request.scope, self._bounded(request.receive)))
            return await handle(request)

        return handle_limited

    def _check_head(self, request: Request) -> None:
        """What the head of a request tells already needs no reading."""
        declared = request.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > self.body_bytes:
            raise self._too_large()
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given != self.media_type:
            what = f"the body's type is {given[:100]!r}" if given else "the body's type is not given"
            raise RefusedError(415, what, fix=f"send Content-Type: {self.media_type}")

    def _bounded(self, receive: Receive) -> Receive:
        deadline, arrived = asyncio.get_running_loop().time() + self.body_seconds, 0

        async def receive_bounded() -> Message:
            nonlocal arrived
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                what = f"the body did not arrive within {self.body_seconds:g} s"
                raise RefusedError(408, what, fix="send it again") from None
            arrived += len(message.get("body", b""))
            if arrived > self.body_bytes:
                raise self._too_large()
            return message

        return receive_bounded

    def _too_large(self) -> RefusedError:
        return RefusedError(413, f"the body is longer than {self.body_bytes} bytes", fix="send less at once")


def limited(
    body_bytes: int = LimitedRoute.body_bytes,
    body_seconds: float = LimitedRoute.body_seconds,
    media_type: str = LimitedRoute.media_type,
) -> type[LimitedRoute]:
    """The class of routes with these limits."""
    own = {"body_bytes": body_bytes, "body_seconds": body_seconds, "media_type": media_type}
    return type("LimitedRoute", (LimitedRoute,), own)


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
