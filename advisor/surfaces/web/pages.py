"""Pages for a browser: what the daemon is about, and the description of the API. They run nothing and load nothing.

They only show: a person decides on the command line, in Slack, or through the API. So a browser that carries its
credentials along by itself can be made to do nothing.
"""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse, Response

from advisor.surfaces.documents.overview import overview
from advisor.surfaces.formats.page import STYLE, to_html
from advisor.surfaces.views.change import change_view, changes_view
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.openapi import as_page

PATHS = frozenset({"/", "/docs", "/openapi.json"})
_SHOWN_CHANGES = 20
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
}


def router(backing: Backing, describe: Callable[[], dict[str, Any]]) -> APIRouter:
    """describe: the OpenAPI document."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def front() -> Response:
        records, environment = backing.records, backing.environment
        open_change = records.open_change(environment)
        page = records.page(environment, _SHOWN_CHANGES)
        document = overview(
            backing.report(),
            change_view(open_change.without_samples()) if open_change is not None else None,
            changes_view(environment, page.changes, records.paused(), next_page=page.next),
        )
        return HTMLResponse(to_html(document), headers=_HEADERS)

    @routes.get("/docs")
    def docs() -> Response:
        return HTMLResponse(as_page(describe(), STYLE), headers=_HEADERS)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return JSONResponse(describe())

    return routes
