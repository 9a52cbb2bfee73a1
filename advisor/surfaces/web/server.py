"""Serves the HTTP application from a thread of its own. Implements Surface."""

import asyncio
import socket
import threading
from typing import ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from advisor.model.errors import ConfigurationError
from advisor.settings.fields.address import host_and_port

_STOP_SECONDS = 5.0


class BoundedProtocol(H11Protocol):
    """Hangs up on whoever does not finish the head of a request in time, and on those who are too many.

    Bodies have limits of their own, by route.
    """

    head_seconds: ClassVar[float] = 10.0
    most_connections: ClassVar[int] = 200
    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            transport.abort()
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        if self._head_due is None:
            self._await_head()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._head_due = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None


class WebServer:
    """Serves `application` at `listen_address` between start and stop."""

    name = "web"

    def __init__(
        self, listen_address: str, application: ASGIApp, protocol: type[BoundedProtocol] = BoundedProtocol
    ) -> None:
        """Binds at once. Raises ConfigurationError for an address that is bad or taken."""
        host, port = _host_and_port(listen_address)
        self._socket = _bind(host, port, listen_address)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            application,
            http=protocol,
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # who the peer is decides whom a trusted proxy is believed
            lifespan="on",
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
        self._thread.join(timeout=_STOP_SECONDS)
        self._socket.close()


def _host_and_port(listen_address: str) -> tuple[str, int]:
    try:
        return host_and_port(listen_address)
    except ValueError as error:
        raise ConfigurationError(str(error), where="web.listen_address", fix="an address of this machine") from None


def _bind(host: str, port: int, listen_address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: without it asyncio leaves Nagle's delay on, and an answer takes 40 ms to be sent.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
