"""A TCP connection that a test can cut: what is sent goes on to the server while it is whole, and nowhere after."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE = 65536


class Wire:
    """Listens on `port`. Cut, it takes connections and bytes and says nothing, as a network does that loses packets."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._whole = threading.Event()
        self._whole.set()
        self._ended = threading.Event()
        self.port = int(self._listener.getsockname()[1])

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    def serve(self) -> None:
        """Until `end`."""
        self._listener.settimeout(0.1)
        while not self._ended.is_set():
            with suppress(TimeoutError):
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()
        self._listener.close()

    def end(self) -> None:
        self._ended.set()
        self._whole.set()

    def _carry(self, client: socket.socket) -> None:
        self._whole.wait()
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._server_port)) as server:
            other = {client: server, server: client}
            with selectors.DefaultSelector() as selector:
                for end in other:
                    selector.register(end, selectors.EVENT_READ)
                while not self._ended.is_set():
                    for key, _ in selector.select(timeout=0.1):
                        piece = key.fileobj.recv(_PIECE)  # type: ignore[union-attr]
                        if not piece:
                            return
                        self._whole.wait()
                        other[key.fileobj].sendall(piece)  # type: ignore[index]


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """To a server on loopback."""
    wire = Wire(port)
    thread = threading.Thread(target=wire.serve)
    thread.start()
    try:
        yield wire
    finally:
        wire.end()
        thread.join()
