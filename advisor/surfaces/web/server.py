"""The daemon's HTTP endpoints: health, readiness and metrics, on loopback."""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from advisor.model.errors import ConfigurationError
from advisor.settings.fields.address import host_and_port

if TYPE_CHECKING:
    from fastapi import APIRouter

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the endpoints answer. healthy and ready give "" when all is well, else what is wrong. role: who leads."""

    healthy: Callable[[], str]
    ready: Callable[[], str]
    role: Callable[[], str]
    metrics: Callable[[], bytes]


def application(health: Health, routers: "Sequence[APIRouter]" = ()) -> Starlette:
    """The three pages that need no token, and the routes of others."""

    async def healthy(_: Request) -> Response:
        return _verdict(health.healthy(), "healthy")

    async def ready(_: Request) -> Response:
        return _verdict(health.ready(), f"ready: {health.role()}")

    async def metrics(_: Request) -> Response:
        return Response(health.metrics(), media_type=_METRICS_TYPE)

    routes: list[BaseRoute] = [Route("/-/healthy", healthy), Route("/-/ready", ready), Route("/metrics", metrics)]
    if not routers:
        return Starlette(routes=routes)
    from fastapi import FastAPI

    served = FastAPI(openapi_url=None, routes=routes)
    for router in routers:
        served.include_router(router)
    return served


def _verdict(problem: str, good: str) -> Response:
    return PlainTextResponse(f"{problem or good}\n", status_code=503 if problem else 200)


class WebServer:
    """Serves `health` at `listen_address` from a thread of its own, between start and stop."""

    def __init__(self, listen_address: str, health: Health, routers: "Sequence[APIRouter]" = ()) -> None:
        """Binds at once. Raises ConfigurationError for an address that is bad, taken, or open to the network."""
        host, port = _loopback(listen_address)
        self._socket = _bind(host, port, listen_address)
        self.address = f"http://{host}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            application(health, routers),
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="web", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns within 5 seconds, whether the last request was answered or not."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()


def _loopback(listen_address: str) -> tuple[str, int]:
    try:
        return host_and_port(listen_address)
    except ValueError as error:
        raise ConfigurationError(
            str(error), where="web.listen_address", fix="a loopback address, as nobody is asked for a token"
        ) from None


def _bind(host: str, port: int, listen_address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # whoever comes before the server's thread has begun waits instead of being refused
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on {listen_address}: {error.strerror}",
            where="web.listen_address",
            fix="choose another port, or 0 for any free one",
        ) from error
    return listener
