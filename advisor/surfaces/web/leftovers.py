"""What is still on its way of a request that is answered already.

Who hangs up on a peer that is still sending takes the answer away from it: the system then throws away what the peer
has not read yet. So the rest is read and dropped first, and what does not come to an end is hung up on.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

_DROP_SECONDS = 2.0
_DROP_BYTES = 32 << 20
_LATE = 408


class Leftovers:
    """Stands between the server and an application, for one request."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._receive, self._send = receive, send
        self._is_whole = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
        self._waits_to_be_asked = "expect" in headers  # who reads asks for it

    async def receive(self) -> Message:
        message = await self._receive()
        self._is_whole = self._is_whole or not message.get("more_body", False)
        self._waits_to_be_asked = False
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self._is_whole:
            if message["status"] != _LATE and not self._waits_to_be_asked:
                await self._drop()
            if not self._is_whole:
                MutableHeaders(scope=message)["Connection"] = "close"
        await self._send(message)

    async def _drop(self) -> None:
        dropped = 0
        try:
            async with asyncio.timeout(_DROP_SECONDS):
                while not self._is_whole and dropped <= _DROP_BYTES:
                    dropped += len((await self.receive()).get("body", b""))
        except TimeoutError:
            pass
