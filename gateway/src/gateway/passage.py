"""One request on its way through: its body inward, the answer outward.

The one thing to know: small bodies cross in one piece each way, larger ones as they come, never held whole. An answer that
breaks off is broken off for the client too, so that nobody takes a part for the whole.
"""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import structlog
from starlette.types import Message, Receive, Scope, Send

from gateway import forwarding
from gateway.client import ServiceUnavailableError, Upstreams
from gateway.upstreams import UpstreamRoute
from shared.http.problems import problem_of, problem_response

log = structlog.get_logger(__name__)

SMALL_BYTES = 64 * 1024
CLIENT_SILENCE_SECONDS = 30.0
"""A client that sends nothing of its body for so long has lost its place."""


class BodyTooLargeError(Exception):
    """The client sends more than the address takes."""


class ClientGoneError(Exception):
    """The client went away, or fell silent, before its request was complete."""


class RequestBody:
    """The body of a request as the client sends it."""

    def __init__(self, receive: Receive, bytes_max: int) -> None:
        self._receive = receive
        self._bytes_left = bytes_max
        self.complete = False
        self.fault: BodyTooLargeError | ClientGoneError | None = None

    async def start(self) -> bytes | AsyncIterator[bytes] | None:
        """Return a small body whole, a larger one as it comes, None where there is none."""
        beginning = b""
        while not self.complete and len(beginning) <= SMALL_BYTES:
            beginning += await self._next()
        return (beginning or None) if self.complete else self._stream(beginning)

    async def _stream(self, beginning: bytes) -> AsyncIterator[bytes]:
        yield beginning
        while not self.complete:
            yield await self._next()

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(CLIENT_SILENCE_SECONDS):
                message = await self._receive()
        except TimeoutError:
            message = {"type": "http.disconnect"}
        if message["type"] == "http.disconnect":
            self.fault = ClientGoneError()
            raise self.fault
        chunk: bytes = message.get("body", b"")
        self._bytes_left -= len(chunk)
        if self._bytes_left < 0:
            self.fault = BodyTooLargeError()
            raise self.fault
        self.complete = not message.get("more_body", False)
        return chunk


class Passage:
    """One request for which the edge has found a route and admitted the caller."""

    def __init__(self, upstreams: Upstreams, route: UpstreamRoute, scope: Scope, receive: Receive, send: Send) -> None:
        self._upstreams = upstreams
        self._route = route
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body = RequestBody(receive, route.body_bytes_max)
        self._started = False

    async def run(self) -> None:
        """Pass the request on and its answer back."""
        try:
            await self._exchange(await self._body.start())
        except BodyTooLargeError:
            await self._refuse_body()
        except ClientGoneError:
            log.info("proxy.client_gone", service=self._route.service)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            await self._fail(error)

    async def _exchange(self, data: bytes | AsyncIterator[bytes] | None) -> None:
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        headers = forwarding.inward(self._scope["headers"], request_id)
        request = self._upstreams.request(
            self._route.service, self._scope["method"], _target(self._scope), headers=headers, data=data
        )
        async with request as answer:
            await self._hand_back(answer)

    async def _hand_back(self, answer: aiohttp.ClientResponse) -> None:
        start: Message = {
            "type": "http.response.start",
            "status": answer.status,
            "headers": forwarding.outward(answer.raw_headers),
        }
        length = answer.content_length
        if length is not None and length <= SMALL_BYTES:
            body = await answer.read()
            self._started = True
            await self._send(start)
            await self._send({"type": "http.response.body", "body": body})
            return
        self._started = True
        await self._send(start)
        await self._stream_back(answer)

    async def _stream_back(self, answer: aiohttp.ClientResponse) -> None:
        gone = asyncio.ensure_future(self._receive()) if self._body.complete else None
        try:
            async for chunk in answer.content.iter_any():
                if gone is not None and gone.done():
                    raise ClientGoneError
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            if gone is not None:
                gone.cancel()
        await self._send({"type": "http.response.body", "body": b""})

    async def _fail(self, error: Exception) -> None:
        """Answer for a service that did not; a fault of the body's sender shows here as one of the connection."""
        if isinstance(self._body.fault, BodyTooLargeError):
            await self._refuse_body()
            return
        if self._body.fault is not None:
            log.info("proxy.client_gone", service=self._route.service)
            return
        log.warning("proxy.service_failed", service=self._route.service, error=repr(error), broken_off=self._started)
        if not self._started:
            refusal = problem_of(ServiceUnavailableError(self._route.service))
            await refusal(self._scope, self._receive, self._send)
        # An answer that began is left incomplete: the server then closes the connection, which tells the client.

    async def _refuse_body(self) -> None:
        detail = "The body is larger than this address takes: send it in parts."
        refusal = problem_response(413, "body_too_large", detail)
        if not self._started:
            await refusal(self._scope, self._receive, self._send)


def _target(scope: Scope) -> str:
    path: str = scope["raw_path"].decode("latin-1")
    query: bytes = scope["query_string"]
    return f"{path}?{query.decode('latin-1')}" if query else path
