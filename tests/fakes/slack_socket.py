"""The other end of Socket Mode: a WebSocket over a plain socket on loopback, as apps.connections.open would name it."""

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PONG = 1, 8, 10


class SocketSlack:
    """What connects stays in `sessions`; what is acknowledged in `acknowledged`, by the id of the envelope."""

    def __init__(self) -> None:
        self.url = ""
        self.sessions: list[socket.socket] = []
        self.acknowledged: dict[str, Mapping[str, Any]] = {}
        self._changed = threading.Condition()
        self._count = 0
        self._threads: list[threading.Thread] = []

    @contextmanager
    def running(self) -> Iterator["SocketSlack"]:
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{listener.getsockname()[1]}/link/?ticket=secret-of-a-ticket&app_id=A0ADVISOR"
        threading.Thread(target=self._accept, args=(listener,), name="socket-slack", daemon=True).start()
        try:
            yield self
        finally:
            listener.close()
            for session in self.sessions:
                with suppress(OSError):
                    session.shutdown(socket.SHUT_RDWR)
            for thread in self._threads:
                thread.join(timeout=5)

    def wait_for_sessions(self, number: int, seconds: float = 10.0) -> None:
        """So many were opened since the start."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.sessions) >= number, seconds)

    def push(self, payload: Mapping[str, Any], kind: str = "interactive") -> Mapping[str, Any]:
        """Send it over the newest session, and wait for what it is acknowledged with."""
        with self._changed:
            self._count += 1
            envelope = f"envelope-{self._count}"
            body = {"envelope_id": envelope, "type": kind, "accepts_response_payload": True, "payload": payload}
            _send(self.sessions[-1], _TEXT, json.dumps(body).encode())
            assert self._changed.wait_for(lambda: envelope in self.acknowledged, 10.0)
            return self.acknowledged[envelope]

    def ask_to_reconnect(self) -> None:
        """As Slack does some seconds before it closes a connection."""
        _send(self.sessions[-1], _TEXT, json.dumps({"type": "disconnect", "reason": "warning"}).encode())

    def say_goodbye(self) -> None:
        """The closing frame."""
        _send(self.sessions[-1], _CLOSE, struct.pack("!H", 1000))

    def hang_up(self) -> None:
        """The connection ends without a word."""
        self.sessions[-1].shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                session, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(session,), name="socket-slack-session", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, session: socket.socket) -> None:
        with session, session.makefile("rb") as request, suppress(OSError, struct.error):
            key = _key(iter(request.readline, b"\r\n"))
            accept = base64.b64encode(hashlib.sha1(f"{key}{_MAGIC}".encode()).digest()).decode()
            head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
            session.sendall("\r\n".join([*head, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode())
            _send(session, _TEXT, b'{"type": "hello", "num_connections": 1}')
            with self._changed:
                self.sessions.append(session)
                self._changed.notify_all()
            while self._read(session, request):
                pass

    def _read(self, session: socket.socket, request: Any) -> bool:
        """One frame of the client's; False at the end."""
        first, second = struct.unpack("!BB", request.read(2))
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", request.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", request.read(8))
        mask = request.read(4)
        data = bytes(byte ^ mask[place % 4] for place, byte in enumerate(request.read(length)))
        match first & 0x0F:
            case 9:
                _send(session, _PONG, data)
            case 1:
                said = json.loads(data)
                with self._changed:
                    self.acknowledged[said["envelope_id"]] = said.get("payload") or {}
                    self._changed.notify_all()
            case 8:
                return False
        return True


def _key(lines: Iterator[bytes]) -> str:
    headers = dict(line.decode().strip().split(": ", 1) for line in list(lines)[1:])
    return headers["Sec-WebSocket-Key"]


def _send(session: socket.socket, opcode: int, data: bytes) -> None:
    length = struct.pack("!B", len(data)) if len(data) < 126 else struct.pack("!BH", 126, len(data))
    session.sendall(struct.pack("!B", 0x80 | opcode) + length + data)
