"""The HTTP application: which routes there are, and who may ask them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from advisor import __version__
from advisor.surfaces.web import changes, decisions, pages, pause, report
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.guard import Guard
from advisor.surfaces.web.handlers import tell_problems
from advisor.surfaces.web.openapi import describe

_PREFIX = "/api/v1"


def application(
    backing: Backing, access: Access, *, guarded: Sequence[APIRouter] = (), open_routers: Sequence[APIRouter] = ()
) -> ASGIApp:
    """All routes but health and metrics. guarded: further ones, with their whole paths, that ask for a token as ours.

    open_routers: those that know by themselves whom they let in; their paths have no parameters.
    """
    app = FastAPI(
        title="Tuning advisor",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        default_response_class=Response,
    )
    open_paths = frozenset(route.path for router in open_routers for route in router.routes if isinstance(route, Route))

    @cache
    def description() -> dict[str, Any]:
        return describe(app, open_paths, access)

    own = APIRouter(prefix=_PREFIX)
    for part in (report.router(backing), changes.router(backing), decisions.router(backing), pause.router(backing)):
        own.include_router(part)
    for router in (own, *guarded, *open_routers, pages.router(backing, description)):
        app.include_router(router)
    tell_problems(app)
    return Guard(app, access, open_paths=open_paths, pages=pages.PATHS)
