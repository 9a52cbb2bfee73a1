"""The HTTP application: which routes there are, and who may ask them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from advisor import __version__
from advisor.surfaces.web import pages
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.guard import Guard
from advisor.surfaces.web.health import Health
from advisor.surfaces.web.openapi import describe
from advisor.surfaces.web.problems import tell_problems
from advisor.surfaces.web.routes import changes, decisions, pause, report
from advisor.surfaces.web.routes import health as health_routes

_PREFIX = "/api/v1"
_THREADS = 4
"""Requests that use the journal at the same time: no more than it has connections; others wait their turn."""


def application(
    health: Health,
    backing: Backing,
    access: Access,
    *,
    guarded: Sequence[APIRouter] = (),
    open_routers: Sequence[APIRouter] = (),
) -> ASGIApp:
    """All routes. guarded: further ones, with their whole paths, that ask for a token as ours do.

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
        lifespan=_few_threads,
    )
    free = (health_routes.router(health), *open_routers)
    open_paths = frozenset(route.path for router in free for route in router.routes if isinstance(route, Route))

    @cache
    def description() -> dict[str, Any]:
        return describe(app, open_paths, asks_for_token=access.tokens is not None)

    own = APIRouter(prefix=_PREFIX)
    for part in (report.router(backing), changes.router(backing), decisions.router(backing), pause.router(backing)):
        own.include_router(part)
    for router in (*free, own, *guarded, pages.router(backing, description)):
        app.include_router(router)
    tell_problems(app)
    return Guard(app, access, open_paths=open_paths, pages=pages.PATHS)


@asynccontextmanager
async def _few_threads(_: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = _THREADS
    yield
