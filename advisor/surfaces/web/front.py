"""The front of the house: health at once, and all the rest once somebody asks for it first.

A daemon of which nobody asks more than health and metrics carries no FastAPI.
"""

import asyncio
from collections.abc import Callable

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from advisor.surfaces.web.headers import with_safe_headers
from advisor.surfaces.web.health import PAGES, Health, health_pages
from advisor.surfaces.web.leftovers import Leftovers

_THREADS = 4
"""Requests that use the journal at the same time: no more than it has connections; others wait their turn."""


class Front:
    """ASGI. load: makes the application, once: at once, or for the first who asks, in a thread of its own."""

    def __init__(self, health: Health, load: Callable[[], ASGIApp], *, at_once: bool = False) -> None:
        self._health = health_pages(health)
        self._load = load
        self._loaded = load() if at_once else None
        self._has_few_threads = False
        self._loading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._health(scope, receive, send)
            return
        # HEAD is GET without its body, which the server leaves out by itself.
        asked = dict(scope, method="GET") if scope["method"] == "HEAD" else scope
        body = Leftovers(scope, receive, send)
        app = self._health if scope["path"] in PAGES else await self._application()
        await app(asked, body.receive, with_safe_headers(body.send))

    async def _application(self) -> ASGIApp:
        async with self._loading:
            if not self._has_few_threads:
                to_thread.current_default_thread_limiter().total_tokens = _THREADS
                self._has_few_threads = True
            if self._loaded is None:
                self._loaded = await to_thread.run_sync(self._load)
        return self._loaded
