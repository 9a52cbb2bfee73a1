"""One WebSocket of Socket Mode, by slack_sdk's built-in client, which is kept from reconnecting by itself.

Left alone that client asks for new addresses in a loop when Slack closes what it opens, and spins on a connection that
ends without a word; here a session that is over is over, and only its supervisor opens another one.
"""

import json
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

import structlog
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from advisor.surfaces.slack.hearing.interactions import Answer
from advisor.surfaces.slack.hearing.payload import Payload, read_payload
from advisor.surfaces.slack.hearing.replies import UntoldError

log = structlog.get_logger()

_INTERACTIVE = "interactive"
_THREADS = 4
_PING_SECONDS = 5
_BUFFER_BYTES = 65_536


class SocketSession:
    """Open from the start where it could be opened; `over` is set as soon as it is no use any more."""

    def __init__(self, url: str, handle: Callable[[Payload], Answer]) -> None:
        """url: as apps.connections.open gave it; it holds a ticket, and is good for one connection."""
        self.over = threading.Event()
        self._handle = handle
        self._client = _Client(url, self.over)
        self._client.socket_mode_request_listeners.append(self._taken)
        self._client.connect()

    @property
    def is_open(self) -> bool:
        return self._client.is_connected() and not self.over.is_set()

    def close(self) -> None:
        """Takes some seconds at most; what is being decided is decided before."""
        self._client.end()

    def _taken(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Decided first, acknowledged then: what is not acknowledged comes again, and a decision counts once."""
        payload = read_payload(json.dumps(request.payload)) if request.type == _INTERACTIVE else None
        try:
            answer = self._handle(payload) if payload is not None else None
        except UntoldError as error:
            log.warning("slack_interaction_untold", error=str(error))  # not acknowledged either
            return
        except Exception:
            log.exception("slack_interaction_crashed")  # not acknowledged: whoever pressed sees that it failed
            return
        body = dict(answer) if answer is not None else None
        client.send_socket_mode_response(SocketModeResponse(request.envelope_id, body))


class _Client(SocketModeClient):
    """Does not reconnect, logs nothing (addresses are secrets), and notices an end of which nobody tells."""

    def __init__(self, url: str, over: threading.Event) -> None:
        self._over = over
        self._loud: _LoudSocket | None = None
        quiet = logging.getLogger("advisor.slack_sdk")
        quiet.setLevel(logging.CRITICAL)
        super().__init__(
            app_token="",
            logger=quiet,
            auto_reconnect_enabled=False,
            ping_interval=_PING_SECONDS,
            receive_buffer_size=_BUFFER_BYTES,
            concurrency=_THREADS,
            on_error_listeners=[lambda _: over.set()],
            on_close_listeners=[lambda *_: over.set()],
        )
        self.wss_uri = url

    def connect(self) -> None:
        super().connect()
        if self.current_session is not None and self.current_session.sock is not None:
            self._loud = _LoudSocket(self.current_session.sock)
            self.current_session.sock = self._loud  # type: ignore[assignment]

    def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Slack asks for this ahead of closing a connection: a matter of the supervisor."""
        self._over.set()

    def end(self) -> None:
        if self._loud is not None:
            self._loud.wake()
        self.close()


class _LoudSocket:
    """A socket whose end is an error: the library takes the empty answer for "nothing yet", and asks again at once."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def recv(self, size: int) -> bytes:
        received: bytes = self._inner.recv(size)
        if not received:
            raise ConnectionResetError("the connection has ended")
        return received

    def wake(self) -> None:
        """End a wait for more."""
        try:
            self._inner.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
