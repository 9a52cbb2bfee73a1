"""A Prometheus that misbehaves on command: a loopback HTTP server which answers as a test tells it to."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from advisor.settings.prometheus import PrometheusSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """announced: the Content-Length to claim, if not the true one. drip_seconds: pause after every 1,000 bytes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    wait_seconds: float = 0.0
    drip_seconds: float = 0.0


def success(kind: str, result: Any, **more: Any) -> Reply:
    """A well-formed answer."""
    return Reply(
        body=json.dumps({"status": "success", "data": {"resultType": kind, "result": result}, **more}).encode()
    )


def vector(*values: str, labels: Mapping[str, str] | None = None, at: float = 0.0, **more: Any) -> Reply:
    """One series for each value, told apart by a label that no signal has."""
    rows = [{"metric": {**(labels or {}), "n": str(n)}, "value": [at, value]} for n, value in enumerate(values)]
    return success("vector", rows, **more)


@dataclass(slots=True)
class Scripted:
    """`replies` are given in turn, the last one for ever; `other` to each query with a text in it. `forms` are what was
    asked.
    """

    url: str = ""
    replies: deque[Reply] = field(default_factory=deque)
    other: dict[str, Reply] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def answer(self, *replies: Reply) -> None:
        self.replies = deque(replies)

    def next_reply(self, query: str) -> Reply:
        for text, reply in self.other.items():
            if text in query:
                return reply
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]


def settings_for(server: Scripted, **changes: Any) -> PrometheusSettings:
    """The agents' preset and short patience."""
    wanted = {"url": server.url, "presets": ("agents",), "timeout_seconds": "1s", **changes}
    return PrometheusSettings.model_validate(wanted)


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Runs it on a free port."""
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            script.bodies.append(self.rfile.read(length))
            form = parse_qs(script.bodies[-1].decode())
            asked = {name: values[0] for name, values in form.items()}
            script.forms.append(asked)
            script.headers.append(dict(self.headers.items()))
            script.times.append(time.monotonic())
            reply = script.next_reply(asked.get("query", ""))
            time.sleep(reply.wait_seconds)
            try:
                self._send(reply)
            except OSError:
                return  # the client has had enough

        do_GET = do_POST  # noqa: N815

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) if reply.announced is None else reply.announced))
            self.end_headers()
            step = 1000 if reply.drip_seconds else max(1, len(reply.body))
            for start in range(0, len(reply.body), step):
                self.wfile.write(reply.body[start : start + step])
                self.wfile.flush()
                time.sleep(reply.drip_seconds)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
