"""The wire under the double of Slack: real HTTP on loopback, and the ways in which it fails."""

import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class Fault(StrEnum):
    """How a call fails; any other text is an error of Slack's own, such as "channel_not_found"."""

    DOWN = "down"
    """The connection is reset before anything was done."""
    RESET_AFTER = "reset_after"
    """It is reset once the work was done: the caller cannot know."""
    SERVER_ERROR = "500"
    HTML = "html"
    """A proxy's page with status 200."""
    EMPTY = "empty"
    TOO_FAST = "429"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. method: such as "chat.postMessage"; for other addresses the path. token: as it was sent."""

    method: str
    token: str
    arguments: Mapping[str, Any]
    body: bytes = b""
    is_json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. body: sent as JSON where it is no bytes."""

    status: int = 200
    body: Mapping[str, Any] | bytes = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    """The connection is reset instead."""


@contextmanager
def served(answer: Callable[[Call], Reply]) -> Iterator[str]:
    """The address, such as "http://127.0.0.1:4711/", of a server of its own that gives every request to `answer`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            address = urlsplit(self.path)
            arguments = dict(parse_qsl(address.query)) | _arguments(body, self.headers.get_content_type())
            bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            call = Call(
                method=address.path.removeprefix("/api/"),
                token=bearer or str(arguments.get("token", "")),
                arguments=arguments,
                body=body,
                is_json=self.headers.get_content_type() == "application/json",
            )
            self._send(answer(call))

        do_GET = do_POST  # noqa: N815
        do_PUT = do_POST  # noqa: N815

        def _send(self, reply: Reply) -> None:
            if reply.drop:
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            is_raw = isinstance(reply.body, bytes)
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            kind = "text/html" if is_raw else "application/json"
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever hangs up ends alone; what else goes wrong is the double's own fault, and shown."""
            if not isinstance(sys.exc_info()[1], OSError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="slack", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def faulty(fault: str, work: Callable[[], Reply]) -> Reply:
    """What is answered where `fault` strikes; only RESET_AFTER has the work done."""
    match fault:
        case Fault.DOWN:
            return Reply(drop=True)
        case Fault.RESET_AFTER:
            work()
            return Reply(drop=True)
        case Fault.SERVER_ERROR:
            return Reply(status=503, body=b"upstream connect error")
        case Fault.HTML:
            return Reply(body=b"<html><body>Please log in</body></html>")
        case Fault.EMPTY:
            return Reply(body=b"")
        case Fault.TOO_FAST:
            return too_fast(1)
        case error:
            return Reply(body={"ok": False, "error": error})


def too_fast(seconds: int) -> Reply:
    """Come back after so many seconds."""
    return Reply(status=429, body={"ok": False, "error": "ratelimited"}, headers={"Retry-After": str(seconds)})


def _arguments(body: bytes, kind: str) -> dict[str, Any]:
    """Form fields, of which those that hold JSON are read, as Slack does; or a JSON object."""
    try:
        text = body.decode("utf-8")
        if kind == "application/json":
            read = json.loads(text) if text else {}
            return read if isinstance(read, dict) else {}
        fields = dict(parse_qsl(text, keep_blank_values=True)) if kind.endswith("urlencoded") else {}
    except ValueError:
        return {}
    return {name: _json(value) for name, value in fields.items()}


def _json(value: str) -> Any:
    if not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
