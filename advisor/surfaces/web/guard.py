"""Who may ask: what every request goes through but those for health and metrics.

Refusing is the rule: a path that nobody has declared open asks for a token, also one that does not exist.
"""

from collections.abc import Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from advisor.surfaces.web.access import Access
from advisor.surfaces.web.problems import RefusedError, refusal

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


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
        try:
            self._admit(scope)
        except RefusedError as error:
            await refusal(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

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
