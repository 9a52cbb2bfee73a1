"""Health, readiness and metrics: what everybody may ask who can reach it, every few seconds."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from advisor.surfaces.web.problems import refusal

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the endpoints answer. healthy and ready give "" when all is well, else what is wrong. role: who leads."""

    healthy: Callable[[], str]
    ready: Callable[[], str]
    role: Callable[[], str]
    metrics: Callable[[], bytes]


PAGES = {
    "/-/healthy": "Whether the daemon lives",
    "/-/ready": "Whether the last cycle went well, and who leads",
    "/metrics": "For Prometheus",
}


def health_pages(health: Health) -> Starlette:
    """Answered from memory, beside whatever else runs."""

    async def healthy(_: Request) -> Response:
        return _verdict(health.healthy(), "healthy")

    async def ready(_: Request) -> Response:
        return _verdict(health.ready(), f"ready: {health.role()}")

    async def metrics(_: Request) -> Response:
        return Response(health.metrics(), media_type=_METRICS_TYPE)

    routes = [Route(path, page) for path, page in zip(PAGES, (healthy, ready, metrics), strict=True)]
    return Starlette(routes=routes, exception_handlers={HTTPException: _refused})


async def _refused(_: Request, error: Exception) -> Response:
    return refusal(error) if isinstance(error, HTTPException) else Response(status_code=500)


def _verdict(trouble: str, good: str) -> Response:
    return PlainTextResponse(f"{trouble or good}\n", status_code=503 if trouble else 200)
