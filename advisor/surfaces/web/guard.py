"""Who may ask: what every request goes through but those for health and metrics.

Refusing is the rule: a path that nobody has declared open asks for a token, also one that does not exist.
"""

import math
import time
from collections.abc import Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from advisor.surfaces.alerts.text import visible
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.problems import RefusedError, refusal

log = structlog.get_logger()

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TOLD_SECONDS, _MOST_TOLD = 60.0, 1_000


class Guard:
    """Lets those requests through to `app` that may, with who asks as `scope["state"]["who"]`. ASGI.

    open_paths: for everybody. pages: paths that a browser may open with a token as the password.
    """

    def __init__(self, app: ASGIApp, access: Access, *, open_paths: Collection[str], pages: Collection[str]) -> None:
        self._app = app
        self._access = access
        self._open_paths = frozenset(open_paths)
        self._pages = frozenset(pages)
        self._told: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._admit(scope)
        except RefusedError as error:
            self._tell(error, _peer(scope), scope["path"])
            await refusal(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admit(self, scope: MutableMapping[str, Any]) -> None:
        """Raises RefusedError."""
        path, headers = scope["path"], Headers(scope=scope)
        if path in self._open_paths:
            return
        who = self._access.person(_peer(scope), headers, is_page=path in self._pages)
        if scope["method"] not in _SAFE:
            _refuse_other_sites(headers)
        scope["state"] = {**scope.get("state", {}), "who": who}

    def _tell(self, error: RefusedError, peer: str, path: str) -> None:
        """Once a minute of each address: an Alertmanager whose token is wrong does not come again."""
        now = time.monotonic()
        if now - self._told.get(peer, -math.inf) < _TOLD_SECONDS:
            return
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        self._told[peer] = now
        status, reason = error.status_code, error.detail
        log.warning("request_refused", status=status, peer=peer, path=visible(path, 100), reason=reason, fix=error.fix)


def _peer(scope: MutableMapping[str, Any]) -> str:
    return scope["client"][0] if scope.get("client") else ""


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
