"""Health, readiness and metrics: what everybody may ask who can reach it."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from advisor.surfaces.web.health import Health

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def router(health: Health) -> APIRouter:
    """Asked by probes and by Prometheus, every few seconds: answered from memory, beside whatever else runs."""
    routes = APIRouter(tags=["health"], default_response_class=PlainTextResponse)
    verdicts: dict[int | str, dict[str, Any]] = {200: _text("All is well."), 503: _text("What is wrong.")}

    @routes.get("/-/healthy", responses=verdicts, summary="Whether the daemon lives")
    async def healthy() -> Response:
        return _verdict(health.healthy(), "healthy")

    @routes.get("/-/ready", responses=verdicts, summary="Whether the last cycle went well, and who leads")
    async def ready() -> Response:
        return _verdict(health.ready(), f"ready: {health.role()}")

    @routes.get("/metrics", responses={200: _text("The text format.")}, summary="For Prometheus")
    async def metrics() -> Response:
        return Response(health.metrics(), media_type=_METRICS_TYPE)

    return routes


def _verdict(trouble: str, good: str) -> Response:
    return PlainTextResponse(f"{trouble or good}\n", status_code=503 if trouble else 200)


def _text(what: str) -> dict[str, Any]:
    return {"description": what, "content": {"text/plain": {"schema": {"type": "string"}}}}
