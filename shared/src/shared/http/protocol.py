"""uvicorn's HTTP protocol with a bound on what it holds before there is a request, and problems for what is none.

The one thing to know: uvicorn writes the head and the body of an answer one by one, which costs two system calls and wakes
the client twice. `JoiningHttpProtocol` writes what belongs together at once; measured, that is half as many answers again.
Who has a whole answer in hand gives it to the ASGI extension `WHOLE_ANSWER`, which costs less than both messages.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES_MAX = 64 * 1024

_NOT_HTTP = {
    "type": "/problems/malformed_request",
    "title": "Bad Request",
    "status": 400,
    "detail": f"This is not an HTTP/1.1 request with at most {HEAD_BYTES_MAX} bytes of address and headers.",
    "code": "malformed_request",
    "errors": [],
    "request_id": None,
}
_BODY = json.dumps(_NOT_HTTP).encode()
_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(_BODY), _BODY)
)


WHOLE_ANSWER = "openitem.whole_answer"
"""The ASGI extension that writes an answer in one piece."""
WholeAnswer = Callable[[int, Iterable[tuple[bytes, bytes]], bytes], bool]
"""Takes status, headers without the length, and body; where it returns False nothing was sent, and the messages have to be."""


def _write_whole(cycle: RequestResponseCycle, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
    """Answer a request as uvicorn's `send` would; what is not ordinary is left to that."""
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused or not cycle.keep_alive:
        return False
    content = [STATUS_LINE[status]]
    for name, value in (*cycle.default_headers, *headers):
        content += (name, b": ", value, b"\r\n")
    content += (b"content-length: %d\r\n\r\n" % len(body), body)
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join(content))
    cycle.message_event.set()
    cycle.on_response()
    return True


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends a connection that sends more of an address and headers than a server should hold."""

    _in_head = False
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Parse what came. What belongs to no complete head is counted until its end."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Count no longer: the body has bounds of its own. Let the answer be written in one piece."""
        self._in_head = False
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            extensions: Any = {WHOLE_ANSWER: partial(_write_whole, self.cycle)}
            self.scope["extensions"] = extensions

    def send_400_response(self, msg: str) -> None:
        """Answer with a problem and close; `msg` is for the log."""
        self.transport.write(_ANSWER)
        self.transport.close()


class JoinedWrites:
    """A transport that writes what is given to it in one turn of the event loop at the end of that turn, in one piece."""

    PIECE_BYTES_MAX = 64 * 1024
    """What is larger is written at once, so that the transport's own flow control is never behind."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []
        self._bytes = 0

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's own."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write at the end of this turn."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes > self.PIECE_BYTES_MAX:
            self._flush()

    def close(self) -> None:
        """Write what waits, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            piece = b"".join(self._waiting)
            self._waiting.clear()
            self._bytes = 0
            self._transport.write(piece)


class JoiningHttpProtocol(BoundedHttpProtocol):
    """Writes an answer's head and body in one piece where they come at once."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Have what is written pass through `JoinedWrites`."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport, self.loop)))
