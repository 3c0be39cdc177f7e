"""uvicorn's HTTP protocol with a bound on what it holds before there is a request, and problems for what is none."""

import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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
        """Count no longer: the body has bounds of its own."""
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer with a problem and close; `msg` is for the log."""
        self.transport.write(_ANSWER)
        self.transport.close()
