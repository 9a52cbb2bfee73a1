"""Health, readiness and metrics: the pages that ask for no token."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the endpoints answer. healthy and ready give "" when all is well, else what is wrong. role: who leads."""

    healthy: Callable[[], str]
    ready: Callable[[], str]
    role: Callable[[], str]
    metrics: Callable[[], bytes]


def router(health: Health) -> APIRouter:
    """Asked by probes and by Prometheus, every few seconds: answered from memory, beside whatever else runs."""
    routes = APIRouter(tags=["health"], default_response_class=PlainTextResponse)
    text = {"content": {"text/plain": {"schema": {"type": "string"}}}}
    verdicts = {200: {"description": "All is well.", **text}, 503: {"description": "What is wrong.", **text}}

    @routes.get("/-/healthy", responses=verdicts, summary="Whether the daemon lives")
    async def healthy() -> Response:
        return _verdict(health.healthy(), "healthy")

    @routes.get("/-/ready", responses=verdicts, summary="Whether the last cycle went well, and who leads")
    async def ready() -> Response:
        return _verdict(health.ready(), f"ready: {health.role()}")

    @routes.get("/metrics", responses={200: {"description": "The text format.", **text}}, summary="For Prometheus")
    async def metrics() -> Response:
        return Response(health.metrics(), media_type=_METRICS_TYPE)

    return routes


def _verdict(trouble: str, good: str) -> Response:
    return PlainTextResponse(f"{trouble or good}\n", status_code=503 if trouble else 200)
