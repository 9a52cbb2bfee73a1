"""What every request goes through first, whatever it asks for: who asks, from where, and how answers are kept safe.

Refusing is the rule: a path that nobody has declared open asks for a token, also one that does not exist.
"""

from collections.abc import Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from advisor.surfaces.web.access import Access
from advisor.surfaces.web.leftovers import Leftovers
from advisor.surfaces.web.problems import RefusedError, refusal

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer that does not say otherwise."""


class Guard:
    """Lets those requests through to `app` that may, with who asks as `scope["state"]["who"]`. ASGI.

    open_paths: for everybody. pages: paths that a browser may open with a token as the password.
    """

    def __init__(self, app: ASGIApp, access: Access, *, open_paths: Collection[str], pages: Collection[str]) -> None:
        self._app = app
        self._access = access
        self._open_paths = frozenset(open_paths)
        self._pages = frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # HEAD is GET without its body, which the server leaves out by itself.
        asked = dict(scope, method="GET") if scope["method"] == "HEAD" else scope
        body = Leftovers(scope, receive, send)
        answer = _with_headers(body.send)
        try:
            self._admit(asked)
        except RefusedError as error:
            await refusal(error)(asked, body.receive, answer)
            return
        await self._app(asked, body.receive, answer)

    def _admit(self, scope: MutableMapping[str, Any]) -> None:
        """Raises RefusedError."""
        path, headers = scope["path"], Headers(scope=scope)
        if path in self._open_paths:
            return
        peer = scope["client"][0] if scope.get("client") else ""
        who = self._access.person(peer, headers, is_page=path in self._pages)
        if scope["method"] not in _SAFE:
            _refuse_other_sites(headers)
        scope["state"] = {**scope.get("state", {}), "who": who}


def _refuse_other_sites(headers: Headers) -> None:
    """A browser says which site a request comes from: one of another site acts in a name that is not its own.

    Programs say nothing, and are let through: nobody can make them ask against their will.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        is_own = site in ("same-origin", "none")
    else:
        is_own = origin is None or urlsplit(origin).netloc == headers.get("host", "")
    if not is_own:
        raise RefusedError(403, "the request comes from a page of another site")


def _with_headers(send: Send) -> Send:
    async def send_safely(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_safely
